/// A dial as agents tell it. Agents of older images speak the same: keys and words stay, and a word that is not known
/// reads as it always has, the method as LoadBalancer, the outcome as an error.
extension Dial: Codable where Moment == Int64 {
    private enum Key: String, CodingKey {
        case dialer, cluster, peer, method, began, millis, targetNode, targetAddress, gatewayPod, gatewayNode, outcome
        case phase, errno, clientAddress, clientPort, clientGoneMillis
    }

    private static var nodePort: String { "nodeport" }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Key.self)
        func text(_ key: Key) throws -> String { try values.decode(String.self, forKey: key) }
        self.init(
            dialer: try text(.dialer) == Dialer.loadBalancer.name ? .loadBalancer : .balancer,
            cluster: try text(.cluster), peer: try text(.peer),
            peering: try text(.method) == Self.nodePort ? .nodePort : .loadBalancer,
            began: try values.decode(Int64.self, forKey: .began),
            millis: try values.decode(Double.self, forKey: .millis), targetNode: try text(.targetNode),
            targetAddress: try text(.targetAddress), gatewayPod: try text(.gatewayPod),
            gatewayNode: try text(.gatewayNode), outcome: DialOutcome(name: try text(.outcome)) ?? .error,
            phase: try text(.phase) == DialPhase.tcp.name ? .tcp : .connect,
            errno: try values.decode(Int32.self, forKey: .errno), clientAddress: try text(.clientAddress),
            clientPort: UInt16(clamping: try values.decode(Int.self, forKey: .clientPort)),
            clientGoneMillis: try values.decodeIfPresent(Double.self, forKey: .clientGoneMillis))
    }

    package func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: Key.self)
        let method = peering.map { $0 == .nodePort ? Self.nodePort : "loadbalancer" } ?? ""
        let texts: [(Key, String)] = [
            (.dialer, dialer.name), (.cluster, cluster), (.peer, peer), (.method, method), (.targetNode, targetNode),
            (.targetAddress, targetAddress), (.gatewayPod, gatewayPod), (.gatewayNode, gatewayNode),
            (.outcome, outcome.name), (.phase, phase.name), (.clientAddress, clientAddress),
        ]
        for (key, text) in texts { try values.encode(text, forKey: key) }
        try values.encode(began, forKey: .began)
        try values.encode(millis, forKey: .millis)
        try values.encode(errno, forKey: .errno)
        try values.encode(clientPort, forKey: .clientPort)
        try values.encodeIfPresent(clientGoneMillis, forKey: .clientGoneMillis)
    }
}
