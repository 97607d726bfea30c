import QuakeCluster
import QuakeKube

/// Reads what ztunnels know.
protocol ZtunnelReading: Sendable {
    /// The configuration of one ztunnel as it is now. Ends within seconds, by its answer or by throwing.
    ///
    /// - Parameter pod: the ztunnel's Pod.
    func config(of pod: JSONValue, in cluster: Cluster) async throws -> ZtunnelConfig
    /// Its levels of logging, as it writes them itself: `info,access=debug`.
    func logLevels(of pod: JSONValue, in cluster: Cluster) async throws -> String
}

/// By their admin servers.
struct ZtunnelAdmin: ZtunnelReading {
    private let admin: PodLoopback

    init(_ admin: PodLoopback = PodLoopback(port: ProxyLevels.port)) { self.admin = admin }

    func config(of pod: JSONValue, in cluster: Cluster) async throws -> ZtunnelConfig {
        try ZtunnelConfig(parsing: try await admin.send("/config_dump", to: pod, by: cluster.kubectl))
    }

    func logLevels(of pod: JSONValue, in cluster: Cluster) async throws -> String {
        try await ProxyLevels.read(of: pod, by: cluster.kubectl, admin)
    }
}
