package import QuakePlan

extension RecoveryClaim: FaultExpectation {
    package var limitOfValues: Comparison<Double> { limit.inSeconds }

    package func value(of effect: LaneEffect, on place: String) -> JudgedValue? {
        func side(_ reading: EffectReading) -> JudgedValue.Side {
            JudgedValue.Side(
                number: EffectReading.seconds(reading.stableNanoseconds), isCensored: reading.isCensored)
        }
        let readings = effect.bothReadings
        return JudgedValue(best: side(readings.best), worst: side(readings.worst), FigureWords.seconds, place)
    }
}
