import QuakePlan
import QuakeTimeline

/// Joins lost pinned connections with the redials that took their place. Pinned connections are used in turn, so the one
/// that was lost first is dialled again first.
///
/// A dial that is answered at all fills the place; it has healed it when a good answer first came over it:
///
///     lost ──► dial fails ──► dial fails ──► dial answered late ──► good answer
///              redial 1       redial 2       redial 3, open         healed by redial 3
struct RedialTracker {
    private let window: FaultWindow
    private let losses: [(sequence: UInt64, connection: UInt32, reason: String)]
    private var next = 0
    /// Redials whose place is empty, in the order in which they are dialled.
    private var pending: [Int] = []
    /// Connections that were dialled and over which no good answer has come yet → whose redial they are.
    private var open: [UInt32: Int] = [:]
    private var unhealed = 0
    private let isStream: Bool
    private(set) var redials: [Redial] = []
    private var seen: Set<UInt32> = []

    /// - Parameter events: of the trial, in order.
    init(_ window: FaultWindow, lane: Lane, events: [Event]) {
        self.window = window
        isStream = lane.mode == .stream
        losses = events.compactMap { event in
            guard case .connectionClosed(lane.id, let connection, let sequence, let reason) = event.what else {
                return nil
            }
            let due = lane.due(sequence)
            return window.interval.contains(due) ? (sequence, connection, reason) : nil
        }.sorted { $0.sequence < $1.sequence }
    }

    /// Whether every loss has been joined with the redial that healed it.
    var isOver: Bool { next >= losses.count && unhealed == 0 }

    /// Until which slot nothing but a dial concerns it: nearly every sample is one more answer over a connection that
    /// nothing is known against.
    var quietUntil: UInt64 { !open.isEmpty ? 0 : next < losses.count ? losses[next].sequence : .max }

    /// Samples in the order of their sequence, from the window's beginning on; those that tell of no dial and come before
    /// ``quietUntil`` may be left out.
    mutating func add(_ sample: Sample) {
        while next < losses.count, losses[next].sequence <= sample.sequence {
            lose(losses[next], at: sample.due)
            next += 1
        }
        if sample.outcome == .ok, let index = open.removeValue(forKey: sample.connection) { heal(index, by: sample) }
        guard sample.flags.tellOfADial else { return }
        // It shared the fate of a dial that counts already.
        if sample.flags.contains(.waited), sample.outcome != .ok { return }
        dialled(sample)
    }

    private mutating func lose(_ loss: (sequence: UInt64, connection: UInt32, reason: String), at due: RunInstant) {
        // It never answered well: the place that it filled is as empty as before.
        if let index = open.removeValue(forKey: loss.connection), redials[index].healedNanoseconds == nil {
            if !pending.contains(index) { pending.append(index) }
            return
        }
        unhealed += 1
        pending.append(redials.count)
        redials.append(
            Redial(
                connection: loss.connection, reason: loss.reason, lostNanoseconds: (due - window.at).inNanoseconds,
                dials: 0))
    }

    private mutating func dialled(_ sample: Sample) {
        guard let first = pending.first else {
            seen.insert(sample.connection)
            return
        }
        let isAnswered = isAnswered(sample.outcome)
        if redials[first].connection != sample.connection || isAnswered { redials[first].dials += 1 }
        guard sample.connection != 0, seen.insert(sample.connection).inserted else { return }
        if sample.outcome == .ok { return heal(first, by: sample) }
        open[sample.connection] = first
        if isAnswered { pending.removeFirst() }
    }

    private mutating func heal(_ index: Int, by sample: Sample) {
        guard redials[index].healedNanoseconds == nil else { return }
        pending.removeAll { $0 == index }
        unhealed -= 1
        redials[index].successor = sample.connection
        redials[index].healedNanoseconds = (sample.done - window.at).inNanoseconds
    }

    /// Whether a connection surely stays that was answered so: libcurl drops it where a transfer failed, and a stream ends
    /// with an answer of another status.
    private func isAnswered(_ outcome: Outcome) -> Bool {
        switch outcome {
        case .ok, .late, .wrongCluster: true
        case .httpStatus, .hiddenRetry: !isStream
        default: false
        }
    }
}
