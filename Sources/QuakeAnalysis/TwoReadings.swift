import QuakePlan
import QuakeTimeline

/// A figure read twice: once with every suspect slot counted good, once with every one counted bad that was not answered
/// well in time. The truth lies between the two; what both of them say stands.
package struct TwoReadings<Reading: Sendable & Codable & Equatable>: Sendable, Codable, Equatable {
    package var best: Reading
    package var worst: Reading

    package init(best: Reading, worst: Reading) {
        self.best = best
        self.worst = worst
    }
}

/// What one lane shows by one of two readings.
package struct LaneReading: Sendable, Codable, Equatable {
    package var good = 0
    package var bad = 0
    package var outages: [Outage] = []
    package var latencyP99Nanoseconds: Int64?

    /// good / (good + bad).
    package var availability: Double? { good + bad == 0 ? nil : Double(good) / Double(good + bad) }
    package var longestBlackout: Outage? { outages.filter(\.isBlackout).max { $0.estimate < $1.estimate } }
}

/// What a fault did to a lane by one of two readings; each figure as ``LaneEffect`` has it.
package struct EffectReading: Sendable, Codable, Equatable {
    package var slots: Int
    package var bad: Int
    package var lossNanoseconds: Int64
    package var onsetNanoseconds: Int64?
    package var stableNanoseconds: Int64
    package var isCensored: Bool
    package var blackoutNanoseconds: Int64
    package var latencyP99Nanoseconds: Int64?

    package var availability: Double? { slots == 0 ? nil : 1 - Double(bad) / Double(slots) }

    package init(_ effect: LaneEffect) {
        slots = effect.slots
        bad = effect.bad
        lossNanoseconds = effect.loss.inNanoseconds
        onsetNanoseconds = effect.onsetNanoseconds
        stableNanoseconds = effect.stableNanoseconds
        isCensored = effect.isCensored
        blackoutNanoseconds = effect.blackoutNanoseconds
        latencyP99Nanoseconds = effect.latency.percentile(0.99)?.inNanoseconds
    }
}

extension LaneFindings {
    /// As both readings have it; of a lane without a suspect slot, what was seen, twice.
    package var bothReadings: TwoReadings<LaneReading> {
        if let readings { return readings }
        let seen = LaneReading(
            good: good, bad: bad, outages: outages, latencyP99Nanoseconds: latency.percentile(0.99)?.inNanoseconds)
        return TwoReadings(best: seen, worst: seen)
    }

    /// Least and greatest availability; `nil` where suspect slots could not change it.
    package var availabilityRange: ClosedRange<Double>? {
        guard let readings, let worst = readings.worst.availability, let best = readings.best.availability, worst < best
        else { return nil }
        return worst...best
    }
}

extension LaneEffect {
    /// As both readings have it; of an effect that no suspect slot could change, what was seen, twice.
    package var bothReadings: TwoReadings<EffectReading> {
        readings ?? TwoReadings(best: EffectReading(self), worst: EffectReading(self))
    }

    /// Least and most of the loss in nanoseconds; `nil` where suspect slots could not change it.
    package var lossRange: ClosedRange<Int64>? { range(\.lossNanoseconds) }
    /// The same of the longest outage.
    package var blackoutRange: ClosedRange<Int64>? { range(\.blackoutNanoseconds) }
    /// The same of the stable recovery; its end is a lower bound where the worst reading is censored.
    package var recoveryRange: ClosedRange<Int64>? {
        guard let readings else { return nil }
        let (best, worst) = (readings.best.stableNanoseconds, readings.worst.stableNanoseconds)
        return best == worst && readings.best.isCensored == readings.worst.isCensored
            ? nil : min(best, worst)...max(best, worst)
    }
    /// The share of bad slots.
    package var shareRange: ClosedRange<Double>? {
        guard let worst = readings?.worst.availability, let best = readings?.best.availability, worst < best else {
            return nil
        }
        return (1 - best)...(1 - worst)
    }

    private func range(_ figure: (EffectReading) -> Int64) -> ClosedRange<Int64>? {
        guard let readings else { return nil }
        let (a, b) = (figure(readings.best), figure(readings.worst))
        return a == b ? nil : min(a, b)...max(a, b)
    }
}

extension FaultFindings {
    /// Between which two an onset or a recovery lies, given when the fault took effect: in which of the interval's moments
    /// it did, nobody knows. With x for the moment that ended it and [a, b] for the interval, from x − b to x − a, not
    /// below zero.
    ///
    /// - Parameter nanoseconds: from ``at``.
    /// - Returns: `nil` where the record has no interval.
    package func bounds(_ nanoseconds: Int64?) -> ClosedRange<Int64>? {
        guard let nanoseconds, let injection = fault.injection, injection.start <= injection.end else { return nil }
        let moment = at.nanoseconds + nanoseconds
        let most = max(0, moment - injection.start.nanoseconds)
        return min(most, max(0, moment - injection.end.nanoseconds))...most
    }

    /// Whether the interval of a fault is longer than one of a lane's slots, so that its bounds say more than the slots do.
    package func isVague(for effect: LaneEffect) -> Bool {
        guard let injection = fault.injection else { return false }
        return injection.length.inNanoseconds > effect.periodNanoseconds
    }
}
