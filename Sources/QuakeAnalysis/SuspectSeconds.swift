package import QuakeTimeline

/// Seconds of a trial in which the prober itself was not to be trusted.
package struct SuspectSeconds: Sendable {
    /// By second since the run's origin: asked for each sample of a run.
    private var flags: [Bool] = []

    /// How many there are.
    package var count: Int { flags.count { $0 } }
    package var isEmpty: Bool { !flags.contains(true) }

    /// A failing loopback control, own lag above max(T, 10 ms), or an event that says so.
    ///
    /// - Throws: what the timeline does.
    package init(_ timeline: any Timeline, lanes: [Lane], events: [Event]) throws {
        let found = try concurrentMap(lanes.filter { $0.role != .sameCluster }) { lane in
            var own = SuspectSeconds()
            try own.read(lane, timeline)
            return own
        }
        for own in found {
            for (second, isSuspect) in own.flags.enumerated() where isSuspect { insert(second) }
        }
        for event in events {
            guard case .suspect(let from, let to, _, _) = event.what else { continue }
            for second in Self.second(from)...max(Self.second(from), Self.second(to)) { insert(second) }
        }
    }

    private init() {}

    private mutating func read(_ lane: Lane, _ timeline: any Timeline) throws {
        let rule = StallRule(lane)
        try timeline.forEachStart(of: lane.id) { sample in
            if rule.isStall(due: sample.due, sent: sample.sent, outcome: sample.outcome) {
                insert(Self.second(sample.due))
            }
        }
    }

    private mutating func insert(_ second: Int) {
        if second >= flags.count { flags += repeatElement(false, count: second + 1 - flags.count) }
        flags[second] = true
    }

    /// A run's lanes begin after its origin; what an event may say of the time before belongs to its first second.
    private static func second(_ moment: RunInstant) -> Int { max(0, Int(moment.nanoseconds / 1_000_000_000)) }

    /// Whether the second of a moment is suspect.
    package func contains(_ moment: RunInstant) -> Bool {
        let second = Self.second(moment)
        return second < flags.count && flags[second]
    }

    /// Whether any of them has a part in an interval, its end included.
    package func touches(_ interval: Interval) -> Bool {
        let first = Self.second(interval.start)
        let last = min(Self.second(interval.end), flags.count - 1)
        return first <= last && flags[first...last].contains(true)
    }

    /// The same of an interval and of what may still be felt in it: see ``mayLinger(at:timeout:)``.
    package func touches(_ interval: Interval, wakeOf lane: Lane) -> Bool {
        touches(interval) || mayLinger(at: interval.start, timeout: lane.timeout)
    }

    /// How much of an interval lies in them.
    package func part(of interval: Interval) -> Duration {
        let last = min(Self.second(interval.end), flags.count - 1)
        guard Self.second(interval.start) <= last else { return .zero }
        return (Self.second(interval.start)...last).reduce(.zero) { sum, second in
            guard flags[second] else { return sum }
            let start = RunInstant(nanoseconds: Int64(second) * 1_000_000_000)
            return sum + max(.zero, min(interval.end, start + .seconds(1)) - max(interval.start, start))
        }
    }

    /// Whether a sample's verdict is the prober's own doing, perhaps: it was due in such a second, or found to be late and
    /// its deadline passed in one, when an answer that was there may not have been read.
    package func excludes(_ sample: Sample, of lane: Lane) -> Bool {
        contains(sample.due) || (sample.outcome == .late && contains(sample.due + lane.deadline))
    }

    /// Whether a sample may still feel suspect seconds that are over: what waited while the machine was starved is served
    /// in their wake, and holds up what came after.
    ///
    /// The wake lasts as long as the unbroken suspect seconds before it, for a backlog that grew in them is gone after as
    /// long wherever the clusters carry twice the load; and no longer than a request's time-out, when what waits is
    /// given up.
    package func mayLinger(at moment: RunInstant, timeout: Duration) -> Bool {
        guard !contains(moment) else { return false }
        let second = Self.second(moment)
        let reach = Int(timeout.inNanoseconds / 1_000_000_000) + 1
        guard
            let last = (max(0, second - reach)..<second).last(where: { $0 < flags.count && flags[$0] }),
            let before = flags[...last].lastIndex(of: false).map({ $0 + 1 }) ?? flags.indices.first
        else { return false }
        let wake = min(Duration.seconds(last + 1 - before), timeout)
        return moment.nanoseconds < Int64(last + 1) * 1_000_000_000 + wake.inNanoseconds
    }
}
