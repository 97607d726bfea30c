package import QuakeAnalysis
package import QuakeAudit

/// JUnit XML, for CI systems.
package struct JUnitFormat: ReportFormat {
    private static let help = "Also write JUnit XML to this file."

    package let name = "junit"

    package init() {}

    package var ofRun: FormatUse<RunReport> {
        .written(help: Self.help) { JUnitReport($0.findings).text() }
    }

    package var ofComparison: FormatUse<RunComparison> {
        .written(help: Self.help) { ComparisonJUnit($0).text() }
    }

    package var ofAudit: FormatUse<AuditReport> {
        .written(help: Self.help) { AuditJUnit($0).text() }
    }
}
