import Glibc
package import QuakeCluster
import Synchronization

/// The latest records of an agent, numbered from 1. The oldest go when it is full.
package final class RecordRing: Sendable {
    private struct State {
        var records: [AgentRecord?]
        var next: UInt64 = 1
    }

    private let state: Mutex<State>
    private let capacity: Int
    package let incarnation: String

    package init(capacity: Int = 65_536, incarnation: String = "\(getpid())-\(unixNanoseconds())") {
        self.capacity = capacity
        self.incarnation = incarnation
        state = Mutex(State(records: Array(repeating: nil, count: capacity)))
    }

    package func append(_ record: AgentRecord) {
        state.withLock { state in
            state.records[Int(state.next % UInt64(capacity))] = record
            state.next += 1
        }
    }

    /// Records from `cursor` on (0 for the oldest), at most `limit`.
    package func page(from cursor: UInt64, limit: Int = 5000) -> RecordPage {
        state.withLock { state in
            let oldest = state.next > UInt64(capacity) ? state.next - UInt64(capacity) : 1
            let wanted = max(1, cursor)
            let first = min(max(wanted, oldest), state.next)
            let last = min(first + UInt64(limit), state.next)
            let records = (first..<last).compactMap { state.records[Int($0 % UInt64(capacity))] }
            return RecordPage(
                next: last, incarnation: incarnation, lost: cursor == 0 ? 0 : first - min(first, wanted),
                records: records)
        }
    }
}
