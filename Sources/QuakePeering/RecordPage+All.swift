import QuakeRecord

extension RecordPage {
    /// What is new since a cursor, which counts from 1, of records of which none is ever dropped.
    init(of all: [AgentRecord], from cursor: UInt64, incarnation: String) {
        let first = min(Int(clamping: max(1, cursor)) - 1, all.count)
        self.init(next: UInt64(all.count) + 1, incarnation: incarnation, lost: 0, records: Array(all[first...]))
    }
}
