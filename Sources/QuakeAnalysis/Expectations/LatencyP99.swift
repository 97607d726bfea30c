package import QuakePlan

extension LatencyP99Claim: LaneExpectation {
    package var limitOfValues: Comparison<Double> { limit.inSeconds }

    package func value(of lane: LaneFindings, on place: String) -> JudgedValue? {
        JudgedValue(
            lane.bothReadings, { $0.latencyP99Nanoseconds.map(EffectReading.seconds) }, FigureWords.seconds, place)
    }

    package func value(of effect: LaneEffect, on place: String) -> JudgedValue? {
        JudgedValue(
            effect.bothReadings, { $0.latencyP99Nanoseconds.map(EffectReading.seconds) }, FigureWords.seconds, place)
    }
}
