package import QuakePlan

extension OutcomeClaim: JudgedExpectation {
    /// 1 is the end that is wanted, 0 any other.
    package var limitOfValues: Comparison<Double> { Comparison(.equal, 1) }

    /// How the step ended. With a suspect second in it, another end may have been kept from it, but none that it had.
    package func values(in trial: TrialFindings, when: [String: String]) -> [JudgedValue] {
        guard let seen = trial.outcomes[step] else { return [] }
        let worst = JudgedValue.Side(number: seen == wanted ? 1 : 0)
        return [
            JudgedValue(
                best: trial.doubts.steps.contains(step) ? JudgedValue.Side(number: 1) : worst, worst: worst,
                words: "\(step) \(seen.rawValue) in trial \(trial.index + 1)",
                doubt: "the machine stalled during the step")
        ]
    }
}
