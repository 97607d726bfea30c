import QuakeTimeline

/// Joins lost pinned connections with the redials that took their place. Pinned connections are used in turn, so the one
/// that was lost first is dialled again first.
struct RedialTracker {
    private let window: FaultWindow
    private let losses: [(sequence: UInt64, connection: UInt32, reason: String)]
    private var next = 0
    private var pending: [Int] = []
    private(set) var redials: [Redial] = []
    private var seen: Set<UInt32> = []

    /// - Parameter events: of the trial, in order.
    init(_ window: FaultWindow, lane: Lane, events: [Event]) {
        self.window = window
        losses = events.compactMap { event in
            guard case .connectionClosed(lane.id, let connection, let sequence, let reason) = event.what else {
                return nil
            }
            let due = lane.due(sequence)
            return window.interval.contains(due) ? (sequence, connection, reason) : nil
        }.sorted { $0.sequence < $1.sequence }
    }

    /// Whether every loss has been joined with its redial.
    var isOver: Bool { next >= losses.count && pending.isEmpty }

    /// Samples in the order of their sequence, from the window's beginning on.
    mutating func add(_ sample: Sample) {
        while next < losses.count, losses[next].sequence <= sample.sequence {
            let loss = losses[next]
            pending.append(redials.count)
            redials.append(
                Redial(
                    connection: loss.connection, reason: loss.reason,
                    lostNanoseconds: (sample.due - window.at).inNanoseconds, dials: 0))
            next += 1
        }
        guard !sample.flags.contains(.extraConnection), !sample.flags.contains(.reused) else { return }
        // It shared the fate of a dial that counts already.
        if sample.flags.contains(.waited), sample.outcome != .ok { return }
        guard let first = pending.first else {
            seen.insert(sample.connection)
            return
        }
        if redials[first].connection != sample.connection || sample.outcome == .ok { redials[first].dials += 1 }
        guard sample.outcome == .ok, sample.connection != 0, seen.insert(sample.connection).inserted else { return }
        redials[first].successor = sample.connection
        redials[first].healedNanoseconds = (sample.done - window.at).inNanoseconds
        pending.removeFirst()
    }
}
