import Glibc
import QuakeBase
package import QuakeRecord
import Synchronization

/// The latest records of an agent, numbered from 1. The oldest go when it is full.
package final class RecordRing: Sendable {
    private struct State {
        var records: [AgentRecord?]
        var next: UInt64 = 1
        var texts = SharedTexts()
    }

    private let state: Mutex<State>
    private let capacity: Int
    package let incarnation: String

    package init(capacity: Int = 65_536, incarnation: String = "\(getpid())-\(SystemClock.unix)") {
        self.capacity = capacity
        self.incarnation = incarnation
        state = Mutex(State(records: Array(repeating: nil, count: capacity)))
    }

    /// Numbers a record and keeps it; the oldest one is dropped where the ring is full. Never blocks for long.
    package func append(_ record: AgentRecord) {
        state.withLock { state in
            state.records[Int(state.next % UInt64(capacity))] = state.texts.share(record)
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

/// One copy of each text that records say again and again: a ring is as large when it is full as when it begins.
private struct SharedTexts {
    /// Far more than the addresses and pods that one agent dials between two starts of a long soak.
    private static let limit = 1024

    private var known: Set<String> = []

    mutating func share(_ record: AgentRecord) -> AgentRecord {
        guard case .dial(var dial) = record.what else { return record }
        for text in [\Dial<Int64>.targetNode, \.targetAddress, \.gatewayNode, \.gatewayPod, \.clientAddress] {
            dial[keyPath: text] = one(dial[keyPath: text])
        }
        return AgentRecord(at: record.at, .dial(dial))
    }

    private mutating func one(_ text: String) -> String {
        // Shorter ones are kept in place.
        guard text.utf8.count > 15 else { return text }
        if known.count >= Self.limit { known = [] }
        return known.insert(text).memberAfterInsert
    }
}
