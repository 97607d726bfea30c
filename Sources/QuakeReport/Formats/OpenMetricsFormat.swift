package import QuakeAnalysis

/// OpenMetrics text, for a node exporter's textfile collector or a push gateway.
package struct OpenMetricsFormat: ReportFormat {
    package let name = "openmetrics"

    package init() {}

    package var ofRun: FormatUse<RunReport> {
        .written(help: "Also write OpenMetrics text to this file.") { OpenMetricsReport($0.findings).text() }
    }

    package var ofComparison: FormatUse<RunComparison> {
        .refused(
            "a comparison has no separate figures to monitor; --json has those of both sides, and peerquake report "
                + "--openmetrics those of one run")
    }
}
