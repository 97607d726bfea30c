import QuakeAnalysis
import QuakeReport
import QuakeTimeline
import Testing

@Suite("What a terminal would obey is written out")
struct PrintableTests {
    /// Clears a screen, sets a title, colours, rings, goes back to a line's beginning, and so in C1.
    static let hostile = "a\u{1B}[2J\u{1B}]0;t\u{7}\u{1B}[31m\r\u{8}\u{9B}8m\u{7F}b"

    @Test(
        "with their numbers, line breaks as a reader of lines needs them",
        arguments: [
            ("plain – ü █ 🙂", "plain – ü █ 🙂", "plain – ü █ 🙂"),
            ("a\nb\tc\r\nd\re", "a\\nb\\tc\\r\\nd\\re", "a\nb\tc\nd\\re"),
            (
                "\u{0}\u{1B}[2J\u{7F}\u{85}\u{9F}\u{A0}", "\\x00\\x1b[2J\\x7f\\x85\\x9f\u{A0}",
                "\\x00\\x1b[2J\\x7f\\x85\\x9f\u{A0}"
            ),
            // A combining character does not hide the one that it stands on.
            ("\u{1B}\u{301}[2J", "\\x1b\u{301}[2J", "\\x1b\u{301}[2J"),
        ])
    func written(text: String, line: String, lines: String) {
        #expect(text.printable() == line)
        #expect(text.printable(lines: true) == lines)
    }

    private func controls(_ text: String) -> [UInt32] {
        text.unicodeScalars.map(\.value).filter { ($0 < 32 && $0 != 10) || (127...159).contains($0) }
    }

    private static func findings() throws -> Findings {
        var findings = try ReportTests.findings()
        findings.info.id += hostile
        findings.info.planName = hostile
        findings.info.facts = ["mesh\(hostile)": hostile]
        findings.troubles = [.init(exit: .faultNotInjected, trial: 0, words: "kubectl said:\n\(hostile)")]
        findings.verdicts[0].claim += hostile
        findings.verdicts[0].worst = hostile
        findings.trials[0].labels["vars"] = hostile
        findings.trials[0].faults[0].fault.id = hostile
        findings.trials[0].faults[0].fault.step = hostile
        findings.trials[0].faults[0].fault.targets = [hostile]
        findings.trials[0].failedDials[0].targetNode = hostile
        return findings
    }

    /// Once, and repeated so often that cells are shown.
    @Test("in a run's reports", arguments: [1, 4])
    func run(repeats: Int) throws {
        var findings = try Self.findings()
        findings.trials = Array(repeating: findings.trials[0], count: repeats)
        let plain = TerminalReport(findings, directory: "runs/\(Self.hostile)", color: false).text()
        #expect(controls(plain).isEmpty, "\(plain)")
        #expect(plain.contains("\\x1b[2J"))
        let colored = TerminalReport(findings, directory: "runs/\(Self.hostile)", color: true).text()
        #expect(colored.replacing(#/\u{1B}\[(0|1|3[123]|1;3[123])m/#, with: "") == plain)
        let markdown = MarkdownReport(findings).text()
        #expect(controls(markdown).isEmpty, "\(markdown)")
        #expect(markdown.contains("\\\\x1b[2J"))
        let line = TrialLine(findings.trials[0], findings).text.printable()
        #expect(controls(line).isEmpty)
    }

    @Test("in comparisons")
    func comparison() {
        func side(_ id: String) -> FaultRepeats {
            let key = ComparisonKey(
                plan: "made\(Self.hostile)", step: Self.hostile, peering: "NodePort", lane: "echo/new",
                cell: ["zone": Self.hostile], versions: [:], nodes: [:])
            var run = FaultRepeats(run: id + Self.hostile, plan: key.plan, startUnixNanoseconds: 0)
            run.repeats = (0..<3).map { index in
                FaultRepeat(
                    key: key, run: run.run, repeatIndex: index, periodNanoseconds: 20_000_000,
                    recoveryBoundsNanoseconds: 20_000_000, slots: 1000,
                    readings: [.recovery: Reading(1_000_000_000), .loss: Reading(1)])
            }
            run.leftOut = [LeftOut(run: run.run, repeatIndex: 2, what: Self.hostile, why: Self.hostile)]
            return run
        }
        let comparison = Comparer(candidate: [side("b")], baseline: [side("a")]).comparison()
        let plain = ComparisonTerminal(comparison, command: Self.hostile, color: false).text()
        #expect(controls(plain).isEmpty, "\(plain)")
        let colored = ComparisonTerminal(comparison, command: Self.hostile, color: true).text()
        #expect(colored.replacing(#/\u{1B}\[(0|1|3[123]|1;3[123])m/#, with: "") == plain)
        #expect(controls(ComparisonMarkdown(comparison).text()).isEmpty)
    }
}
