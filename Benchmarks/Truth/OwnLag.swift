import QuakeTimeline

/// How late the prober's thread sent what was due, over all lanes.
struct OwnLag {
    /// What is due so near tells how late the thread was.
    private static let reach: Int64 = 20_000_000

    private let slots: [(due: Int64, lag: Int64)]

    init(_ samples: [LaneID: [Sample]]) {
        slots = samples.values.joined().map { ($0.due.nanoseconds, ($0.sent - $0.due).inNanoseconds) }
            .sorted { $0.0 < $1.0 }
    }

    /// - Parameter moment: nanoseconds since the run's origin.
    func greatest(near moment: Int64) -> Int64 {
        let from = slots.partitioningIndex { $0.due >= moment - Self.reach }
        return slots[from...].prefix { $0.due <= moment + Self.reach }.map(\.lag).max() ?? 0
    }
}
