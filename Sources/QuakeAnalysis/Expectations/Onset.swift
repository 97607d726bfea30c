package import QuakePlan

extension OnsetClaim: FaultExpectation {
    package var limitOfValues: Comparison<Double> { limit.inSeconds }

    package func value(of effect: LaneEffect, on place: String) -> JudgedValue? {
        JudgedValue(
            effect.bothReadings, { $0.onsetNanoseconds.map(EffectReading.seconds) }, FigureWords.seconds, place)
    }
}
