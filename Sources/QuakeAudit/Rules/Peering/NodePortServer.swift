import QuakeKube

/// The server of a peering via NodePort, as its own objects describe it.
struct NodePortServer {
    private let facts: ClusterFacts

    /// - Throws: ``Unchecked`` where it is not part of the audit.
    init(_ peering: AuditPeering) throws(Unchecked) {
        guard let facts = peering.facts else {
            throw Unchecked("cluster \(peering.server) is not part of the audit")
        }
        self.facts = facts
    }

    /// InternalIPs of Ready nodes that run a ready gateway pod, in the order of nodes.
    func addresses() throws(Unchecked) -> [String] {
        let hosts = Set(try facts.gateways.get().flatMap(\.ready).compactMap(\.node))
        return try facts.nodes.get().filter { $0.isReady && hosts.contains($0.name) }.compactMap(\.internalIP)
    }

    /// Of port 15008 of the gateway's Service.
    func port() throws(Unchecked) -> (port: Int, service: JSONValue)? {
        for service in try facts.services() {
            if let port = service.gatewayNodePort { return (port, service) }
        }
        return nil
    }
}
