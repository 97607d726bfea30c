import QuakeBase
import QuakeCluster
import QuakeKube
import QuakeMesh
import QuakePlan

/// Istio's and Solo's objects, their annotations, and what their status says.
enum IstioObjects {
    static let ownType = IstioNames.ownType
    static let preferredType = IstioNames.preferredType
    static let nodeEntryLabel = "node.peer.solo.io/cluster"
    static let conditions = IstioNames.conditions

    static func gateways(_ namespace: String? = nil) -> ResourcePath {
        ResourcePath(group: "gateway.networking.k8s.io", resource: "gateways", namespace: namespace)
    }
    static let serviceEntries = ResourcePath(group: "networking.istio.io", resource: "serviceentries")
    static let workloadEntries = ResourcePath(group: "networking.istio.io", resource: "workloadentries")

    /// Nothing where the cluster does not know the kind.
    static func list(_ path: ResourcePath, labels: String? = nil, in cluster: Cluster) async throws -> [JSONValue] {
        do throws(KubeError) {
            return try await cluster.kube.list(path, labels: labels).items
        } catch {
            guard error.code == .notFound else { throw error }
            return []
        }
    }

    /// The address that a ServiceEntry's host stands for: its own, else the one that istiod gave it.
    static func address(of entry: JSONValue) -> String? {
        let own = (entry[path: "spec.addresses"]?.arrayValue ?? []).compactMap(\.stringValue)
        let given = (entry[path: "status.addresses"]?.arrayValue ?? []).compactMap { $0["value"]?.stringValue }
        return (own + given).first { $0.split(separator: ".").count == 4 && !$0.contains("/") }
    }

    static func image(of workload: JSONValue) -> String {
        workload.at("spec", "template", "spec", "containers", 0, "image")?.stringValue ?? "?"
    }
}

/// Waits until the control plane says that a method is programmed.
struct PeeringWait: Sendable {
    var client: Cluster
    var peer: String
    /// The client's Gateway of the peer.
    var gateway: JSONValue
    var method: PeeringMethod
    var patience: Duration

    /// - Throws: ``ClusterError`` that names what was seen last.
    func untilProgrammed() async throws {
        let what = "\(client.name): peering with \(peer) via \(method.rawValue)"
        do {
            try await poll(until: "\(what) programmed", within: patience, every: .milliseconds(200)) {
                () -> Look<Void> in
                let missing = try await missing()
                return missing.isEmpty ? .met(()) : .notYet(missing)
            }
        } catch let timeout as PollTimeout {
            throw ClusterError(.failed, "\(what) was not programmed in \(patience): \(timeout.last)")
        }
    }

    /// An annotation changes no generation, so conditions alone may be the last method's: the entries that are made of
    /// the peer's nodes tell the methods apart.
    private func missing() async throws -> String {
        let path = IstioObjects.gateways(gateway.namespace).named(gateway.name)
        let object = try await client.kube.get(path)
        for condition in IstioObjects.conditions where object.condition(condition) != "True" {
            return "condition \(condition) is \(object.condition(condition) ?? "absent")"
        }
        let entries = try await IstioObjects.list(
            IstioObjects.workloadEntries, labels: "\(IstioObjects.nodeEntryLabel)=\(peer)", in: client)
        switch (method, entries.isEmpty) {
        case (.nodePort, true): return "no WorkloadEntry of the peer's nodes"
        case (.loadBalancer, false): return "\(entries.count) WorkloadEntries of the peer's nodes are still there"
        default: return ""
        }
    }
}
