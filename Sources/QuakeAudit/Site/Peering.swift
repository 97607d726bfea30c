import QuakeBase
package import QuakeKube
package import QuakeMesh
package import QuakePlan

/// One direction of a peering, as the client's objects describe it.
package struct AuditPeering: Sendable {
    /// The client's name in the audit.
    package var client: String
    /// The server's name in the audit, or what the client's objects call it where it is not part of the audit.
    package var server: String
    /// `nil` where the server is not part of the audit.
    package var facts: ClusterFacts?
    /// In the client: the Gateway of class `istio-remote`, or the stand-in's Service of a balancer.
    package var object: JSONValue
    package var method: PeeringMethod
    /// Of the stand-in: how tunnels use connections.
    package var tunnels: TunnelMode?
}

/// Reads the peerings of a cluster as a client.
struct PeeringReader {
    let client: ClusterFacts
    let others: [ClusterFacts]

    func peerings() throws(Unchecked) -> [AuditPeering] {
        switch try client.mesh.get() {
        case .standin?: try standin()
        case .istio?, .solo?: try remotes()
        case nil: []
        }
    }

    private func standin() throws(Unchecked) -> [AuditPeering] {
        var found: [AuditPeering] = []
        for service in try client.snapshot.items(.services) {
            guard let peer = service.labels[MeshNames.peerLabel] else { continue }
            let facts = named(peer) ?? only
            let annotation = service.annotations[MeshNames.methodAnnotation]
            found.append(
                AuditPeering(
                    client: client.name, server: facts?.name ?? peer, facts: facts, object: service,
                    method: annotation == "nodeport" ? .nodePort : .loadBalancer,
                    tunnels: service.annotations[MeshNames.tunnelsAnnotation].flatMap(TunnelMode.init(rawValue:))))
        }
        return found
    }

    private func remotes() throws(Unchecked) -> [AuditPeering] {
        let mesh = try client.mesh.get()
        return try client.remotes.get().map { remote in
            let facts = server(of: remote)
            let label = remote.labels[WellKnown.cluster] ?? remote.labels[WellKnown.network]
            return AuditPeering(
                client: client.name, server: facts?.name ?? label ?? remote.name, facts: facts, object: remote,
                method: mesh == .solo ? Self.soloMethod(remote) : Self.istioMethod(remote, facts))
        }
    }

    private func named(_ peer: String) -> ClusterFacts? {
        others.first { $0.id == peer } ?? others.first { $0.name == peer }
    }

    /// Of two clusters that peer, the other one.
    private var only: ClusterFacts? { others.count == 1 ? others[0] : nil }

    private func server(of remote: JSONValue) -> ClusterFacts? {
        if let label = remote.labels[WellKnown.cluster], let found = named(label) { return found }
        if let network = remote.labels[WellKnown.network] {
            let same = others.filter { facts in
                ((try? facts.gateways.get()) ?? []).contains { $0.object.labels[WellKnown.network] == network }
            }
            if same.count == 1 { return same[0] }
        }
        return only
    }

    /// Whatever the case, for a rule is about the case.
    private static func soloMethod(_ remote: JSONValue) -> PeeringMethod {
        remote.annotations[IstioNames.preferredType]?.lowercased() == "nodeport" ? .nodePort : .loadBalancer
    }

    /// Open-source Istio has no word for it: the Gateway's addresses are nodes, or its port is a nodePort.
    private static func istioMethod(_ remote: JSONValue, _ server: ClusterFacts?) -> PeeringMethod {
        let nodes = (try? server?.nodes.get())?.compactMap(\.internalIP) ?? []
        if remote.addresses.contains(where: nodes.contains) { return .nodePort }
        return remote.hbonePort.map { (30_000...32_767).contains($0) } ?? false ? .nodePort : .loadBalancer
    }
}

extension JSONValue {
    /// `spec.addresses` of a Gateway.
    var addresses: [String] { (self[path: "spec.addresses"]?.arrayValue ?? []).compactMap { $0["value"]?.stringValue } }

    /// The port of a Gateway's listener for HBONE.
    var hbonePort: Int? {
        (self[path: "spec.listeners"]?.arrayValue ?? []).first { $0["protocol"]?.stringValue == "HBONE" }?["port"]?
            .intValue
    }
}
