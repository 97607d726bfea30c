package import QuakeAnalysis

/// Pages: one self-contained file.
package struct HTMLFormat: ReportFormat {
    package let name = "html"

    package init() {}

    package var ofRun: FormatUse<RunReport> {
        .written(help: "Also write one self-contained HTML file, with the run's timeline.") {
            try HTMLReport($0).text()
        }
    }

    package var ofComparison: FormatUse<RunComparison> {
        .written(help: "Also write an HTML page to this file.") { ComparisonHTML($0).text() }
    }
}

extension HTMLReport {
    /// - Throws: what reading the run's details does.
    package init(_ run: RunReport) throws {
        let details = try run.details()
        self.init(
            run.findings, chart: details.chart, latencies: details.latencies, evidence: details.evidence)
    }
}
