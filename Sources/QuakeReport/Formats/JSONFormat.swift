package import QuakeAnalysis
package import QuakeAudit

/// JSON, for scripts: of a run what its summary.json holds.
package struct JSONFormat: ReportFormat {
    package let name = "json"

    package init() {}

    package var ofRun: FormatUse<RunReport> {
        .written(help: "Also write JSON to this file, as in summary.json.") { try SummaryJSON($0.findings).text() }
    }

    package var ofComparison: FormatUse<RunComparison> {
        .written(help: "Also write JSON to this file.") { try ComparisonJSON($0).text() }
    }

    package var ofAudit: FormatUse<AuditReport> {
        .written(help: "Write JSON there too.") { try AuditJSON($0).text() }
    }
}
