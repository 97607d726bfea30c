package import QuakeTimeline

/// A candidate held against a baseline, key by key.
package struct RunComparison: Sendable, Equatable, Codable {
    /// What is said of a key, and in the end of all of them.
    package enum Verdict: String, Sendable, Codable, CaseIterable {
        /// Shown to be larger by more than the minimum effect.
        case worse
        /// Shown to be smaller by more than the minimum effect.
        case better
        /// Neither was shown. The interval of the difference tells what may have been missed.
        case same
        /// Too few repeats to say.
        case unknown
    }

    /// One of the two sides: its runs, in the order of their start.
    package struct Side: Sendable, Equatable, Codable {
        package var runs: [String]
        package var leftOut: [LeftOut]

        package init(runs: [String], leftOut: [LeftOut] = []) {
            self.runs = runs
            self.leftOut = leftOut
        }
    }

    /// A setting that the sides do not share.
    package struct Difference: Sendable, Equatable, Codable {
        package var setting: String
        package var baseline: [String]
        package var candidate: [String]

        package init(setting: String, baseline: [String], candidate: [String]) {
            self.setting = setting
            self.baseline = baseline
            self.candidate = candidate
        }
    }

    /// A key that one side alone has.
    package struct Unmatched: Sendable, Equatable, Codable {
        package var key: ComparisonKey
        package var isCandidate: Bool
        package var repeats: Int
        /// What stands in the way.
        package var hint: String?
        /// What `--across` must name for a match, sorted; empty where it has none in any case.
        package var across: [String]

        package init(key: ComparisonKey, isCandidate: Bool, repeats: Int, hint: String? = nil, across: [String] = []) {
            self.key = key
            self.isCandidate = isCandidate
            self.repeats = repeats
            self.hint = hint
            self.across = across
        }
    }

    package var baseline: Side
    package var candidate: Side
    /// In the order of their names.
    package var differences: [Difference]
    /// The worst first, then in the order of their keys.
    package var keys: [KeyComparison]
    package var unmatched: [Unmatched]
    /// Paired within each side.
    package var contrasts: [AxisContrast]
    /// Tests that were corrected together.
    package var tests: Int
    /// Values of matrix keys are compared within the same runs: the baseline is the earlier value of the plan.
    package var isWithin: Bool = false

    /// What `--across` must name for the keys without a match, sorted.
    package var missingAcross: [String] { Set(unmatched.flatMap(\.across)).sorted() }

    /// How many keys have a verdict.
    package func count(_ verdict: Verdict) -> Int { keys.count { $0.verdict == verdict } }

    /// Of all keys: worse if one is, else unknown where all are, else better if one is.
    package var verdict: Verdict {
        if count(.worse) > 0 { return .worse }
        if count(.unknown) == keys.count { return .unknown }
        return count(.better) > 0 ? .better : .same
    }

    /// 3 where something is worse; 2 where no key has its match, so that nothing was compared; else 0.
    package var exit: PeerquakeExit {
        if count(.worse) > 0 { return .regression }
        return keys.isEmpty ? .inconclusive : .pass
    }
}

/// One key on both sides.
package struct KeyComparison: Sendable, Equatable, Codable {
    /// What both sides share.
    package var key: ComparisonKey
    /// Matrix keys and settings that differ, sorted by name.
    package var across: [Across.Values] = []
    package var verdict: RunComparison.Verdict
    /// Why the verdict is what it is, in words.
    package var reason: String
    package var baselineRepeats: Int
    package var candidateRepeats: Int
    /// Repeats that cost anything at all.
    package var baselineLosing: Int
    package var candidateLosing: Int
    /// P of so many more of the candidate's repeats costing anything, one-sided, uncorrected: a figure alone.
    package var losingP: Double
    package var measures: [MeasureComparison]

    /// `kill, LoadBalancer → NodePort, echo/new`: as a key is named, with what differs.
    package var words: String { key.words(across: across) }

    /// The same without step and lane.
    package var cellWords: String { key.cellWords(across: across) }

    /// `nil` for a measure that neither side has.
    package subscript(_ measure: Measure) -> MeasureComparison? { measures.first { $0.measure == measure } }
}

/// One measure of a key on both sides.
package struct MeasureComparison: Sendable, Equatable, Codable {
    /// What one side showed.
    package struct Summary: Sendable, Equatable, Codable {
        /// Of each repeat, in the order of the runs and their repeats.
        package var readings: [Reading]
        package var median: Reading
        /// Bootstrap interval of the median.
        package var low: Int64
        package var high: Int64
    }

    package var measure: Measure
    /// `nil` where no repeat of a side has this measure.
    package var baseline: Summary?
    package var candidate: Summary?
    /// Hodges–Lehmann difference, candidate − baseline, with its bootstrap interval. Censored readings enter by their
    /// bound, so that the true difference may lie further out.
    package var difference: Int64?
    package var differenceLow: Int64?
    package var differenceHigh: Int64?
    /// Vargha and Delaney's A of the candidate above the baseline.
    package var effectSize: Double?
    /// Below this nothing is called worse or better.
    package var minimumEffect: Int64
    /// One-sided, as tested and Holm-corrected; `nil` of measures and keys that were not tested.
    package var worseP: Double?
    package var worseAdjustedP: Double?
    package var betterP: Double?
    package var betterAdjustedP: Double?

    /// What the tests say of this measure at a level of significance.
    package func verdict(at level: Double) -> RunComparison.Verdict {
        guard let worse = worseAdjustedP, let better = betterAdjustedP, let difference else { return .unknown }
        if worse <= level, difference > minimumEffect { return .worse }
        if better <= level, -difference > minimumEffect { return .better }
        return .same
    }
}
