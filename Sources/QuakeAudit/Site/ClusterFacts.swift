import QuakeBase
import QuakeDecoding
import QuakeKube
import QuakeMesh

/// One cluster of a snapshot, read once for all rules.
package struct ClusterFacts: Sendable {
    package let snapshot: ClusterSnapshot
    let nodes: Result<[NodeView], Unchecked>
    let gateways: Result<[Workload], Unchecked>
    let istiods: Result<[Workload], Unchecked>
    /// `nil` where there is no east-west gateway.
    let mesh: Result<AuditMesh?, Unchecked>
    /// Gateways of class `istio-remote`.
    let remotes: Result<[JSONValue], Unchecked>

    package var name: String { snapshot.name }

    init(_ snapshot: ClusterSnapshot) {
        self.snapshot = snapshot
        let placed = Self.result { () throws(Unchecked) in try snapshot.items(.nodes).map { PlacedNode($0) } }
        nodes = placed.map { $0.map(\.view) }
        let objects = Self.result { () throws(Unchecked) in try snapshot.items(.gateways) }
        let pods = Self.result { () throws(Unchecked) in try snapshot.items(.pods) }
        let deployments = Self.result { () throws(Unchecked) in try snapshot.items(.deployments) }
        istiods = Self.result { () throws(Unchecked) in
            let pods = try pods.get()
            return try deployments.get().filter { $0.labels["app"] == MeshNames.istiod }.map {
                Workload(.istiod, deployment: $0, pods: pods, nodes: placed)
            }
        }
        let labelled = deployments.map { $0.filter { $0.labels[WellKnown.gatewayName] != nil } }
        let standins = labelled.map { $0.filter(Self.isStandin) }
        mesh = Self.result { () throws(Unchecked) in
            if try !standins.get().isEmpty { return .standin }
            return try objects.get().lazy.compactMap { gateway in
                Self.eastWest(gateway).map { Self.isStandin(gateway) ? .standin : $0 }
            }.first
        }
        gateways = Self.result { () throws(Unchecked) in
            let pods = try pods.get()
            let standins = try standins.get()
            if !standins.isEmpty {
                return standins.map { Workload(.gateway, deployment: $0, pods: pods, nodes: placed) }
            }
            let deployments = try labelled.get()
            return try objects.get().filter { Self.eastWest($0) != nil }.map { gateway in
                let own = deployments.first {
                    $0.namespace == gateway.namespace && $0.labels[WellKnown.gatewayName] == gateway.name
                }
                return Workload(.gateway, deployment: own, gateway: gateway, pods: pods, nodes: placed)
            }
        }
        remotes = objects.map { $0.filter { $0[path: "spec.gatewayClassName"]?.stringValue == IstioNames.remoteClass } }
    }

    private static func result<Value>(_ body: () throws(Unchecked) -> Value) -> Result<Value, Unchecked> {
        Result { () throws(Unchecked) in try body() }
    }

    /// The stand-in's own. Its Gateway is of a class that Solo has.
    private static func isStandin(_ object: JSONValue) -> Bool { object.labels[WellKnown.managedBy] == "peerquake" }

    private static func eastWest(_ gateway: JSONValue) -> AuditMesh? {
        AuditMesh.of(gatewayClass: gateway[path: "spec.gatewayClassName"]?.stringValue)
    }

    /// What the mesh calls the cluster: the label of its gateway, where it has one.
    var id: String {
        let objects = ((try? gateways.get()) ?? []).compactMap { $0.gateway ?? $0.deployment }
        return objects.lazy.compactMap { $0.labels[WellKnown.cluster] }.first ?? name
    }

    /// The gateways' Services.
    func services() throws(Unchecked) -> [JSONValue] {
        let names = try gateways.get().map { "\($0.namespace)/\($0.gatewayName)" }
        return try snapshot.items(.services).filter { service in
            service.labels[WellKnown.gatewayName].map { names.contains("\(service.namespace)/\($0)") } ?? false
        }
    }
}

extension Workload {
    /// As the label of its pods and its Service has it.
    var gatewayName: String { gateway?.name ?? deployment?.labels[WellKnown.gatewayName] ?? name }
}
