import Foundation
import QuakeAnalysis
import QuakeReport
import Testing

@Suite("Formats")
struct FormatTests {
    private struct Tally: ReportFormat {
        let name = "tally"
        var ofRun: FormatUse<RunReport> { .written(help: "Write it there too.") { "\($0.findings.trials.count)\n" } }
    }

    private static func report() throws -> RunReport {
        let findings = try ReportTests.findings()
        return RunReport(findings) {
            let (chart, latencies) = try ChartBuilder(ReportTests.timeline(), findings: findings).build()
            return RunReport.Details(chart: chart, latencies: latencies, evidence: [])
        }
    }

    @Test("of the registry write a run as its reports do, and say in a sentence what they write")
    func run() throws {
        let findings = try ReportTests.findings()
        let report = try Self.report()
        let expected = [
            "html": try HTMLReport(report).text(), "junit": JUnitReport(findings).text(),
            "markdown": MarkdownReport(findings).text(), "openmetrics": OpenMetricsReport(findings).text(),
            "json": try SummaryJSON(findings).text(),
        ]
        #expect(FormatRegistry.standard.formats.map(\.name) == ["html", "junit", "markdown", "openmetrics", "json"])
        for format in FormatRegistry.standard.formats {
            guard case .written(let help, let text) = format.ofRun else {
                Issue.record("\(format.name) does not write runs")
                continue
            }
            #expect(help.hasSuffix("."))
            #expect(try text(report) == expected[format.name], "\(format.name)")
        }
    }

    @Test("without a meaning for comparisons say why, those that a registry is given too")
    func comparison() {
        var refused: [String] = []
        for format in FormatRegistry.standard.adding(Tally()).formats {
            switch format.ofComparison {
            case .written(let help, _): #expect(help.hasSuffix("."))
            case .refused(let reason):
                refused.append(format.name)
                #expect(reason.contains(" "))
            }
        }
        #expect(refused == ["openmetrics", "tally"])
    }

    @Test(
        "have the styles and scripts of their files compiled in",
        arguments: [
            "page.css", "timeline.css", "timeline.js", "comparison.css", "history.css",
        ])
    func assets(name: String) throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = try String(
            contentsOf: root.appending(path: "Sources/QuakeReport/Assets/\(name)"), encoding: .utf8)
        let pages = [
            try HTMLReport(Self.report()).text(), ComparisonHTML(ComparisonReportTests.comparison()).text(),
            HistoryHTML(Historian([]).history(), unreadable: []).text(),
        ]
        #expect(!file.isEmpty && pages.contains { $0.contains(file) })
    }
}
