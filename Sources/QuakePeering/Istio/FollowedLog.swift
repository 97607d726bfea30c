import QuakeCluster
import QuakeKube
import QuakeRecord
import Synchronization

/// The log of one pod, read on through `pods/log`: what its lines tell, each line once. Times are those of the pod's node.
final class FollowedLog: Sendable {
    private struct State {
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
    private let read: @Sendable (String) -> AgentRecord?
    private let state: Mutex<State>

    /// - Parameters:
    ///   - start: lines before it are left out; Unix nanoseconds.
    ///   - read: what a line with the kubelet's time before it tells; `nil` for most.
    init(_ cluster: Cluster, _ pod: JSONValue, from start: Int64, read: @escaping @Sendable (String) -> AgentRecord?) {
        self.cluster = cluster
        self.pod = pod
        self.read = read
        state = Mutex(State(last: start))
    }

    /// What is new since a cursor, which counts from 1.
    func page(from cursor: UInt64) async throws -> RecordPage {
        let last = state.withLock { $0.last }
        // What was read already of its first second is left out below.
        let bytes = try await PodLog.read(pod, in: cluster, since: last, limit: Self.limit, timeout: Self.patience)
        return state.withLock { state in
            take(bytes, into: &state)
            return RecordPage(of: state.records, from: cursor, incarnation: pod.uid)
        }
    }

    private func take(_ bytes: [UInt8], into state: inout State) {
        // A last line without an end is cut off: it is read whole the next time.
        let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast()
        for bytes in lines {
            let line = String(decoding: bytes, as: UTF8.self)
            guard let space = line.firstIndex(of: " "), let time = ZtunnelTime.unixNanoseconds(line[..<space]),
                time > state.last
            else { continue }
            state.last = time
            if let record = read(line) { state.records.append(record) }
        }
    }
}
