import QuakeAnalysis
import QuakePlan
import QuakeTimeline
import Testing

@Suite("A trial that was cut off")
struct CutTrialTests {
    private func at(_ seconds: Double) -> RunInstant { RunInstant(nanoseconds: Int64(seconds * 1e9)) }

    private let plan = Plan(
        name: "p", clusters: ["east", "west"],
        cells: [
            Cell(
                traffic: [], steps: [],
                expectations: [
                    QuakePlan.Expectation(
                        claim: .availability(Comparison(.atLeast, 0.99)), position: SourcePosition(line: 1, column: 1))
                ])
        ])

    /// Two trials of a second: the first good, the second all bad, and ended by `endings`.
    private func timeline(_ endings: [Event]) -> MemoryTimeline {
        var timeline = MemoryTimeline(info: RunInfo(id: "r", planName: "p"))
        for trial in 0..<2 {
            let start = at(Double(trial) * 10)
            let lane = Lane(
                id: LaneID(rawValue: UInt32(trial + 1)), trial: trial, traffic: "echo", from: "east", to: "west",
                mode: .new, url: "http://echo/", period: .milliseconds(20), origin: start)
            timeline.lanes.append(lane)
            timeline.samples[lane.id] = (0..<50 as Range<UInt64>).map { sequence in
                let due = lane.due(sequence)
                return Sample(
                    lane: lane.id, sequence: sequence, due: due, sent: due, done: due,
                    outcome: trial == 0 ? .ok : .refused)
            }
            timeline.events.append(
                Event(at: start, trial: trial, .trialStarted(cell: 0, repeatIndex: trial, labels: [:])))
        }
        timeline.events.append(
            Event(at: at(1), trial: 0, .hypothesis(HypothesisResult(moment: .after, held: true, detail: ""))))
        timeline.events.append(Event(at: at(1), trial: 0, .trialFinished))
        timeline.events += endings
        timeline.events.sort { $0.at < $1.at }
        return timeline
    }

    private let finished = Event(at: RunInstant(nanoseconds: 11_000_000_000), trial: 1, .trialFinished)
    private let after = Event(
        at: RunInstant(nanoseconds: 10_900_000_000), trial: 1,
        .hypothesis(HypothesisResult(moment: .after, held: true, detail: "")))
    private let interrupted = Event(at: RunInstant(nanoseconds: 12_000_000_000), .interrupted(signal: 2))

    @Test("by a signal is shown and not judged")
    func interruption() throws {
        let findings = try Analyser(timeline([finished, interrupted]), plan: plan).findings()
        #expect(findings.trials.map(\.isWhole) == [true, false])
        #expect(findings.verdicts.map(\.result) == [.pass])
        #expect(findings.exit == .interrupted)
    }

    @Test("is one that did not finish: a signal after its end takes nothing back")
    func late() throws {
        let findings = try Analyser(timeline([after, finished, interrupted]), plan: plan).findings()
        #expect(findings.trials.map(\.isWhole) == [true, true])
        #expect(findings.verdicts.map(\.result) == [.fail])
    }

    @Test("is one that was not healthy before, too: nothing was broken in it")
    func unhealthy() throws {
        let before = Event(
            at: at(10.5), trial: 1, .hypothesis(HypothesisResult(moment: .before, held: false, detail: "")))
        let findings = try Analyser(timeline([before, finished]), plan: plan).findings()
        #expect(findings.trials.map(\.isWhole) == [true, false])
        #expect(findings.verdicts.map(\.result) == [.pass])
        #expect(findings.exit == .inconclusive)
    }

    @Test("counts where the run was not interrupted")
    func whole() throws {
        let findings = try Analyser(timeline([finished]), plan: plan).findings()
        #expect(findings.verdicts.map(\.result) == [.fail])
        #expect(findings.cells.map { $0.verdicts.map(\.result) } == [[.fail]])
    }

    @Test(
        "by the moment of the report is not judged either, and a crash is a trouble",
        arguments: [RunState.running, .brokenOff])
    func unfinished(state: RunState) throws {
        let findings = try Analyser(StateTimeline(timeline: timeline([]), state: state), plan: plan).findings()
        #expect(findings.state == state)
        #expect(findings.trials.map(\.isWhole) == [true, false])
        #expect(findings.verdicts.map(\.result) == [.pass])
        #expect(findings.exit == (state == .running ? .pass : .internalError))
    }
}

/// A timeline that is not closed.
private struct StateTimeline: Timeline {
    var timeline: MemoryTimeline
    var state: RunState

    var info: RunInfo { timeline.info }
    var lanes: [Lane] { timeline.lanes }
    var events: [Event] { timeline.events }
    var servers: [ServingIdentity] { timeline.servers }
    var texts: [String] { timeline.texts }

    func forEachSample(of lane: LaneID, _ body: (Sample) throws -> Void) throws {
        try timeline.forEachSample(of: lane, body)
    }

    func forEachDial(_ body: (Dial<RunInstant>) throws -> Void) throws { try timeline.forEachDial(body) }
}
