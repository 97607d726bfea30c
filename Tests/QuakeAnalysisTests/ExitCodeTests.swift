import Foundation
import QuakeAnalysis
import QuakePlan
import QuakeTimeline
import Testing

@Suite("Exit codes")
struct ExitCodeTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    @Test(
        "are decided in the order that the documents give",
        arguments: ["docs/troubleshooting.md", "docs/ci.md", "docs/peerquake.1"])
    func documented(file: String) throws {
        let text = try String(contentsOf: Self.root.appending(path: file), encoding: .utf8)
        let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let order = PeerquakeExit.precedence.map(\.rawValue)
        #expect(order == [5, 130, 143, 70, 69, 64, 4, 1, 3, 2])
        #expect(Set(order) == Set(PeerquakeExit.allCases.map(\.rawValue)).subtracting([0]))
        let isThere = line.contains("Of several: 5, 130 or 143, 70, 69, 64, 4, 1, 3, 2, 0.")
        #expect(isThere)
    }

    @Test("are each explained with their names, in order")
    func explained() throws {
        let page = try String(contentsOf: Self.root.appending(path: "docs/troubleshooting.md"), encoding: .utf8)
        let section = try #require(
            page.components(separatedBy: "\n## Exit codes\n").last?.components(separatedBy: "\n## ").first)
        let rows = section.split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst().map { line in
            line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        }
        #expect(
            rows.map { $0.prefix(2).joined(separator: " ") } == PeerquakeExit.allCases.map { "\($0.rawValue) \($0)" })
        for row in rows { #expect(row.count == 4 && row[2].hasSuffix(".") && row[3].hasSuffix("."), "\(row)") }
    }

    private func findings(_ outcome: HealingOutcome) throws -> Findings {
        try findings([.healed(journalID: 1, inverse: "uncordon n1", outcome: outcome)])
    }

    /// Of a run of which this was recorded, a nanosecond apart.
    private func findings(_ recorded: [Event.What]) throws -> Findings {
        var timeline = MemoryTimeline(info: RunInfo(id: "r", planName: "p"))
        timeline.events = ([.runStarted] + recorded).enumerated().map { offset, what in
            Event(at: RunInstant(nanoseconds: Int64(offset) + 1), what)
        }
        let plan = try Plan.parse(
            """
            kind: Plan
            apiVersion: peerquake.dev/v1
            name: p
            clusters: [east, west]
            traffic: [{name: echo, url: "http://echo:8080/", from: east, to: west}]
            steps: [{wait: 1s}]
            """, path: "p.yaml")
        return try Analyser(timeline, plan: plan).findings()
    }

    @Test("blame no clean-up for what is gone or was recreated by someone else, which the report says anyway")
    func leftAlone() throws {
        for outcome in [HealingOutcome.gone, .foreign] {
            let findings = try findings(outcome)
            #expect(findings.troubles.isEmpty)
            #expect(findings.notes == ["uncordon n1: \(outcome.text)"])
        }
    }

    @Test("tell what could not be undone from what was left to another run")
    func notUndone() throws {
        #expect(try findings(.failed("because")).troubles.map(\.exit) == [.cleanupIncomplete])
        let withheld = try findings(.withheld("another-run"))
        #expect(withheld.troubles.map(\.exit) == [.unavailable])
        #expect(withheld.troubles.first?.words == "uncordon n1: not touched: the cluster is held by another-run")
    }

    @Test("of a run whose selector matched nothing are those of the run, with what it said")
    func endedByError() throws {
        let cause = "no node \"n9\"; there are: n1"
        let troubles = try findings([
            .trialFinished, .note(cause), .healed(journalID: 1, inverse: "uncordon n1", outcome: .healed),
            .runFinished(exitCode: 4),
        ]).troubles
        #expect(troubles.map(\.exit) == [.faultNotInjected])
        #expect(troubles.map(\.words) == ["the run ended with exit code 4: \(cause)"])
    }

    @Test("of a step that failed are reported once, by the step")
    func endedByStep() throws {
        let troubles = try findings([
            .stepFinished(step: "kill", outcome: .failed, detail: "why"), .trialFinished, .note("kill failed: why"),
            .runFinished(exitCode: 4),
        ]).troubles
        #expect(troubles.map(\.words) == ["kill failed: why"])
    }
}
