package import QuakePlan

extension AvailabilityClaim: LaneExpectation {
    package var limitOfValues: Comparison<Double> { limit }

    package func value(of lane: LaneFindings, on place: String) -> JudgedValue? {
        JudgedValue(lane.bothReadings, \.availability, FigureWords.percent, place)
    }

    package func value(of effect: LaneEffect, on place: String) -> JudgedValue? {
        JudgedValue(effect.bothReadings, \.availability, FigureWords.percent, place)
    }
}
