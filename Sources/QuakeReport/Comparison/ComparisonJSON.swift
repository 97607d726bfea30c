import FoundationEssentials
package import QuakeAnalysis
import QuakeTimeline

/// A comparison as machines read it. Keys carry their units; `version` changes with their meaning.
package struct ComparisonJSON: Encodable {
    private struct Side: Encodable {
        var runs: [String]
        var leftOut: [LeftOut]
    }

    private struct Summary: Encodable {
        var medianMillis: Double
        var medianIsCensored: Bool
        var medianLowMillis: Double
        var medianHighMillis: Double
        var millis: [Double]
        /// Indices into `millis` of the readings that are lower bounds.
        var censored: [Int]

        init(_ summary: MeasureComparison.Summary) {
            medianMillis = Double(summary.median.nanoseconds) / 1e6
            medianIsCensored = summary.median.isCensored
            medianLowMillis = Double(summary.low) / 1e6
            medianHighMillis = Double(summary.high) / 1e6
            millis = summary.readings.map { Double($0.nanoseconds) / 1e6 }
            censored = summary.readings.indices.filter { summary.readings[$0].isCensored }
        }
    }

    private struct Figures: Encodable {
        var measure: Measure
        var baseline: Summary?
        var candidate: Summary?
        var differenceMillis: Double?
        var differenceLowMillis: Double?
        var differenceHighMillis: Double?
        var effectSizeA: Double?
        var minimumEffectMillis: Double
        var worseP: Double?
        var worseAdjustedP: Double?
        var betterP: Double?
        var betterAdjustedP: Double?

        init(_ figures: MeasureComparison) {
            measure = figures.measure
            baseline = figures.baseline.map(Summary.init)
            candidate = figures.candidate.map(Summary.init)
            differenceMillis = figures.difference.map { Double($0) / 1e6 }
            differenceLowMillis = figures.differenceLow.map { Double($0) / 1e6 }
            differenceHighMillis = figures.differenceHigh.map { Double($0) / 1e6 }
            effectSizeA = figures.effectSize
            minimumEffectMillis = Double(figures.minimumEffect) / 1e6
            (worseP, worseAdjustedP) = (figures.worseP, figures.worseAdjustedP)
            (betterP, betterAdjustedP) = (figures.betterP, figures.betterAdjustedP)
        }
    }

    private struct Key: Encodable {
        var key: ComparisonKey
        var across: [Across.Values]?
        var verdict: RunComparison.Verdict
        var reason: String
        var baselineRepeats: Int
        var candidateRepeats: Int
        var baselineRepeatsWithLoss: Int
        var candidateRepeatsWithLoss: Int
        var moreRepeatsWithLossP: Double
        var measures: [Figures]
    }

    private struct Contrast: Encodable {
        var axis: String
        var value: String
        var reference: String
        var place: String
        var side: String
        var measure: Measure
        var pairs: Int
        var differenceMillis: Double
        var differenceLowMillis: Double
        var differenceHighMillis: Double
        var twoSidedP: Double
    }

    private struct Unmatched: Encodable {
        var key: ComparisonKey
        var side: String
        var repeats: Int
        var hint: String?
        var across: [String]?
    }

    private let version = 1
    private let verdict: RunComparison.Verdict
    private let exitCode: Int32
    private let tests: Int
    /// Absent where the sides are different runs.
    private let withinRuns: Bool?
    private let baseline: Side
    private let candidate: Side
    private let differences: [RunComparison.Difference]
    private let keys: [Key]
    private let unmatched: [Unmatched]
    private let contrasts: [Contrast]

    package init(_ comparison: RunComparison) {
        func name(_ isCandidate: Bool) -> String { isCandidate ? "candidate" : "baseline" }
        verdict = comparison.verdict
        exitCode = comparison.exit.rawValue
        tests = comparison.tests
        withinRuns = comparison.isWithin ? true : nil
        baseline = Side(runs: comparison.baseline.runs, leftOut: comparison.baseline.leftOut)
        candidate = Side(runs: comparison.candidate.runs, leftOut: comparison.candidate.leftOut)
        differences = comparison.differences
        keys = comparison.keys.map { key in
            Key(
                key: key.key, across: key.across.isEmpty ? nil : key.across, verdict: key.verdict, reason: key.reason,
                baselineRepeats: key.baselineRepeats,
                candidateRepeats: key.candidateRepeats, baselineRepeatsWithLoss: key.baselineLosing,
                candidateRepeatsWithLoss: key.candidateLosing, moreRepeatsWithLossP: key.losingP,
                measures: key.measures.map(Figures.init))
        }
        unmatched = comparison.unmatched.map {
            Unmatched(
                key: $0.key, side: name($0.isCandidate), repeats: $0.repeats, hint: $0.hint,
                across: $0.across.isEmpty ? nil : $0.across)
        }
        contrasts = comparison.contrasts.map { contrast in
            Contrast(
                axis: contrast.axis, value: contrast.value, reference: contrast.reference, place: contrast.place,
                side: name(contrast.isCandidate), measure: contrast.measure, pairs: contrast.pairs,
                differenceMillis: Double(contrast.difference) / 1e6, differenceLowMillis: Double(contrast.low) / 1e6,
                differenceHighMillis: Double(contrast.high) / 1e6, twoSidedP: contrast.p)
        }
    }

    /// Pretty-printed, keys sorted.
    package func text() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    }
}
