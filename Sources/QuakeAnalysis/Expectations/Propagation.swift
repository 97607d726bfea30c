package import QuakePlan
import QuakeTimeline

extension PropagationClaim: JudgedExpectation {
    package var limitOfValues: Comparison<Double> { limit.inSeconds }

    /// One for each change and view. Where the machine stalled meanwhile, the change may have arrived that much sooner, or, if it
    /// did not arrive, have been waited for that much less.
    package func values(in trial: TrialFindings, when: [String: String]) -> [JudgedValue] {
        trial.propagation.filter { selects($0, when) }.flatMap { found in
            let place = "\(found.place) (\(found.words))"
            return found.values.compactMap { value -> JudgedValue? in
                func side(_ nanoseconds: Int64) -> JudgedValue.Side {
                    JudgedValue.Side(number: EffectReading.seconds(nanoseconds), isCensored: value.isCensored)
                }
                var judged = JudgedValue(
                    best: side(max(0, value.nanoseconds - value.suspectNanoseconds)), worst: side(value.nanoseconds),
                    FigureWords.seconds, trial.peering.isEmpty ? place : "\(trial.peering) \(place)")
                judged?.doubt = "the machine stalled during the step"
                return judged
            }
        }
    }

    private func selects(_ found: PropagationFindings, _ when: [String: String]) -> Bool {
        if let step = when["step"], step != found.step { return false }
        guard when["traffic"] != nil || when["connections"] != nil else { return true }
        guard case .lane(let traffic, let mode) = found.view else { return false }
        return when["traffic"] ?? traffic == traffic && when["connections"] ?? mode.rawValue == mode.rawValue
    }
}
