import QuakePlan
package import QuakeTimeline

/// What one lane of the trial under way has shown lately. Pure: what it says depends on its samples, the moment that is
/// asked about, and which seconds are suspect.
package struct LaneTrack: Sendable {
    /// What is known of one slot.
    enum Slot: UInt8, Sendable {
        case good, bad
        /// Bad, and found so when its deadline had passed.
        case late
        /// The prober's own failure.
        case client
    }

    /// How a slot counts.
    private enum Count { case good, bad, neither }

    /// How suspect slots are read that were not answered well in time.
    package enum Reading: Sendable {
        /// As good ones.
        case best
        /// As bad ones.
        case worst
    }

    package var lane: Lane
    /// Slots due from here on are not sent.
    package var end: RunInstant?
    package private(set) var good = 0
    package private(set) var bad = 0
    /// Sequence → what became of it, of the last stretch.
    private var slots: [UInt64: Slot] = [:]
    private var newest: UInt64?
    private var newestGood: UInt64?
    /// Whether it runs; before that nothing is due.
    package var isRunning: Bool

    package init(lane: Lane, isRunning: Bool = true) {
        self.lane = lane
        self.isRunning = isRunning
    }

    /// Samples come in the order in which they ended.
    ///
    /// - Parameter kept: at least so many slots are remembered.
    package mutating func add(_ sample: Sample, kept: UInt64 = 60_000) {
        let slot: Slot =
            switch sample.outcome {
            case .ok: .good
            case .late: .late
            case _ where sample.outcome.isClientFailure: .client
            default: .bad
            }
        if slot == .good { newestGood = max(newestGood ?? 0, sample.sequence) }
        if slot == .good { good += 1 } else if slot != .client { bad += 1 }
        slots[sample.sequence] = slot
        let last = max(newest ?? 0, sample.sequence)
        newest = last
        if UInt64(slots.count) > kept * 2 { slots = slots.filter { $0.key + kept > last } }
    }

    // MARK: - Outage

    /// How long the outage lasts that is under way: from its first bad slot to the end of the last one known to be bad.
    ///
    /// A slot older than its deadline without an answer is bad, though its sample comes when it times out. A younger one, and
    /// one that the prober itself failed to send, neither ends nor lengthens an outage:
    ///
    ///     known        good  bad   –    bad   –    bad   –     –
    ///     age > D       yes  yes  yes   yes  yes   yes   no    no
    ///                        └───────── outage ─────┘
    package func outage(at now: RunInstant, _ suspects: SuspectLedger, reading: Reading = .worst) -> Duration {
        guard isRunning, var sequence = newestDue(at: now) else { return .zero }
        var (first, last): (UInt64?, UInt64?) = (nil, nil)
        // No outage under way reaches further back, however little is remembered of its slots.
        let oldest = newestGood.map { $0 + 1 } ?? 0
        guard sequence >= oldest else { return .zero }
        walk: while true {
            switch count(sequence, at: now, suspects, reading) {
            case .good: break walk
            case .bad:
                first = sequence
                last = last ?? sequence
            case .neither: break
            }
            if sequence == oldest { break }
            sequence -= 1
        }
        guard let first, let last else { return .zero }
        return .nanoseconds(Int64(last - first + 1) * lane.periodNanoseconds)
    }

    private func newestDue(at now: RunInstant) -> UInt64? {
        let limit = end.map { min($0, now) } ?? now
        guard limit >= lane.origin, lane.periodNanoseconds > 0 else { return newest }
        let due = UInt64((limit.nanoseconds - lane.origin.nanoseconds) / lane.periodNanoseconds)
        return max(due, newest ?? 0)
    }

    private func count(_ sequence: UInt64, at now: RunInstant, _ suspects: SuspectLedger, _ reading: Reading) -> Count {
        let slot = slots[sequence]
        switch slot {
        case .good?: return .good
        case .client?: return .neither
        case .bad?, .late?: break
        case nil:
            let due = lane.due(sequence)
            guard due + lane.deadline < now, end.map({ due < $0 }) ?? true else { return .neither }
        }
        guard reading == .best else { return .bad }
        return isSuspect(sequence, slot, suspects) ? .good : .bad
    }

    /// As the analysis of the record has it.
    private func isSuspect(_ sequence: UInt64, _ slot: Slot?, _ suspects: SuspectLedger) -> Bool {
        let due = lane.due(sequence)
        if suspects.contains(due) { return true }
        return (slot == .late || slot == nil) && suspects.contains(due + lane.deadline)
    }

    // MARK: - Clean stretches

    /// Share of good slots over the last `length`, by both readings. A slot that is due and has not ended counts as bad, so
    /// that silence is no health.
    ///
    /// - Returns: `nil` where the lane has not run for so long.
    package func share(
        of length: Duration, at now: RunInstant, _ suspects: SuspectLedger
    ) -> (best: Double, worst: Double)? {
        // What is due within its deadline may still be under way.
        let end = now.nanoseconds - lane.deadlineNanoseconds - 150_000_000
        let start = end - length.inNanoseconds
        guard isRunning, start >= lane.origin.nanoseconds else { return nil }
        let period = lane.periodNanoseconds
        let first = (start - lane.origin.nanoseconds + period - 1) / period
        let last = (end - lane.origin.nanoseconds) / period
        guard last >= first else { return nil }
        var (best, worst) = (0, 0)
        for sequence in first...last {
            let slot = slots[UInt64(sequence)]
            if slot == .good {
                best += 1
                worst += 1
            } else if isSuspect(UInt64(sequence), slot, suspects) {
                best += 1
            } else if slot == .client {
                // It says nothing of the lane.
                best += 1
                worst += 1
            }
        }
        let count = Double(last - first + 1)
        return (Double(best) / count, Double(worst) / count)
    }

    // MARK: - The live view

    /// Share of good slots in each of the last seconds, oldest first; `nil` where none is known.
    package func recent(_ seconds: Int = 30) -> [Double?] {
        let perSecond = max(1, 1_000_000_000 / max(1, lane.periodNanoseconds))
        return (0..<seconds).reversed().map { back in
            let last = Int64(newest ?? 0) - Int64(back) * perSecond
            guard last >= 0 else { return nil }
            let known = (max(0, last - perSecond + 1)...last).compactMap { slots[UInt64($0)] }
            return known.isEmpty ? nil : Double(known.count { $0 == .good || $0 == .client }) / Double(known.count)
        }
    }
}
