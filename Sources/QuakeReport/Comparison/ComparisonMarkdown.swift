package import QuakeAnalysis
import QuakeTimeline

/// A comparison as Markdown, for a pull request or a CI job's summary.
package struct ComparisonMarkdown {
    private let comparison: RunComparison

    package init(_ comparison: RunComparison) { self.comparison = comparison }

    /// The whole text, with a newline at its end.
    package func text() -> String {
        func cell(_ text: String) -> String { MarkdownReport.cell(text) }
        var lines = [
            "### Peerquake: \(cell(comparison.planWords)) \(comparison.verdict.rawValue)", "",
            "\(comparison.countWords); exit code \(comparison.exit.rawValue). \(comparison.methodWords)", "",
            comparison.isWithin
                ? "Within \(runs(comparison.candidate)): the baseline is the earlier value of the plan."
                : "Candidate \(runs(comparison.candidate)), baseline \(runs(comparison.baseline)).",
        ]
        for difference in comparison.differences { lines += ["", "> \(cell(difference.words))"] }
        lines += keys()
        lines += listed("Without a match", comparison.unmatched.map(\.words))
        lines += listed("Left out", comparison.leftOut.map(\.words))
        return lines.joined(separator: "\n") + "\n"
    }

    private func runs(_ side: RunComparison.Side) -> String {
        side.runs.map { "`\($0.printable().replacing("`", with: ""))`" }.joined(separator: ", ")
    }

    private func keys() -> [String] {
        guard !comparison.keys.isEmpty else { return [] }
        var lines = [
            "", "| verdict | key | repeats | recovery | difference | p | loss | difference | p |",
            "|---|---|---:|---:|---:|---:|---:|---:|---:|",
        ]
        for key in comparison.keys {
            var row = [
                key.verdict.rawValue, key.words,
                "\(key.candidateRepeats) : \(key.baselineRepeats)",
            ]
            for measure in Measure.tested {
                guard let figures = key[measure] else {
                    row += ["–", "–", "–"]
                    continue
                }
                let scale = Scale(figures)
                row += [
                    scale.change(figures),
                    scale.difference(figures.difference, figures.differenceLow, figures.differenceHigh),
                    Figures.probability(figures.worseAdjustedP),
                ]
            }
            let cells = row.enumerated().map { index, text in
                index == 0 && key.verdict == .worse ? "**\(text)**" : MarkdownReport.cell(text)
            }
            lines.append("| " + cells.joined(separator: " | ") + " |")
        }
        return lines
    }

    private func listed(_ title: String, _ entries: [String]) -> [String] {
        entries.isEmpty ? [] : ["", "\(title):", ""] + entries.map { "- \(MarkdownReport.cell($0))" }
    }
}
