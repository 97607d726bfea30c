import QuakeAnalysis
import QuakeReport
import QuakeTimeline
import Testing

@Suite("Reports of propagation")
struct PropagationReportTests {
    private static func findings() throws -> Findings {
        var findings = try ReportTests.findings()
        let values: [PropagationFindings.Value] = [
            .init(nanoseconds: 12_000_000), .init(nanoseconds: 14_000_000),
            .init(nanoseconds: 8_000_000_000, isCensored: true),
        ]
        findings.trials[0].propagation = [
            PropagationFindings(
                step: "target", change: .target, direction: .added, view: .targets(client: "east"), cluster: "west",
                values: values),
            PropagationFindings(
                step: "endpoint", change: .endpoint, direction: .added, view: .lane(traffic: "echo", mode: .new),
                cluster: "west", values: [.init(nanoseconds: 30_000_000)]),
        ]
        return findings
    }

    private static func flat(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    @Test("have it in every format: each view with its figures, and what did not arrive")
    func told() throws {
        let findings = try Self.findings()
        let terminal = TerminalReport(findings, directory: "runs/made", color: false).text()
        #expect(Self.flat(terminal).contains("NodePort, repeat 1: how soon changes were known"))
        #expect(Self.flat(terminal).contains("target target added targets of east 3 12 ms > 8.00 s 1"))
        #expect(Self.flat(terminal).contains("endpoint endpoint added echo/new 1 30 ms 30 ms –"))
        for line in terminal.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
        #expect(
            MarkdownReport(findings).text().contains(
                "| peering NodePort, repeat 1 | target | target added | targets of east | 3 | 12 ms | > 8.00 s | 1 |"))
        let sentence =
            "target: target added, targets of east: 3 times, median 12 ms, longest &gt; 8.00 s, 1 did not arrive"
        #expect(JUnitReport(findings).text().contains("repeat 1, \(sentence)"))
        let chart = Chart(span: Interval(start: .origin, end: RunInstant(nanoseconds: 10_000_000_000)))
        let page = HTMLReport(findings, chart: chart, latencies: [], evidence: []).text()
        #expect(page.contains("How soon changes were known") && page.contains("&gt; 8.00 s"))
        let metrics = OpenMetricsReport(findings).text()
        let labels = #"step="target",change="target",direction="added",view="targets of east""#
        #expect(metrics.contains("\(labels),censored=\"true\"} 8.0"), "\(metrics)")
        #expect(metrics.contains("peerquake_propagation_missed{") && metrics.contains("\(labels)} 1.0"))
        let summary = Self.flat(try SummaryJSON(findings).text())
        #expect(summary.contains(#""millis" : [ 12, 14 ], "notBeforeMillis" : [ 8000 ]"#), "\(summary)")
        #expect(summary.contains(#""view" : "targets of east""#))
    }

    @Test("of a run that measured none do not mention it")
    func silent() throws {
        let findings = try ReportTests.findings()
        #expect(!TerminalReport(findings, directory: "runs/made", color: false).text().contains("were known"))
        #expect(try !SummaryJSON(findings).text().contains("propagation"))
        #expect(!OpenMetricsReport(findings).text().contains("propagation"))
        #expect(!MarkdownReport(findings).text().contains("known to"))
    }
}
