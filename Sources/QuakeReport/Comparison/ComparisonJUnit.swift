package import QuakeAnalysis

/// A comparison as JUnit XML: a suite for each plan and matrix cell, a case for each key. Worse is a failure; a key
/// without a baseline, and one with too few repeats for a verdict, is skipped.
package struct ComparisonJUnit {
    private let comparison: RunComparison

    package init(_ comparison: RunComparison) { self.comparison = comparison }

    /// The whole document.
    package func text() -> String {
        var names: [String] = []
        var cases: [String: [JUnitDocument.Case]] = [:]
        func add(_ key: ComparisonKey, _ cell: String, _ outcome: JUnitDocument.Outcome, _ output: String) {
            let suite = "\(key.plan) [\(cell)]"
            if cases[suite] == nil { names.append(suite) }
            var name = "\(key.step), \(key.lane)"
            // Keys without a match may differ in nothing else.
            if cases[suite]?.contains(where: { $0.name == name }) == true { name += " (\(key.environmentWords))" }
            cases[suite, default: []].append(JUnitDocument.Case(name: name, outcome: outcome, output: output))
        }
        for key in comparison.keys {
            let outcome: JUnitDocument.Outcome =
                switch key.verdict {
                case .worse: .failed(key.reason)
                case .unknown: .skipped("unknown: \(key.reason)")
                case .same, .better: .passed
                }
            add(key.key, key.cellWords, outcome, output(key))
        }
        for unmatched in comparison.unmatched {
            let why = unmatched.isCandidate ? "no baseline" : "not in the candidate"
            add(unmatched.key, unmatched.key.cellWords, .skipped(why), unmatched.words)
        }
        let suites = names.sorted().map { JUnitDocument.Suite(name: $0, seconds: 0, cases: cases[$0] ?? []) }
        return JUnitDocument(suites: suites).text()
    }

    private func output(_ key: KeyComparison) -> String {
        key.measures.map { measure in
            let scale = Scale(measure)
            let difference = scale.difference(measure.difference, measure.differenceLow, measure.differenceHigh)
            return "\(measure.measure.name): \(scale.text(measure.candidate)) \(scale.unit), baseline "
                + "\(scale.text(measure.baseline)), difference \(difference), p of worse "
                + Figures.probability(measure.worseAdjustedP)
        }.joined(separator: "\n")
    }
}
