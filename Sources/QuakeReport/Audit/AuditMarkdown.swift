package import QuakeAudit
import QuakeTimeline

/// An audit as Markdown, for a pull request or a CI job's summary.
package struct AuditMarkdown {
    private let report: AuditReport

    package init(_ report: AuditReport) { self.report = report }

    /// The whole text, with a newline at its end.
    package func text() -> String {
        func cell(_ text: String) -> String { MarkdownReport.cell(text) }
        var lines = [
            "### Peerquake audit: \(report.verdictWord)", "", "\(report.countWords); exit code \(report.exitCode).", "",
            report.clusterWords.map(cell).joined(separator: "; ") + ".",
        ]
        if !report.findings.isEmpty {
            lines += ["", "| severity | cluster | rule | finding |", "|---|---|---|---|"]
            for finding in report.findings {
                let severity = finding.rule.severity.rawValue
                lines.append(
                    "| \(finding.rule.severity == .error ? "**\(severity)**" : severity) | \(cell(finding.cluster)) "
                        + "| `\(finding.rule.id)` | \(cell(finding.message)) |")
            }
        }
        for finding in report.findings { lines += details(finding) }
        lines += listed(
            "Not checked", report.gapGroups.map { "\($0.why): \($0.rules.joined(separator: ", "))" })
        lines += listed(
            "Ignored",
            report.ignored.map {
                "\($0.finding.cluster): \($0.finding.rule.id): \($0.finding.message). Reason: \($0.reason)"
            })
        return lines.joined(separator: "\n") + "\n"
    }

    private func details(_ finding: Finding) -> [String] {
        var lines = [
            "", "<details><summary>\(MarkdownReport.cell(finding.cluster)): \(finding.rule.id)</summary>", "",
            MarkdownReport.cell(finding.rule.practice + " " + finding.rule.why), "",
        ]
        lines += finding.evidence.map { "- \(MarkdownReport.cell($0.words))" }
        if let cost = finding.cost { lines += ["", "Cost: \(MarkdownReport.cell(cost))."] }
        lines += ["", "\(MarkdownReport.cell(finding.rule.remedy))"]
        if let fix = finding.fix {
            // A fence longer than any in the text.
            lines += ["", "`\(fix.command)`:", "", "````yaml"]
            lines += fix.yaml.printable(lines: true).replacing("````", with: "'''").split(separator: "\n")
                .map(String.init)
            lines.append("````")
        }
        return lines + ["", "</details>"]
    }

    private func listed(_ title: String, _ entries: [String]) -> [String] {
        entries.isEmpty ? [] : ["", "\(title):", ""] + entries.map { "- \(MarkdownReport.cell($0))" }
    }
}
