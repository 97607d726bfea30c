import Foundation
import QuakeAnalysis
import QuakeReport
import QuakeTimeline
import Testing

@Suite("Reports of a long run")
struct LongRunTests {
    /// Twenty repeats of one cell; in the odd ones nothing was lost.
    static func findings() throws -> Findings {
        var findings = try ReportTests.findings()
        let first = findings.trials[0]
        findings.trials = (0..<20).map { index in
            var trial = first
            trial.index = index
            trial.repeatIndex = index
            for fault in trial.faults.indices {
                for effect in trial.faults[fault].effects.indices {
                    var changed = trial.faults[fault].effects[effect]
                    changed.bad = index % 2 == 0 ? 50 + index : 0
                    changed.stableNanoseconds = index % 2 == 0 ? Int64(index + 1) * 100_000_000 : 0
                    trial.faults[fault].effects[effect] = changed
                }
            }
            return trial
        }
        return findings
    }

    @Test("put the repeats of a cell together: how often, medians, the worst and where to look")
    func terminal() throws {
        let text = TerminalReport(try Self.findings(), directory: "runs/made", color: false).text()
        #expect(text.contains("NodePort, 20 repeats"))
        let row = try #require(text.split(separator: "\n").first { $0.hasPrefix("  kill") })
        // Hit in 10 of 20; the fifth of ten losses is 58 slots of 20 ms; of the recoveries 0.9 s; the longest 1.9 s.
        #expect(row.split(separator: " ").joined(separator: " ") == "kill echo/new 10/20 1.16 s – 900 ms 1.90 s 19")
        #expect(text.hasSuffix("alone: peerquake report runs/made --trial 1\n"))
        for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
        #expect(text.split(separator: "\n").count < 60)
    }

    @Test("show one trial where it is asked for")
    func one() throws {
        let text = TerminalReport(try Self.findings(), directory: "runs/made", color: false, only: 6).text()
        #expect(text.contains("NodePort, repeat 7\n"))
        #expect(!text.contains("repeat 8"))
    }

    @Test("say that it is in progress")
    func running() throws {
        var findings = try Self.findings()
        findings.state = .running
        findings.trials[19].isWhole = false
        let text = TerminalReport(findings, directory: "runs/made", color: false).text()
        #expect(text.hasPrefix("FAIL so far  made: 0 of 1 expectations hold in 19 trials; it still runs\n"))
        #expect(text.contains("trial 20 (NodePort, repeat 20) is in progress: shown, not judged"))
        #expect(MarkdownReport(findings).text().hasPrefix("### Peerquake: made still runs (failed so far)"))
    }

    @Test("fit a job's summary")
    func markdown() throws {
        let text = MarkdownReport(try Self.findings()).text()
        #expect(text.contains("| peering NodePort | kill | echo/new | 10/20 | 1.16 s | – | 900 ms | 1.90 s | 19 |"))
        #expect(text.utf8.count < 2000)
    }

    @Test("tell a trial in one line")
    func line() throws {
        let findings = try ReportTests.findings()
        let text = TrialLine(findings.trials[0], findings).text
        #expect(
            text == "trial 1  FAILED NodePort, repeat 1: kill lost 1.00 s, recovered after 1.98 s; "
                + "availability >= 99.0 %: 90.0 % on NodePort echo/new")
    }

    @Test(
        "are described by the schemas that are published",
        arguments: [
            ("summary", SummarySchema.json), ("comparison", ComparisonSchema.json), ("audit", AuditSchema.json),
        ])
    func schema(name: String, json: String) throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let published = try String(contentsOf: root.appending(path: "docs/\(name).schema.json"), encoding: .utf8)
        #expect(published == json, "peerquake schema --\(name) >docs/\(name).schema.json")
        #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(published.utf8)) }
    }
}
