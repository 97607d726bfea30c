import FoundationEssentials
import QuakeBase
import QuakeKube
import QuakeMesh
import QuakePlan

/// One cluster as rules look at it, among the others of the audit.
package struct AuditSite: Sendable {
    package let facts: ClusterFacts
    /// Peerings in which it is the client, and those in which it is the server.
    let outgoing: Result<[AuditPeering], Unchecked>
    let incoming: Result<[AuditPeering], Unchecked>
    let taken: Date

    package var name: String { facts.name }

    /// One for each cluster of a snapshot.
    package static func all(of snapshot: AuditSnapshot) -> [AuditSite] {
        let facts = snapshot.clusters.map { ClusterFacts($0) }
        let peerings = facts.map { client in
            Result { () throws(Unchecked) in
                try PeeringReader(client: client, others: facts.filter { $0.name != client.name }).peerings()
            }
        }
        return zip(facts, peerings).map { own, outgoing in
            let incoming = Result { () throws(Unchecked) in
                var found: [AuditPeering] = []
                for (client, peerings) in zip(facts, peerings) where client.name != own.name {
                    found += try peerings.get().filter { $0.server == own.name }
                }
                return found
            }
            return AuditSite(facts: own, outgoing: outgoing, incoming: incoming, taken: snapshot.taken)
        }
    }

    // MARK: - What there is

    /// - Throws: ``Unchecked``, as all below.
    func items(_ resource: AuditResource) throws(Unchecked) -> [JSONValue] { try facts.snapshot.items(resource) }
    func nodes() throws(Unchecked) -> [NodeView] { try facts.nodes.get() }
    func gateways() throws(Unchecked) -> [Workload] { try facts.gateways.get() }
    func istiods() throws(Unchecked) -> [Workload] { try facts.istiods.get() }
    func workloads() throws(Unchecked) -> [Workload] { try gateways() + istiods() }
    func mesh() throws(Unchecked) -> AuditMesh? { try facts.mesh.get() }

    /// Those that have a Deployment: without one there is nothing to say about replicas and places.
    func deployed(_ role: Workload.Role) throws(Unchecked) -> [Workload] {
        try (role == .gateway ? gateways() : istiods()).filter { $0.deployment != nil }
    }

    func node(_ name: String?) throws(Unchecked) -> NodeView? {
        try nodes().first { $0.name == name }
    }

    /// The budgets that select at least one of the workload's pods, or would select those of its template.
    func budgets(of workload: Workload) throws(Unchecked) -> [JSONValue] {
        try items(.budgets).filter { budget in
            guard budget.namespace == workload.namespace, let selector = budget[path: "spec.selector"] else {
                return false
            }
            return selector.selects(workload.labels) || workload.pods.contains { selector.selects($0.labels) }
        }
    }

    /// The autoscaler of a workload; `nil` for none.
    func autoscaler(of workload: Workload) throws(Unchecked) -> JSONValue? {
        try items(.autoscalers).first { autoscaler in
            let target = autoscaler[path: "spec.scaleTargetRef"]
            return autoscaler.namespace == workload.namespace && target?["kind"]?.stringValue == "Deployment"
                && target?["name"]?.stringValue == workload.name
        }
    }

    /// How many pods there are at least: the autoscaler's minimum where there is one, with where it is written.
    func minimum(of workload: Workload) throws(Unchecked) -> (pods: Int, object: JSONValue, field: String) {
        if let autoscaler = try autoscaler(of: workload) {
            return (autoscaler[path: "spec.minReplicas"]?.intValue ?? 1, autoscaler, "spec.minReplicas")
        }
        return (workload.replicas, workload.object, "spec.replicas")
    }

    // MARK: - Peering

    /// The methods by which others reach it. Solo's own Gateway says it too where no client is part of the audit.
    func methods() throws(Unchecked) -> Set<PeeringMethod> {
        var methods = Set(try incoming.get().map(\.method))
        if try mesh() == .solo {
            for gateway in try gateways()
            where gateway.gateway?.annotations[IstioNames.ownType]?.lowercased() == "nodeport" {
                methods.insert(.nodePort)
            }
        }
        return methods
    }
}
