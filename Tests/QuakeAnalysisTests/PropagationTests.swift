import QuakePlan
import QuakeTimeline
import Testing

@testable import QuakeAnalysis

@Suite("Propagation")
struct PropagationTests {
    private static func at(_ seconds: Double) -> RunInstant { RunInstant(nanoseconds: Int64(seconds * 1e9)) }

    private static func measured(
        _ step: String = "seen", _ direction: Propagation.Direction = .added,
        view: Propagation.View = .targets(client: "east"), made: Double, seen: Double?
    ) -> Event {
        Event(
            at: at(made), trial: 0,
            .propagation(
                Propagation(
                    step: step, round: 1, change: .target, direction: direction, view: view, cluster: "west", pod: "p",
                    node: "n", made: Interval(start: at(made), end: at(made + 0.02)), seen: seen.map(at),
                    within: .seconds(8))))
    }

    private static func findings(_ events: [Event], _ expectations: [String] = []) throws -> Findings {
        let text = """
            kind: Plan
            apiVersion: peerquake.dev/v1
            name: t
            clusters: [east, west]
            traffic: [{name: echo, url: "http://echo:8080/", from: east, to: west}]
            steps:
              - {id: seen, measure-propagation: {cluster: west, within: 8s}}
              - {id: later, measure-propagation: {cluster: west, within: 8s}}
            \(expectations.isEmpty ? "" : "expect: [\(expectations.joined(separator: ", "))]")
            """
        let started = Event(at: .origin, trial: 0, .trialStarted(cell: 0, repeatIndex: 0, labels: [:]))
        let ended = Event(at: at(60), trial: 0, .trialFinished)
        let timeline = MemoryTimeline(
            info: RunInfo(id: "r", planName: "t"),
            events: [started] + events.sorted { $0.at < $1.at } + [ended])
        return try Analyser(timeline, plan: try Plan.parse(text, path: "t.yaml")).findings()
    }

    private static func verdict(_ expectation: String, _ events: [Event]) throws -> ExpectationVerdict {
        try #require(try findings(events, [expectation]).verdicts.first)
    }

    @Test(
        "counts from when the change may first have happened; too late is not at all, too early at once"
    )
    func lengths() throws {
        let found = try Self.findings([
            Self.measured(made: 1, seen: 1.5), Self.measured(made: 10, seen: 9.9), Self.measured(made: 20, seen: 28.5),
            Self.measured(made: 40, seen: nil), Self.measured("seen", .removed, made: 2, seen: 2.25),
            Self.measured(view: .healthCheck, made: 1, seen: 3),
        ]).trials[0].propagation
        #expect(found.map(\.place) == ["targets of east", "health check of west", "targets of east"])
        #expect(found.map(\.words) == ["target added", "target added", "target removed"])
        #expect(found[0].values.map(\.nanoseconds) == [500_000_000, 0, 8_000_000_000, 8_000_000_000])
        #expect(found[0].values.map(\.isCensored) == [false, false, true, true])
        #expect(found[0].arrived == [0, 500_000_000] && found[0].missed == 2)
        #expect(found[0].longest == PropagationFindings.Value(nanoseconds: 8_000_000_000, isCensored: true))
        #expect(found[2].values.map(\.nanoseconds) == [250_000_000])
    }

    private static let judged: [(String, Double?, ExpectationVerdict.Result, String)] = [
        (
            #"{propagation: "<= 1s"}"#, 0.5, .pass,
            "0.5 s on targets of east (target added)"
        ),
        (#"{propagation: "<= 1s"}"#, 2.0, .fail, "2.0 s on targets of east (target added)"),
        (#"{propagation: "<= 1s"}"#, nil, .fail, "not before 8.0 s on targets of east (target added)"),
        (#"{propagation: "> 5s"}"#, nil, .pass, "not before 8.0 s on targets of east (target added)"),
        (#"{propagation: "> 5s"}"#, 2.0, .fail, "2.0 s on targets of east (target added)"),
        (#"{propagation: "<= 1s", when: {step: later}}"#, 0.5, .inconclusive, "nothing was measured"),
        (#"{propagation: "<= 1s", when: {traffic: echo}}"#, 0.5, .inconclusive, "nothing was measured"),
    ]

    @Test(
        "is judged change by change; a lower bound fails what it breaks and holds what it surpasses",
        arguments: judged)
    func verdicts(expectation: String, length: Double?, result: ExpectationVerdict.Result, worst: String) throws {
        let events = [
            Self.measured(made: 1, seen: length.map { 1 + $0 }), Self.measured(made: 11, seen: length.map { 11 + $0 }),
        ]
        let verdict = try Self.verdict(expectation, events)
        #expect(verdict.result == result && verdict.worst == worst, "\(verdict)")
    }

    @Test("on lanes is selected by traffic and connections")
    func lanes() throws {
        let seen = Self.measured(view: .lane(traffic: "echo", mode: .new), made: 1, seen: 1.5)
        for when in ["{traffic: echo}", "{traffic: echo, connections: new}", "{step: seen, connections: new}"] {
            let verdict = try Self.verdict(#"{propagation: "<= 1s", when: \#(when)}"#, [seen])
            #expect(verdict.result == .pass && verdict.selected == 1, "\(when): \(verdict)")
        }
    }

    @Test("that a stall of the machine may have held up is inconclusive, and one that it could not have is not")
    func doubt() throws {
        let stall = Event(at: Self.at(4), trial: 0, .suspect(from: Self.at(3), to: Self.at(3.9), reason: "stalled"))
        let slow = try Self.verdict(#"{propagation: "<= 2s"}"#, [Self.measured(made: 2, seen: 4.5), stall])
        #expect(slow.result == .inconclusive && slow.worst.hasPrefix("the machine stalled during the step: "))
        // A second of eight.
        let missed = try Self.verdict(#"{propagation: "> 5s"}"#, [Self.measured(made: 2, seen: nil), stall])
        #expect(missed.result == .pass, "\(missed)")
    }
}
