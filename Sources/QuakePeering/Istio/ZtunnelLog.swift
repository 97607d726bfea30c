import QuakeCluster
import QuakeKube
import QuakeRecord
import Synchronization

/// The access log of one ztunnel: connections of probers to gateways of other networks that ended with an error.
final class ZtunnelLog: Sendable {
    private final class Probers: Sendable {
        /// Addresses of the probers' pods.
        let addresses = Mutex<Set<String>>([])
    }

    private let probers: Probers
    private let log: FollowedLog

    /// - Parameter start: lines before it are left out; Unix nanoseconds.
    init(_ cluster: Cluster, _ pod: JSONValue, from start: Int64) {
        let probers = Probers()
        self.probers = probers
        log = FollowedLog(cluster, pod, from: start) { line in
            guard let entry = ZtunnelAccessLine(line), entry.isToGateway, let failure = entry.failure,
                probers.addresses.withLock({ $0.contains(entry.sourceAddress) })
            else { return nil }
            return AgentRecord(at: entry.at, .proxyFailure(failure))
        }
    }

    /// Whose connections are told of from now on.
    func follow(_ probers: Set<String>) { self.probers.addresses.withLock { $0 = probers } }

    /// What is new since a cursor, which counts from 1.
    func page(from cursor: UInt64) async throws -> RecordPage { try await log.page(from: cursor) }
}
