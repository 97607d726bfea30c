package import QuakePlan
import QuakeTimeline

extension BlackoutClaim: LaneExpectation {
    package var limitOfValues: Comparison<Double> { limit.inSeconds }

    package func value(of lane: LaneFindings, on place: String) -> JudgedValue? {
        let readings = lane.bothReadings
        return JudgedValue(
            best: JudgedValue.Side(blackout: readings.best.longestBlackout),
            worst: JudgedValue.Side(blackout: readings.worst.longestBlackout), FigureWords.seconds, place, open: "")
    }

    package func value(of effect: LaneEffect, on place: String) -> JudgedValue? {
        func side(_ reading: EffectReading) -> JudgedValue.Side {
            let longest = EffectReading.seconds(reading.blackoutNanoseconds)
            let outage = longest > 0 && longest < 1 ? " (an outage of \(FigureWords.seconds(longest)))" : ""
            return JudgedValue.Side(number: longest >= 1 ? longest : 0, note: outage)
        }
        let readings = effect.bothReadings
        return JudgedValue(best: side(readings.best), worst: side(readings.worst), FigureWords.seconds, place)
    }
}

extension JudgedValue.Side {
    /// The longest blackout of a lane.
    fileprivate init(blackout: Outage?) {
        self.init(number: blackout?.estimate.inSeconds ?? 0, isCensored: blackout?.isCensored ?? false)
    }
}
