package import QuakeTimeline

/// Connections of one trial that a mesh's own proxy ended with an error, of one kind.
package struct ProxyFailureGroup: Sendable, Codable, Equatable {
    /// The client's cluster.
    package var cluster: String
    package var hop: ProxyHop
    /// What the proxy dialled: `address:port`.
    package var target: String
    /// The proxy's words.
    package var error: String
    package var count: Int
    package var longestMillis: Double
    /// Lane → how many of them it used; those whose lane is not known are in none.
    package var lanes: [String: Int]

    package init(
        cluster: String, hop: ProxyHop, target: String, error: String, count: Int, longestMillis: Double,
        lanes: [String: Int]
    ) {
        self.cluster = cluster
        self.hop = hop
        self.target = target
        self.error = error
        self.count = count
        self.longestMillis = longestMillis
        self.lanes = lanes
    }

    /// Those of connections that began during a trial: their lines may come after it. In the order of a connection's way, and then
    /// the most first.
    static func all(
        in events: [Event], during span: Interval, lanes: [Lane]
    ) -> [ProxyFailureGroup] {
        struct Kind: Hashable {
            var cluster: String
            var failure: [String]
        }
        let labels = Dictionary(
            lanes.map { ($0.id, EffectBuilder.label($0)) }, uniquingKeysWith: { first, _ in first })
        var groups: [Kind: ProxyFailureGroup] = [:]
        for event in events {
            guard case .proxyFailure(let cluster, let failure) = event.what else { continue }
            let began = event.at + .microseconds(Int64(-failure.millis * 1000))
            guard span.start <= began, began < span.end else { continue }
            let kind = Kind(cluster: cluster, failure: [failure.hop.rawValue, failure.target, failure.error])
            var group =
                groups[kind]
                ?? ProxyFailureGroup(
                    cluster: cluster, hop: failure.hop, target: failure.target, error: failure.error, count: 0,
                    longestMillis: 0, lanes: [:])
            group.count += 1
            group.longestMillis = max(group.longestMillis, failure.millis)
            if let label = failure.lane.flatMap({ labels[$0] }) { group.lanes[label, default: 0] += 1 }
            groups[kind] = group
        }
        return groups.values.sorted {
            ($0.hop, $1.count, $0.target, $0.error) < ($1.hop, $0.count, $1.target, $1.error)
        }
    }
}
