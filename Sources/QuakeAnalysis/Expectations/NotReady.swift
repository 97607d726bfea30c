package import QuakePlan

extension NotReadyClaim: JudgedExpectation {
    package var limitOfValues: Comparison<Double> { Comparison(limit.relation, Double(limit.bound)) }

    /// How many nodes turned NotReady. A number that is as it should be stands. Another one may be the machine's doing: of
    /// the nodes, those that turned so after a suspect second may have done so for want of time, and more may have been
    /// missed.
    package func values(in trial: TrialFindings, when: [String: String]) -> [JudgedValue] {
        let seen = trial.notReady.count
        let names = trial.notReady.joined(separator: ", ")
        let worst = JudgedValue.Side(number: Double(seen))
        return [
            JudgedValue(
                best: limit.holds(for: seen) ? worst : JudgedValue.Side(number: Double(nearest(to: seen, in: trial))),
                worst: worst, words: "\(seen) NotReady in trial \(trial.index + 1)\(names.isEmpty ? "" : ": \(names)")",
                doubt: "the machine stalled meanwhile")
        ]
    }

    /// Of the numbers that a machine without suspect seconds might have shown, the one nearest to meeting the limit.
    private func nearest(to seen: Int, in trial: TrialFindings) -> Int {
        let wanted =
            switch limit.relation {
            case .above: limit.bound + 1
            case .below: limit.bound - 1
            case .equal, .atLeast, .atMost: limit.bound
            }
        let most = trial.doubts.mayMissNotReady ? max(seen, wanted) : seen
        return min(max(wanted, trial.doubts.leastNotReady), most)
    }
}
