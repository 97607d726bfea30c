import Foundation
import QuakeAnalysis
import QuakePlan
import QuakeReport
import QuakeTimeline
import Testing

/// What different reports say of the same thing.
@Suite("Words of reports")
struct WordsTests {
    private static func page(_ findings: Findings) throws -> String {
        let (chart, latencies) = try ChartBuilder(ReportTests.timeline(), findings: findings).build()
        return HTMLReport(findings, chart: chart, latencies: latencies, evidence: []).text()
    }

    private struct Ending {
        var exit: PeerquakeExit
        var terminal: String
        var page: String
        var markdown: String
        var trial: String
        /// Select Graphic Rendition, and the page's class.
        var tone: (code: String, name: String)
    }

    private static let endings: [Ending] = [
        Ending(
            exit: .pass, terminal: "PASS", page: "Passed.", markdown: "passed", trial: "ok    ", tone: ("1;32", "good")),
        Ending(
            exit: .failed, terminal: "FAIL", page: "Failed.", markdown: "failed", trial: "FAILED",
            tone: ("1;31", "bad")),
        Ending(
            exit: .inconclusive, terminal: "INCONCLUSIVE", page: "Inconclusive.", markdown: "inconclusive",
            trial: "?     ", tone: ("1;33", "unsure")),
        Ending(
            exit: .faultNotInjected, terminal: "FAULT NOT INJECTED", page: "A fault was not injected.",
            markdown: "did not inject a fault", trial: "BROKEN", tone: ("1;31", "bad")),
        Ending(
            exit: .cleanupIncomplete, terminal: "CLEAN-UP INCOMPLETE", page: "Clean-up is incomplete.",
            markdown: "left clean-up incomplete", trial: "BROKEN", tone: ("1;31", "bad")),
        Ending(
            exit: .interrupted, terminal: "INTERRUPTED", page: "Interrupted.", markdown: "interrupted",
            trial: "BROKEN", tone: ("1;33", "unsure")),
        Ending(
            exit: .terminated, terminal: "INTERRUPTED", page: "Interrupted.", markdown: "interrupted",
            trial: "BROKEN", tone: ("1;33", "unsure")),
        Ending(
            exit: .internalError, terminal: "ENDED BADLY", page: "Ended badly.", markdown: "ended badly",
            trial: "BROKEN", tone: ("1;31", "bad")),
    ]

    @Test(
        "name a run's end in the same way on a terminal, on a page, in Markdown and in a trial's line",
        arguments: endings.indices)
    func ends(index: Int) throws {
        let ending = Self.endings[index]
        var findings = try ReportTests.findings()
        findings.exit = ending.exit
        let colored = TerminalReport(findings, directory: "runs/made", color: true).text()
        #expect(colored.hasPrefix("\u{1B}[\(ending.tone.code)m\(ending.terminal)\u{1B}[0m  made: 0 of 1 "))
        let page = try Self.page(findings)
        #expect(page.contains("<div class=\"banner \(ending.tone.name)\">"))
        #expect(page.contains("<strong>\(ending.page)</strong> 0 of 1 expectations held in 1 trial."))
        #expect(MarkdownReport(findings).text().hasPrefix("### Peerquake: made \(ending.markdown)\n"))
        #expect(TrialLine(findings.trials[0], findings).text.hasPrefix("trial 1  \(ending.trial) "))
    }

    @Test("count the same trials everywhere, and say everywhere that a run continues")
    func running() throws {
        var findings = try ReportTests.findings()
        var second = findings.trials[0]
        (second.index, second.repeatIndex, second.isWhole) = (1, 1, false)
        findings.trials.append(second)
        let ended = try Self.page(findings)
        #expect(ended.contains("<strong>Failed.</strong> 0 of 1 expectations held in 1 trial. Broken: "))
        #expect(ended.contains("Exit code 1, seed 1."))
        #expect(MarkdownReport(findings).text().contains("0 of 1 expectations held in 1 trial; exit code 1; "))
        findings.state = .running
        let goingOn = try Self.page(findings)
        #expect(goingOn.contains("<strong>Failed so far.</strong> 0 of 1 expectations hold in 1 trial. Broken: "))
        #expect(goingOn.contains("It still runs, seed 1."))
        #expect(!goingOn.contains("Exit code"))
    }

    @Test("speak of one thing in the singular")
    func singular() throws {
        var findings = try ReportTests.findings()
        findings.trials[0].lanes[0].unattributed = 1
        findings.trials[0].lanes[0].warmUp = 1
        func words(_ text: String) -> String { text.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
        let one = words(TerminalReport(findings, directory: "runs/made", color: false).text())
        #expect(one.contains("1 bad slot of echo/new belongs to no fault"), "\(one)")
        #expect(one.contains("1 slot before the clean stretch is not counted"), "\(one)")
        findings.trials[0].lanes[0].unattributed = 2
        #expect(
            words(TerminalReport(findings, directory: "runs/made", color: false).text())
                .contains("2 bad slots of echo/new belong to no fault"))
        // Four repeats of one cell, and one of another.
        findings.trials = (0..<5).map { index in
            var trial = findings.trials[0]
            (trial.index, trial.cell, trial.repeatIndex) = (index, index / 4, index % 4)
            trial.lanes[0].unattributed = index / 4
            return trial
        }
        let text = TerminalReport(findings, directory: "runs/made", color: false).text()
        let repeated = words(text)
        #expect(text.contains("NodePort, 4 repeats\n") && text.contains("NodePort, 1 repeat\n"), "\(text)")
        #expect(repeated.contains("NodePort, 1 repeat: 1 bad slot belongs to no fault"), "\(text)")
        #expect(repeated.contains("1 time)") && !repeated.contains("1 times"), "\(text)")
    }

    @Test("mark a lower bound in the same way wherever a recovery stands")
    func censored() throws {
        var findings = try ReportTests.findings()
        findings.trials[0].faults[0].effects[0].isCensored = true
        let recovery = "> 1.98 s"
        #expect(TerminalReport(findings, directory: "runs/made", color: false).text().contains(recovery))
        #expect(MarkdownReport(findings).text().contains("| \(recovery) |"))
        #expect(JUnitReport(findings).text().contains("recovery &gt; 1.98 s"))
        let page = try Self.page(findings)
        #expect(page.contains("echo/new &gt; 1.98 s"))
        #expect(page.contains("not back to normal within 1.98 s"))
        #expect(TrialLine(findings.trials[0], findings).text.contains("not recovered by 1.98 s"))
    }
}
