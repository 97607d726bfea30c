package import QuakeAnalysis

/// JSON, for scripts: of a run what its summary.json holds.
package struct JSONFormat: ReportFormat {
    package let name = "json"

    package init() {}

    package var ofRun: FormatUse<RunReport> {
        .written(help: "Write JSON there too, as in summary.json.") { try SummaryJSON($0.findings).text() }
    }

    package var ofComparison: FormatUse<RunComparison> {
        .written(help: "Write JSON there too.") { try ComparisonJSON($0).text() }
    }
}
