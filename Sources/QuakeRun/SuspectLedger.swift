package import QuakeTimeline
import Synchronization

/// Which seconds of the run under way are suspect, as far as is known by now.
///
/// A lag shows when its request ends, up to a time-out later, and a host may tell of its stall a second after. So what this
/// says may still turn from trusted to suspect: it is for waiting longer and for words. Verdicts rest on the record.
package final class SuspectLedger: Sendable {
    /// By second since the run's origin.
    private let flags = Mutex<[Bool]>([])

    package init() {}

    /// Takes in what an event says of a stretch.
    package func add(_ interval: Interval) {
        let (first, last) = (Self.second(interval.start), Self.second(interval.end))
        flags.withLock { flags in
            if last >= flags.count { flags += repeatElement(false, count: last + 1 - flags.count) }
            for second in first...max(first, last) { flags[second] = true }
        }
    }

    /// Takes in what a sample shows of the prober itself.
    package func add(_ sample: Sample, of lane: Lane) {
        guard StallRule(lane).isStall(due: sample.due, sent: sample.sent, outcome: sample.outcome) else { return }
        add(Interval(start: sample.due, end: sample.due))
    }

    /// Whether the second of a moment is suspect, as far as is known.
    package func contains(_ moment: RunInstant) -> Bool { count(in: Interval(start: moment, end: moment)) > 0 }

    /// Whether there was a suspect second between two moments, either's own included.
    package func touches(_ interval: Interval) -> Bool { count(in: interval) > 0 }

    /// How many suspect seconds have a part in an interval, its end included.
    package func count(in interval: Interval) -> Int {
        let first = Self.second(interval.start)
        return flags.withLock { flags in
            let last = min(Self.second(interval.end), flags.count - 1)
            return first <= last ? flags[first...last].count { $0 } : 0
        }
    }

    private static func second(_ moment: RunInstant) -> Int { max(0, Int(moment.nanoseconds / 1_000_000_000)) }
}
