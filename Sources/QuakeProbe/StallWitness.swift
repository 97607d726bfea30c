import QuakeBase
import QuakeRecord

/// Says what held the prober's thread up in a stretch. Belongs to that thread, on which it must be made.
final class StallWitness {
    private let meter = ThreadMeter()
    private let surroundings: StallSurroundings
    private let wasRead: @Sendable (_ from: Int64, _ to: Int64) -> Bool

    init(
        surroundings: StallSurroundings, wasRead: @escaping @Sendable (_ from: Int64, _ to: Int64) -> Bool
    ) {
        self.surroundings = surroundings
        self.wasRead = wasRead
    }

    /// Before each sleep: what is counted from here on may be a stall's.
    func mark() { meter.mark() }

    /// - Parameters: moments of the monotonic clock.
    func evidence(from start: Int64, to end: Int64) -> StallEvidence {
        let around = surroundings.change(since: start, until: end)
        return Self.evidence(
            from: start, to: end, before: meter.mark(before: start), after: meter.counts, throttled: around.throttled,
            stolen: around.stolen, wasRead: wasRead(start, end))
    }

    /// What was counted between a mark at or before the stretch and its end, each time at most as long as the stretch.
    static func evidence(
        from start: Int64, to end: Int64, before: ThreadMeter.Counts, after: ThreadMeter.Counts, throttled: Int64?,
        stolen: Int64?, wasRead: Bool
    ) -> StallEvidence {
        let length = max(0, end - start)
        func millis(_ nanoseconds: Int64) -> Int { Int(min(max(0, nanoseconds), length) / 1_000_000) }
        var waited: Int?
        if let one = before.waited, let two = after.waited { waited = millis(two - one) }
        return StallEvidence(
            lengthMillis: Int(length / 1_000_000), waitingMillis: waited,
            workingMillis: millis(after.worked - before.worked), throttledMillis: throttled.map(millis),
            stolenMillis: stolen.map(millis), preemptions: Int(max(0, after.preemptions - before.preemptions)),
            pageFaults: Int(max(0, after.faults - before.faults)), wasRead: wasRead)
    }
}
