import QuakePlan
import QuakeTimeline

/// Reads a lane's slots twice more beside what is trusted: with the suspect ones good, and with them bad.
///
/// A suspect slot that was answered well in time is good by definition, whenever it was sent. What was not may have been
/// the machine's own doing: it counts good in one reading and bad in the other. So do the prober's own failures
/// in suspect seconds, whose requests nobody saw; those in other seconds count in nothing. What is bad in the wake of
/// suspect seconds is bad as far as it is trusted, and good in the best reading.
struct DoubtReader {
    private struct Side {
        var reading = LaneReading()
        var outages: OutageFinder
        /// By place among the windows that suspect slots may concern.
        var builders: [EffectBuilder]

        mutating func add(_ slot: Slot) {
            if slot.kind == .good { reading.good += 1 } else if slot.kind == .bad { reading.bad += 1 }
            outages.add(slot)
        }
    }

    private let lane: Lane
    private let windows: [FaultWindow]
    private let suspects: SuspectSeconds
    /// Indices of the windows that suspect seconds may concern, in order: a run of days has hundreds that none does.
    private let touched: [Int]
    private var best: Side
    private var worst: Side
    private var trusted = Histogram()
    private var measured = Histogram()
    private var opened = 0
    private var open: [Int] = []

    /// - Returns: `nil` where nothing is in doubt.
    init?(_ lane: Lane, windows: [FaultWindow], settle: Duration, suspects: SuspectSeconds) {
        guard lane.role == .probe, !suspects.isEmpty else { return nil }
        self.lane = lane
        self.windows = windows
        self.suspects = suspects
        touched = windows.indices.filter { index in
            // After a window its settle time is looked at; in its beginning, suspect seconds before it may linger.
            let interval = windows[index].interval
            return suspects.touches(
                Interval(start: interval.start, end: interval.end + settle + .seconds(1)), wakeOf: lane)
        }
        let builders = touched.map { EffectBuilder(windows[$0], lane: lane, settle: settle) }
        best = Side(outages: OutageFinder(lane: lane), builders: builders)
        worst = best
    }

    /// - Parameters:
    ///   - slot: as it is trusted.
    ///   - isSuspect: why it is excluded, if it is.
    mutating func add(_ slot: Slot, _ sample: Sample, isSuspect: Bool) {
        var (good, bad) = (slot, slot)
        var latency = sample.done.nanoseconds - sample.due.nanoseconds
        if isSuspect {
            good.kind = .good
            bad.kind = sample.outcome == .ok ? .good : .bad
            if sample.outcome.isClientFailure { latency = max(latency, lane.timeoutNanoseconds) }
            measured.add(latency)
        } else if slot.kind == .bad, suspects.mayLinger(at: sample.due, timeout: lane.timeout) {
            good.kind = .good
            measured.add(latency)
        } else if slot.kind != .excluded {
            trusted.add(latency)
        }
        best.add(good)
        worst.add(bad)
        while opened < touched.count, windows[touched[opened]].at <= sample.due {
            open.append(opened)
            opened += 1
        }
        guard !open.isEmpty else { return }
        for place in open {
            best.builders[place].add(good, latency: good.kind == slot.kind ? latency : 0)
            worst.builders[place].add(bad, latency: latency)
        }
        open.removeAll { best.builders[$0].isOver(at: sample.due) && worst.builders[$0].isOver(at: sample.due) }
    }

    /// The lane has ended.
    ///
    /// - Returns: of the lane; `nil` where no slot of it was suspect. And of each window that is concerned.
    mutating func finish() -> (lane: TwoReadings<LaneReading>?, effects: [Int: TwoReadings<EffectReading>]) {
        guard measured.count > 0 else { return (nil, [:]) }
        var effects: [Int: TwoReadings<EffectReading>] = [:]
        for (place, index) in touched.enumerated() {
            effects[index] = TwoReadings(
                best: EffectReading(best.builders[place].finish()), worst: EffectReading(worst.builders[place].finish())
            )
        }
        var (quick, slow) = (trusted, trusted)
        for _ in 0..<measured.count { quick.add(0) }
        slow.merge(measured)
        return (TwoReadings(best: Self.finish(&best, quick), worst: Self.finish(&worst, slow)), effects)
    }

    private static func finish(_ side: inout Side, _ latency: Histogram) -> LaneReading {
        side.outages.finish()
        side.reading.outages = side.outages.outages
        side.reading.latencyP99Nanoseconds = latency.percentile(0.99)?.inNanoseconds
        return side.reading
    }
}
