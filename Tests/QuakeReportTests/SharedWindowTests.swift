import Foundation
import QuakeAnalysis
import QuakePlan
import QuakeReport
import QuakeTimeline
import Testing

/// Faults of parallel steps, which share a window.
@Suite("A window that parallel steps share")
struct SharedWindowTests {
    private static func at(_ seconds: Double) -> RunInstant { RunInstant(nanoseconds: Int64(seconds * 1e9)) }

    private static func step(_ id: String) -> Step { Step(id: id, body: .action(.wait(.zero))) }

    private static func fault(_ step: String, _ node: String) -> Event.What {
        .faultInjected(Fault(id: step, step: step, action: "kill-node", cluster: "west", targets: [node]))
    }

    private static func healing(_ step: String) -> Event.What {
        .changeMade(step: step, action: "start-node", cluster: "west", targets: ["n"])
    }

    /// Two lanes of 100 slots a second; bad from 4 s to 6 s.
    private static func findings(_ repeats: [[(Double, Event.What)]]) throws -> Findings {
        let group = Step(id: "both", body: .parallel(["kill-b", "kill-a", "start-c"].map(step)))
        let cell = Cell(traffic: [], steps: [group, step("start")], settle: .seconds(1))
        var (lanes, events, samples): ([Lane], [Event], [LaneID: [Sample]]) = ([], [], [:])
        for (trial, own) in repeats.enumerated() {
            let origin = at(Double(trial) * 20)
            let start = Event.What.trialStarted(cell: 0, repeatIndex: trial, labels: [:])
            events.append(Event(at: origin, trial: trial, start))
            events += own.map { Event(at: origin + .seconds($0.0), trial: trial, $0.1) }
            events.append(Event(at: origin + .seconds(12), trial: trial, .trialFinished))
            for (index, mode) in [ConnectionMode.new, .pooled].enumerated() {
                let lane = Lane(
                    id: LaneID(rawValue: UInt32(trial * 2 + index + 1)), trial: trial, traffic: "echo", from: "east",
                    to: "west", peering: .nodePort, mode: mode, url: "", period: .milliseconds(10), origin: origin)
                lanes.append(lane)
                samples[lane.id] = (0..<1200 as Range<UInt64>).map { sequence in
                    let due = lane.due(sequence)
                    let isBad = due >= origin + .seconds(4) && due < origin + .seconds(6)
                    return Sample(
                        lane: lane.id, sequence: sequence, due: due, sent: due, done: due,
                        outcome: isBad ? .refused : .ok)
                }
            }
        }
        let timeline = MemoryTimeline(
            info: RunInfo(id: "r", planName: "p"), lanes: lanes, events: events, samples: samples)
        return try Analyser(timeline, plan: Plan(name: "p", clusters: ["west"], cells: [cell])).findings()
    }

    private static let killed: [(Double, Event.What)] = [
        (3.5, fault("kill-b", "n2")), (4, fault("kill-a", "n1")), (8, healing("start")),
    ]

    @Test("is one row with all names, from the first injection on")
    func row() throws {
        let findings = try Self.findings([Self.killed])
        let rows = findings.trials[0].windows
        #expect(rows.map(\.fault.id) == ["kill-a + kill-b", "start"])
        #expect(rows.map(\.isHealing) == [false, true])
        #expect(rows[0].fault.targets == ["n1", "n2"])
        #expect(rows[0].at == Self.at(3.5))
        #expect(rows[0].effects.map(\.onsetNanoseconds) == [500_000_000, 500_000_000])
        // Expectations of one step still find its own.
        #expect(findings.trials[0].faults.map(\.fault.step) == ["kill-b", "kill-a", "start"])
    }

    @Test("has one name whichever step comes first, so that repeats are compared")
    func order() throws {
        let other: [(Double, Event.What)] = [(3.5, Self.fault("kill-a", "n1")), (4, Self.fault("kill-b", "n2"))]
        let findings = try Self.findings([Self.killed, other])
        let units = FaultRepeats(findings).repeats
        #expect(Set(units.map(\.key.step)) == ["kill-a + kill-b"])
        #expect(units.count == 4)
    }

    @Test("names what heals in parallel to a fault, and leaves its own row to what heals alone")
    func healing() throws {
        let mixed: [(Double, Event.What)] = [(4, Self.fault("kill-a", "n1")), (4.1, Self.healing("start-c"))]
        let first = try Self.findings([mixed]).trials[0].windows
        #expect(first.map(\.fault.id) == ["kill-a + start-c"])
        #expect(first.map(\.isHealing) == [false])
        // As restart-node does.
        let restart: [(Double, Event.What)] = [(4, Self.fault("kill-a", "n1")), (5, Self.healing("kill-a"))]
        let second = try Self.findings([restart]).trials[0].windows
        #expect(second.map(\.isHealing) == [false, true])
    }

    @Test("is one row in reports, whose names are below each other where they are too long for one line")
    func reports() throws {
        let findings = try Self.findings([Self.killed])
        let text = TerminalReport(findings, directory: "runs/r", color: false).text()
        let lines = text.split(separator: "\n").map(String.init)
        let row = try #require(lines.firstIndex { $0.hasPrefix("  kill-a + kill-b") })
        #expect(lines[row].contains("echo/new"))
        #expect(lines[row + 1].contains("echo/pooled"))
        #expect(lines.filter { $0.contains("echo/new") && $0.contains("2.00 s") }.count == 1)
        #expect(MarkdownReport(findings).text().contains("| kill-a + kill-b | echo/new |"))
        #expect(!MarkdownReport(findings).text().contains("| kill-a | echo/new |"))
        let repeated = try Self.findings(Array(repeating: Self.killed, count: 4))
        let long = TerminalReport(repeated, directory: "runs/r", color: false).text()
            .split(separator: "\n").map(String.init)
        let first = try #require(long.firstIndex { $0.hasPrefix("  kill-a") })
        #expect(long[first].contains("echo/new") && long[first].contains("4/4"))
        #expect(long[first + 1].hasPrefix("  + kill-b") && long[first + 1].contains("echo/pooled"))
    }

    @Test("is reported by the summary with each of its faults")
    func summary() throws {
        let text = try SummaryJSON(try Self.findings([Self.killed])).text()
        let json = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let trials = try #require(json["trials"] as? [[String: Any]])
        let faults = try #require(trials[0]["faults"] as? [[String: Any]])
        #expect(faults.map { $0["sharesWindowWith"] as? [String] } == [["kill-a"], ["kill-b"]])
    }
}
