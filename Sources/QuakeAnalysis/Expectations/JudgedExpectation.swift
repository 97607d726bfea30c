package import QuakePlan
import QuakeTimeline

/// An expectation that can be judged: the values that it is held against, in each trial that it selects.
///
/// Every type in the plan's registry conforms, each in a file of its own beside this one. What does not is inconclusive.
package protocol JudgedExpectation: ExpectationDeclaration {
    /// What every value must meet, in the unit of ``JudgedValue/Side/number``.
    var limitOfValues: Comparison<Double> { get }

    /// The values in one trial; empty where nothing was measured that the expectation selects.
    ///
    /// - Parameter when: the expectation's selectors, key → value; keys of the matrix have selected the trial already.
    func values(in trial: TrialFindings, when: [String: String]) -> [JudgedValue]
}

/// An expectation about what faults do to lanes: one value for each fault and lane.
package protocol FaultExpectation: JudgedExpectation {
    /// The value of one fault on one lane; `nil` where there is none.
    ///
    /// - Parameter place: the lane in words, for ``JudgedValue/words``.
    func value(of effect: LaneEffect, on place: String) -> JudgedValue?
}

/// An expectation about lanes: one value for each lane, and where `when` names a step, one for each of its faults and lane.
package protocol LaneExpectation: FaultExpectation {
    /// The value of one lane in the whole trial; `nil` where there is none.
    ///
    /// - Parameter place: the lane in words, for ``JudgedValue/words``.
    func value(of lane: LaneFindings, on place: String) -> JudgedValue?
}

extension FaultExpectation {
    /// Of the lanes selected, in their order, those of each fault that is selected: of the step that `when` names, else
    /// every one that is not healing.
    package func values(in trial: TrialFindings, when: [String: String]) -> [JudgedValue] {
        trial.values(ofLanes: when) { faultValues(in: trial, $0, when["step"], $1) }
    }

    fileprivate func faultValues(
        in trial: TrialFindings, _ lane: LaneFindings, _ step: String?, _ place: String
    ) -> [JudgedValue] {
        let faults = trial.faults.filter { step == nil ? !$0.isHealing : $0.fault.step == step }
        return faults.flatMap(\.effects).filter { $0.lane == lane.lane.id }.compactMap { value(of: $0, on: place) }
    }
}

extension LaneExpectation {
    /// Of the lanes selected, in their order.
    package func values(in trial: TrialFindings, when: [String: String]) -> [JudgedValue] {
        trial.values(ofLanes: when) { lane, place in
            guard let step = when["step"] else { return value(of: lane, on: place).map { [$0] } ?? [] }
            return faultValues(in: trial, lane, step, place)
        }
    }
}

extension TrialFindings {
    /// What `read` makes of each probe lane that `when` selects, and of the lane in words.
    fileprivate func values(
        ofLanes when: [String: String], _ read: (LaneFindings, String) -> [JudgedValue]
    ) -> [JudgedValue] {
        let selected = lanes.filter { finding in
            finding.lane.role == .probe
                && (when["traffic"].map { $0 == finding.lane.traffic } ?? true)
                && (when["connections"].map { $0 == finding.lane.mode.rawValue } ?? true)
        }
        let doubt = "suspect slots, \(FigureWords.percent(suspectShare)) of all, decide"
        return selected.flatMap { finding in
            let label = "\(finding.lane.traffic)/\(finding.lane.mode.rawValue)"
            return read(finding, peering.isEmpty ? label : "\(peering) \(label)")
        }.map { value in
            var value = value
            value.doubt = doubt
            return value
        }
    }
}

extension EffectReading {
    /// Seconds out of nanoseconds.
    static func seconds(_ nanoseconds: Int64) -> Double { Double(nanoseconds) / 1e9 }
}
