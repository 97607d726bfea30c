import Foundation
import QuakeAnalysis
import QuakePlan
import QuakeReport
import QuakeTimeline
import Testing

@Suite("Reports")
struct ReportTests {
    /// A run made by hand: one fault, half of the slots bad for two seconds.
    static func findings() throws -> Findings {
        func at(_ seconds: Double) -> RunInstant { RunInstant(nanoseconds: Int64(seconds * 1e9)) }
        let lane = Lane(
            id: LaneID(rawValue: 1), trial: 0, traffic: "echo", from: "east", to: "west", peering: .nodePort,
            mode: .new,
            url: "http://echo/", period: .milliseconds(20), origin: .origin)
        let samples = (0..<500 as Range<UInt64>).map { sequence in
            let due = lane.due(sequence)
            let isBad = due >= at(4) && due < at(6) && sequence % 2 == 0
            return Sample(
                lane: lane.id, sequence: sequence, due: due, sent: due, done: due + .milliseconds(isBad ? 2000 : 3),
                outcome: isBad ? .connectTimeout : .ok)
        }
        let fault = Fault(id: "kill", step: "kill", action: "kill-node", cluster: "west", targets: ["west-worker"])
        let events = [
            Event(at: at(0), trial: 0, .trialStarted(cell: 0, repeatIndex: 0, labels: ["peering": "NodePort"])),
            Event(at: at(4), trial: 0, .faultInjected(fault)),
            Event(at: at(5.9), trial: 0, .nodeReady(cluster: "west", node: "west-worker", status: .unknown)),
            Event(at: at(10), trial: 0, .trialFinished),
        ]
        let dial = Dial(
            dialer: .balancer, cluster: "east", peer: "west", peering: .nodePort, began: at(5), millis: 10_000,
            targetNode: "west-worker", targetAddress: "127.64.64.11:30000", outcome: .timeout, phase: .tcp, errno: 110)
        let timeline = MemoryTimeline(
            info: RunInfo(id: "20260131T021500Z-made-7f3a", planName: "made", facts: ["mesh": "standin"]),
            lanes: [lane], events: events, samples: [lane.id: samples], dials: [dial])
        let position = SourcePosition(line: 9, column: 5)
        let plan = Plan(
            name: "made", clusters: ["east", "west"],
            cells: [
                Cell(
                    labels: ["peering": "NodePort"], traffic: [], steps: [], settle: .seconds(2),
                    expectations: [
                        QuakePlan.Expectation(claim: .availability(Comparison(.atLeast, 0.99)), position: position)
                    ])
            ])
        return try Analyser(timeline, plan: plan).findings()
    }

    /// Compares with a file beside the tests; where there is none it is written, and the test fails.
    private func compare(_ text: String, with name: String) throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Snapshots/\(name)")
        guard let known = try? String(contentsOf: file, encoding: .utf8) else {
            try text.write(to: file, atomically: true, encoding: .utf8)
            Issue.record("recorded \(name); look at it and run again")
            return
        }
        #expect(text == known)
    }

    @Test("of a terminal say the verdict first and fit 80 columns")
    func terminal() throws {
        let text = TerminalReport(try Self.findings(), directory: "runs/made", color: false).text()
        #expect(text.hasPrefix("FAIL  made: 0 of 1 expectations held"))
        for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
        #expect(!text.contains("\u{1B}"))
        try compare(text, with: "terminal.txt")
    }

    @Test("for machines carry units in their keys")
    func summary() throws {
        try compare(try SummaryJSON(Self.findings()).text(), with: "summary.json")
    }
}
