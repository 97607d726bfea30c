import QuakeCluster
import QuakeKube
import QuakeRecord

/// Reads what east-west gateways carry.
protocol GatewayReading: Sendable {
    /// How many streams one gateway has taken in since it began. Ends within seconds, by its answer or by throwing.
    ///
    /// - Parameter pod: the gateway's Pod.
    func streams(of pod: JSONValue, in cluster: Cluster) async throws -> Int
}

/// By the admin servers of their Envoys.
struct EnvoyAdmin: GatewayReading {
    private let admin: PodLoopback

    init(_ admin: PodLoopback = PodLoopback(port: ProxyLevels.port)) { self.admin = admin }

    func streams(of pod: JSONValue, in cluster: Cluster) async throws -> Int {
        let text = try await admin.send("/clusters", to: pod, by: cluster.kubectl)
        guard let streams = Self.streams(in: String(decoding: text, as: UTF8.self)) else {
            throw KubeError(
                .decoding, "/clusters of the gateway's Envoy has no cluster \(Self.entry)",
                context: "\(pod.namespace)/\(pod.name)")
        }
        return streams
    }

    /// Where istiod sends what a CONNECT of ztunnel's carries (1.27 `pilot/pkg/networking/core/waypoint.go`, `MainInternalName`):
    /// a request for each stream. Istio leaves most of Envoy's counters out of `/stats`, but not those of endpoints.
    private static let entry = "main_internal"

    /// `nil` where there is no such cluster.
    ///
    ///     main_internal::envoy://main_internal/::rq_total::4711
    static func streams(in clusters: String) -> Int? {
        var sum: Int?
        for line in clusters.split(separator: "\n") where line.hasPrefix("\(entry)::") {
            let parts = line.split(separator: "::", omittingEmptySubsequences: false)
            guard parts.count >= 4, parts[parts.count - 2] == "rq_total", let count = parts.last.flatMap({ Int($0) })
            else { continue }
            sum = (sum ?? 0) + count
        }
        return sum
    }
}

/// What one gateway's pod carries, reading by reading: the streams that it took in since the last one.
actor GatewayLoad {
    private let cluster: Cluster
    private let pod: JSONValue
    private let reader: any GatewayReading
    private var last: Int?
    private var records: [AgentRecord] = []

    init(_ cluster: Cluster, _ pod: JSONValue, _ reader: any GatewayReading) {
        self.cluster = cluster
        self.pod = pod
        self.reader = reader
    }

    /// What is new since a cursor, which counts from 1. Readings in which nothing was carried leave no record.
    func page(from cursor: UInt64) async throws -> RecordPage {
        let streams = try await reader.streams(of: pod, in: cluster)
        // A container that was started again counts from 0.
        let new = last.map { streams >= $0 ? streams - $0 : streams } ?? 0
        last = streams
        if new > 0, let node = PodView(pod).node {
            records.append(AgentRecord(.carried(node: node, streams: new)))
        }
        return RecordPage(of: records, from: cursor, incarnation: pod.uid)
    }
}
