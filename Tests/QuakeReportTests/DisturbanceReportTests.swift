import QuakeAnalysis
import QuakeReport
import QuakeTimeline
import Testing

@Suite("Reports of a trial that others disturbed")
struct DisturbanceReportTests {
    private static func at(_ seconds: Int64) -> RunInstant { RunInstant(nanoseconds: seconds * 1_000_000_000) }

    private static func disturbed(_ disturbances: [Disturbance]) throws -> Findings {
        var findings = try ReportTests.findings()
        findings.trials[0].disturbances = disturbances
        return findings
    }

    private static let deleted = Disturbance(
        cluster: "west", node: "west-worker2", change: .deleted, at: at(5), returned: at(7))

    private static func flat(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    @Test("say so, with the node and the moment, and judge as they would without")
    func told() throws {
        let findings = try Self.disturbed([Self.deleted])
        let words =
            "trial 1 disturbed: others changed nodes (+5.00 s: west/west-worker2 was deleted, and was there again at +7.00 s)"
        let terminal = TerminalReport(findings, directory: "runs/made", color: false).text()
        #expect(Self.flat(terminal).contains("~ " + words))
        for line in terminal.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
        #expect(MarkdownReport(findings).text().contains("> " + words))
        #expect(JUnitReport(findings).text().contains(words))
        let chart = Chart(span: Interval(start: Self.at(0), end: Self.at(10)))
        let page = HTMLReport(findings, chart: chart, latencies: [], evidence: []).text()
        #expect(page.contains(words))
        #expect(try SummaryJSON(findings).text().contains("\"returnedMillis\" : 7000"))
        #expect(findings.exit == (try ReportTests.findings()).exit)
    }

    @Test("of others' taints and cordons name them; many are counted")
    func many() throws {
        let seen = Disturbance(cluster: "west", node: "w", change: .cordoned, at: Self.at(1))
        let taint = Disturbance(
            cluster: "west", node: "w", change: .untainted, taints: ["a=b:NoSchedule", "c:NoExecute"], at: Self.at(2))
        let findings = try Self.disturbed([taint] + Array(repeating: seen, count: 6))
        let text = Self.flat(TerminalReport(findings, directory: "runs/made", color: false).text())
        #expect(
            text.contains("+2.00 s: west/w lost the taints a=b:NoSchedule, c:NoExecute; +1.00 s: west/w was cordoned"))
        #expect(text.contains("; and 2 more)"))
    }

    @Test("of an undisturbed trial do not mention it")
    func silent() throws {
        let findings = try ReportTests.findings()
        #expect(!TerminalReport(findings, directory: "runs/made", color: false).text().contains("disturbed"))
        #expect(try !SummaryJSON(findings).text().contains("disturb"))
    }
}
