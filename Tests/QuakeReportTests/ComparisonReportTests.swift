import Foundation
import FoundationXML
import QuakeAnalysis
import QuakeReport
import QuakeTimeline
import Testing

@Suite("Reports of comparisons")
struct ComparisonReportTests {
    private static func key(_ peering: String, _ lane: String = "echo/new") -> ComparisonKey {
        ComparisonKey(
            plan: "made", step: "kill", peering: peering, lane: lane, cell: ["zone": "a|b"],
            versions: ["west Kubernetes": "v1.35.0"], nodes: ["west": "4"])
    }

    private static func run(_ id: String, start: Int64 = 0, _ recoveries: [ComparisonKey: [Double]]) -> FaultRepeats {
        var run = FaultRepeats(run: id, plan: "made", startUnixNanoseconds: start)
        for (key, values) in recoveries.sorted(by: { $0.key < $1.key }) {
            run.repeats += values.enumerated().map { index, seconds in
                let recovery = Int64((seconds * 1e9).rounded())
                return FaultRepeat(
                    key: key, run: id, repeatIndex: index, periodNanoseconds: 20_000_000,
                    recoveryBoundsNanoseconds: 20_000_000, slots: 1000,
                    readings: [
                        .recovery: Reading(recovery, isCensored: seconds > 9.9), .loss: Reading(recovery / 2),
                        .blackout: Reading(0), .onset: Reading(15_000_000), .latencyP50: Reading(3_000_000),
                        .latencyP99: Reading(2_000_000_000),
                    ])
            }
        }
        return run
    }

    private static let healthy = [4.1, 4.3, 4.5, 4.6, 4.8, 4.9, 5.0, 5.1, 5.2, 5.3]

    /// One key of every verdict but better, one without a match, and a repeat left out.
    static func comparison() -> RunComparison {
        var candidate = run(
            "20260201T021500Z-made-0b",
            [
                key("NodePort"): healthy.map { $0 * 2 }, key("LoadBalancer"): healthy.reversed(),
                key("NodePort", "echo/pooled"): [2, 3], key("NodePort", "<b>&\u{1}"): [1],
            ])
        candidate.settings = ["--set grace": ["8s"]]
        candidate.leftOut = [
            LeftOut(run: candidate.run, repeatIndex: 2, what: "NodePort", why: "the prober itself stalled")
        ]
        let baseline = run(
            "20260131T021500Z-made-0a",
            [
                key("NodePort"): healthy, key("LoadBalancer"): healthy,
                key("NodePort", "echo/pooled"): [2.5, 2.75],
            ])
        return Comparer(candidate: [candidate], baseline: [baseline]).comparison()
    }

    @Test("on a terminal say the verdict first and fit 80 columns")
    func terminal() throws {
        let command = "peerquake compare runs/b --baseline runs/a"
        let text = ComparisonTerminal(Self.comparison(), command: command, color: false).text()
        #expect(text.hasPrefix("WORSE  made: 1 of 3 keys worse, 1 same, 1 unknown; exit code 3"))
        for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
        #expect(!text.contains("\u{1B}"))
        try compare(text, with: "comparison.txt")
    }

    @Test("in colour differ by their colours alone")
    func color() {
        let colored = ComparisonTerminal(Self.comparison(), command: "c", color: true).text()
        let plain = ComparisonTerminal(Self.comparison(), command: "c", color: false).text()
        #expect(colored.replacing(#/\u{1B}\[[0-9;]*m/#, with: "") == plain)
        #expect(colored.contains("\u{1B}[1;31mWORSE"))
    }

    @Test("for pull requests are Markdown whose tables stay whole")
    func markdown() throws {
        let text = ComparisonMarkdown(Self.comparison()).text()
        for row in text.split(separator: "\n").filter({ $0.hasPrefix("| ") }) {
            #expect(row.replacing("\\|", with: "").count { $0 == "|" } == 10, "\(row)")
        }
        try compare(text, with: "comparison.md")
    }

    @Test("for CI systems are JUnit XML: without a baseline, or with too few repeats, a case is skipped")
    func junit() throws {
        let text = ComparisonJUnit(Self.comparison()).text()
        let parser = XMLParser(data: Data(text.utf8))
        #expect(parser.parse(), "\(parser.parserError.map { "\($0)" } ?? "")")
        #expect(text.contains("<skipped message=\"no baseline\"/>"))
        #expect(text.contains("<failure message=\"recovery and loss worse\"/>"))
        try compare(text, with: "comparison.junit.xml")
    }

    @Test("for machines carry units in their keys")
    func json() throws {
        try compare(try ComparisonJSON(Self.comparison()).text(), with: "comparison.json")
    }

    @Test("as pages show every repeat, and escape their input")
    func html() throws {
        let text = ComparisonHTML(Self.comparison()).text()
        // Two plots a key; of each the repeats of both sides.
        #expect(text.matches(of: #/class="dot[^"]*"/#).count == 2 * (20 + 20 + 4))
        #expect(text.matches(of: #/dot censored candidate/#).count == 4)
        #expect(!text.contains("<b>&"))
        #expect(text.contains("&lt;b&gt;&amp;"))
        #expect(text.contains("in the candidate alone"))
    }

    // MARK: - Histories

    static func history() -> RunHistory {
        let day: Int64 = 86_400_000_000_000
        let start: Int64 = 1_769_825_700_000_000_000
        return Historian(
            [1, 1, 2, 2].enumerated().map { night, factor in
                run(
                    "night-\(night)", start: start + Int64(night) * day,
                    [key("NodePort"): healthy.map { $0 * factor }, key("LoadBalancer"): healthy])
            }
        ).history()
    }

    @Test("over time tell since when, within 80 columns")
    func historyOnATerminal() throws {
        let text = HistoryTerminal(
            Self.history(), unreadable: [], command: "peerquake history runs", color: false
        ).text()
        #expect(text.hasPrefix("WORSE  1 of 2 keys in their newest run"))
        for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
        try compare(text, with: "history.txt")
    }

    @Test("over time mark the bad runs of a sparkline, and lead to the first one")
    func historyAsAPage() throws {
        let text = HistoryHTML(Self.history(), unreadable: ["runs/x: <no run>"]).text()
        // Recovery and loss of one key in two runs.
        #expect(text.matches(of: #/circle class="bad"/#).count == 4)
        #expect(text.contains("<a href=\"#run-2\">2026-02-02 02:15</a>"))
        #expect(text.contains("id=\"run-2\""))
        #expect(text.contains("runs/x: &lt;no run&gt;"))
    }

    @Test("over time show which runs still run and which broke off")
    func historyOfRunsUnderWay() throws {
        var runs = [RunState.closed, .brokenOff, .running].enumerated().map { night, state in
            var run = FaultRepeats(run: "night-\(night)", plan: "p", startUnixNanoseconds: Int64(night))
            run.state = state
            run.exit = .inconclusive
            return run
        }
        runs[0].leftOut = [LeftOut(run: "night-0", repeatIndex: 0, what: "NodePort", why: "it has no fault")]
        let history = Historian(runs).history()
        let text = HistoryTerminal(history, unreadable: [], command: "peerquake history runs", color: false).text()
        #expect(text.contains(#/night-0 +2 +1 left out/#))
        #expect(text.contains(#/night-1 +2 +broken off/#))
        #expect(text.contains(#/night-2 +– +still runs/#))
        let page = HistoryHTML(history, unreadable: []).text()
        #expect(page.contains("still runs") && page.contains("broken off"))
    }
}
