import QuakeBase
import QuakeCluster
import QuakeKube
import QuakeRecord
import Synchronization

/// The access log of one ztunnel, read through `pods/log`: connections of probers to gateways of other networks that ended with an
/// error. Times are those of ztunnel's node.
final class ZtunnelLog: Sendable {
    private struct State {
        /// Addresses of the probers' pods.
        var probers: Set<String> = []
        /// The kubelet's time of the last whole line that was read, in Unix nanoseconds.
        var last: Int64
        var records: [AgentRecord] = []
    }

    /// Of one reading.
    private static let patience = Duration.seconds(5)
    /// What is read at once; the rest comes with the next reading.
    private static let limit = 4 << 20

    private let cluster: Cluster
    private let pod: JSONValue
    private let state: Mutex<State>

    /// - Parameter start: lines before it are left out; Unix nanoseconds.
    init(_ cluster: Cluster, _ pod: JSONValue, from start: Int64) {
        self.cluster = cluster
        self.pod = pod
        state = Mutex(State(last: start))
    }

    /// Whose connections are told of from now on.
    func follow(_ probers: Set<String>) { state.withLock { $0.probers = probers } }

    /// What is new since a cursor, which counts from 1.
    func page(from cursor: UInt64) async throws -> RecordPage {
        let last = state.withLock { $0.last }
        // What was read already of its first second is left out below.
        let bytes = try await PodLog.read(pod, in: cluster, since: last, limit: Self.limit, timeout: Self.patience)
        return state.withLock { state in
            Self.read(bytes, into: &state)
            return RecordPage(of: state.records, from: cursor, incarnation: pod.uid)
        }
    }

    private static func read(_ bytes: [UInt8], into state: inout State) {
        // A last line without an end is cut off: it is read whole the next time.
        let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast()
        for bytes in lines {
            let line = String(decoding: bytes, as: UTF8.self)
            guard let space = line.firstIndex(of: " "), let time = ZtunnelTime.unixNanoseconds(line[..<space]),
                time > state.last
            else { continue }
            state.last = time
            guard let entry = ZtunnelAccessLine(line), entry.isToGateway, let failure = entry.failure,
                state.probers.contains(entry.sourceAddress)
            else { continue }
            state.records.append(AgentRecord(at: entry.at, .proxyFailure(failure)))
        }
    }
}

/// The readers of a run: each keeps what it has told.
final class ZtunnelLogs: Sendable {
    private let logs = Mutex<[String: ZtunnelLog]>([:])

    func log(of pod: JSONValue, in cluster: Cluster) -> ZtunnelLog {
        let key = "\(cluster.name)/\(pod.uid)"
        return logs.withLock { logs in
            let log = logs[key] ?? ZtunnelLog(cluster, pod, from: SystemClock.unix)
            logs[key] = log
            return log
        }
    }
}
