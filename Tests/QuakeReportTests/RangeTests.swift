import Foundation
import QuakeAnalysis
import QuakePlan
import QuakeReport
import QuakeTimeline
import Testing

@Suite("Reports of figures that suspect slots could change")
struct RangeTests {
    /// A fault at 4 s that cost 80 ms in trusted seconds, and 588 slots that were late in suspect ones.
    static func findings(injection: Interval? = nil) throws -> (MemoryTimeline, Findings) {
        func at(_ seconds: Double) -> RunInstant { RunInstant(nanoseconds: Int64(seconds * 1e9)) }
        var timeline = try ReportTests.timeline()
        let lane = timeline.lanes[0]
        timeline.samples[lane.id] = (0..<2000 as Range<UInt64>).map { sequence in
            let due = lane.due(sequence)
            let isReal = (250..<254).contains(sequence)
            let isLate = (400..<988).contains(sequence)
            return Sample(
                lane: lane.id, sequence: sequence, due: due, sent: due, done: due + .milliseconds(isLate ? 400 : 3),
                outcome: isReal ? .refused : isLate ? .late : .ok)
        }
        timeline.events = timeline.events.map { event in
            var event = event
            if case .trialFinished = event.what { event.at = at(40) }
            if case .faultInjected(var fault) = event.what {
                fault.injection = injection
                event.what = .faultInjected(fault)
            }
            return event
        }
        timeline.events.append(
            Event(at: at(20), trial: 0, .suspect(from: at(8), to: at(19.99), reason: "the host froze")))
        timeline.events.sort { $0.at < $1.at }
        let claim = QuakePlan.Expectation(
            claim: .availability(Comparison(.atLeast, 0.99)), position: SourcePosition(line: 9, column: 5))
        let plan = Plan(
            name: "made", clusters: ["east", "west"],
            cells: [Cell(traffic: [], steps: [], settle: .seconds(2), expectations: [claim])])
        return (timeline, try Analyser(timeline, plan: plan).findings())
    }

    private static func words(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    @Test("on a terminal give both ends below the table, the reason first, and fit 80 columns")
    func terminal() throws {
        let (_, findings) = try Self.findings()
        let text = TerminalReport(findings, directory: "runs/made", color: false).text()
        for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
        #expect(text.hasPrefix("INCONCLUSIVE  made"))
        let words = Self.words(text)
        #expect(words.contains("? availability >= 99.0 %: suspect slots, 30.0 % of all, decide: 70.4 % to 99.8 % on"))
        #expect(words.contains("kill echo/new 80 ms ? "))
        #expect(
            words.contains(
                "? kill echo/new, suspect slots good or bad: loss 80 ms to 11.84 s, blackout 80 ms to 11.76 s, "
                    + "recovery 1.08 s to 15.76 s"))
    }

    @Test("as Markdown, JUnit, HTML and a line give them in place")
    func others() throws {
        let (timeline, findings) = try Self.findings()
        #expect(MarkdownReport(findings).text().contains("| 80 ms to 11.84 s | 80 ms to 11.76 s | 1.00 s | 1.08 s to"))
        #expect(JUnitReport(findings).text().contains("loss 80 ms to 11.84 s, recovery 1.08 s to 15.76 s"))
        #expect(TrialLine(findings.trials[0], findings).text.contains("kill lost 80 ms to 11.84 s"))
        let (chart, latencies) = try ChartBuilder(timeline, findings: findings).build()
        let page = HTMLReport(findings, chart: chart, latencies: latencies, evidence: []).text()
        #expect(page.contains("<small>80 ms to 11.84 s</small>"))
        #expect(page.contains("<small>1.08 s to 15.76 s</small>"))
        #expect(page.contains("kill cost echo/new 80 ms to 11.84 s of traffic"))
    }

    @Test("for machines have both ends, and nothing where nothing is in doubt")
    func json() throws {
        let text = try SummaryJSON(Self.findings().1).text()
        let trial = try Self.trial(text)
        let effect = try #require(Self.effect(trial))
        #expect(effect["lossRangeMillis"] as? [Double] == [80, 11_840])
        #expect(effect["blackoutRangeMillis"] as? [Double] == [80, 11_760])
        #expect(effect["recoveryRangeMillis"] as? [Double] == [1080, 15_760])
        #expect(effect["recoveryRangeIsCensored"] as? Bool == false)
        #expect((trial["availabilityRange"] as? [String: [Double]])?["echo/new"] == [0.704, 0.998])
        #expect(effect["onsetBoundsMillis"] == nil)
        let plain = try SummaryJSON(ReportTests.findings()).text()
        for key in ["Range", "Bounds"] { #expect(!plain.contains(key)) }
    }

    private static func trial(_ text: String) throws -> [String: Any] {
        let summary = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        return try #require((summary?["trials"] as? [[String: Any]])?.first)
    }

    private static func effect(_ trial: [String: Any]) -> [String: Any]? {
        ((trial["faults"] as? [[String: Any]])?.first?["effects"] as? [[String: Any]])?.first
    }

    @Test("bound onset and recovery by the interval in which the fault took effect")
    func injection() throws {
        let start = RunInstant(nanoseconds: 4_000_000_000)
        let (timeline, findings) = try Self.findings(
            injection: Interval(start: start, end: start + .milliseconds(300)))
        let terminal = TerminalReport(findings, directory: "runs/made", color: false).text()
        #expect(Self.words(terminal).contains("kill took effect within 300 ms, at a moment of it that is not known:"))
        #expect(terminal.contains("kill echo/new: onset 700 ms to 1.00 s, recovery 780 ms to 1.08 s"))
        for line in terminal.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
        #expect(MarkdownReport(findings).text().contains("onset 700 ms to 1.00 s, recovery 780 ms to 1.08 s"))
        let effect = try #require(Self.effect(try Self.trial(SummaryJSON(findings).text())))
        #expect(effect["onsetBoundsMillis"] as? [Double] == [700, 1000])
        #expect(effect["recoveryBoundsMillis"] as? [Double] == [780, 1080])
        let (chart, latencies) = try ChartBuilder(timeline, findings: findings).build()
        let page = HTMLReport(findings, chart: chart, latencies: latencies, evidence: []).text()
        #expect(page.contains("onset 700 ms to 1.00 s, recovery 780 ms to 1.08 s"))
    }

    @Test("of many repeats give medians by both readings")
    func repeats() throws {
        var (_, findings) = try Self.findings()
        findings.trials = (0..<5).map { index in
            var trial = findings.trials[0]
            trial.index = index
            trial.repeatIndex = index
            return trial
        }
        let text = TerminalReport(findings, directory: "runs/made", color: false).text()
        for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
        #expect(Self.words(text).contains("? kill echo/new, suspect slots good or bad: loss 80 ms to 11.84 s"))
        #expect(Self.words(text).contains("5 trials have figures that suspect slots could change"))
        #expect(MarkdownReport(findings).text().contains("loss 80 ms to 11.84 s"))
    }

    @Test(
        "are an error and no failure for CI systems, where the hypothesis after healing is in doubt",
        arguments: [true, false])
    func hypothesis(isDoubtful: Bool) throws {
        var (_, findings) = try Self.findings()
        findings.trials[0].hypotheses = [HypothesisResult(moment: .after, held: false, detail: "61 % good")]
        findings.trials[0].doubts.mayHaveHealed = isDoubtful
        let text = JUnitReport(findings).text()
        #expect(text.contains("<error message=\"inconclusive: 61 % good\"/>") == isDoubtful)
        #expect(text.contains("<failure message=\"61 % good\"/>") == !isDoubtful)
    }
}
