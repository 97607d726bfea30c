package import QuakeAnalysis
package import QuakeAudit

/// Markdown, for pull requests and the summaries of CI jobs.
package struct MarkdownFormat: ReportFormat {
    private static let help = "Also write Markdown to this file."

    package let name = "markdown"

    package init() {}

    package var ofRun: FormatUse<RunReport> {
        .written(help: Self.help) { MarkdownReport($0.findings).text() }
    }

    package var ofComparison: FormatUse<RunComparison> {
        .written(help: Self.help) { ComparisonMarkdown($0).text() }
    }

    package var ofAudit: FormatUse<AuditReport> {
        .written(help: Self.help) { AuditMarkdown($0).text() }
    }
}
