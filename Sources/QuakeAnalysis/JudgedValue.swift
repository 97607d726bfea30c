import QuakePlan
import QuakeTimeline

/// One value that an expectation is held against, as both readings of suspect slots have it.
struct JudgedValue {
    /// The value by one reading.
    struct Side: Equatable {
        var number: Double
        /// A lower bound of what it would have become.
        var isCensored = false
        /// What stands behind it in words.
        var note = ""
    }

    /// `nil` where there is nothing to hold the expectation against by that reading.
    var best: Side?
    var worst: Side?
    var words: String
    /// Why it cannot be said whether the expectation holds, where the two differ.
    var doubt = ""

    /// `nil` where neither reading has anything.
    ///
    /// - Parameter open: what stands before a lower bound.
    init?(best: Side?, worst: Side?, _ number: (Double) -> String, _ place: String, open: String = "not before ") {
        guard best != nil || worst != nil else { return nil }
        self.best = best
        self.worst = worst
        words = "\(Self.words([best, worst].compactMap { $0 }, number, open)) on \(place)"
    }

    init?<Reading>(
        _ readings: TwoReadings<Reading>, _ value: (Reading) -> Double?, _ number: (Double) -> String, _ place: String
    ) {
        self.init(
            best: value(readings.best).map { Side(number: $0) }, worst: value(readings.worst).map { Side(number: $0) },
            number, place)
    }

    /// How a step ended. With a suspect second in it, another end may have been kept from it, but none that it had.
    init(outcome seen: StepOutcome, of step: String, wanted: StepOutcome, _ trial: TrialFindings) {
        worst = Side(number: seen == wanted ? 1 : 0)
        best = trial.doubts.steps.contains(step) ? Side(number: 1) : worst
        words = "\(step) \(seen.rawValue) in trial \(trial.index + 1)"
        doubt = "the machine stalled during the step"
    }

    /// How many nodes turned NotReady. A number that is as it should be stands. Another one may be the machine's doing: of
    /// the nodes, those that turned so after a suspect second may have done so for want of time, and more may have been
    /// missed.
    init(notReady comparison: Comparison<Int>, _ trial: TrialFindings) {
        let seen = trial.notReady.count
        let names = trial.notReady.joined(separator: ", ")
        worst = Side(number: Double(seen))
        best = worst
        words = "\(seen) NotReady in trial \(trial.index + 1)\(names.isEmpty ? "" : ": \(names)")"
        doubt = "the machine stalled meanwhile"
        guard !comparison.holds(for: seen) else { return }
        let wanted =
            switch comparison.relation {
            case .above: comparison.bound + 1
            case .below: comparison.bound - 1
            case .equal, .atLeast, .atMost: comparison.bound
            }
        let most = trial.doubts.mayMissNotReady ? max(seen, wanted) : seen
        best = Side(number: Double(min(max(wanted, trial.doubts.leastNotReady), most)))
    }

    /// `4.5 s`, `not before 4.5 s`, `1.98 s to 14.2 s`, `1.98 s to > 14.2 s`.
    private static func words(_ sides: [Side], _ number: (Double) -> String, _ open: String) -> String {
        let sorted = sides.sorted { ($0.number, $0.isCensored ? 1 : 0) < ($1.number, $1.isCensored ? 1 : 0) }
        guard let low = sorted.first, let high = sorted.last else { return "" }
        let (least, most) = (number(low.number), number(high.number))
        guard sides.count > 1, least != most || low.isCensored != high.isCensored else {
            return (low.isCensored ? open : "") + least + low.note
        }
        return "\(low.isCensored ? "> " : "")\(least)\(low.note) to \(high.isCensored ? "> " : "")\(most)\(high.note)"
    }
}

extension JudgedValue.Side {
    /// The longest blackout of a lane.
    init(blackout: Outage?) {
        self.init(number: blackout?.estimate.inSeconds ?? 0, isCensored: blackout?.isCensored ?? false)
    }
}
