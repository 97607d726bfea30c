import QuakeAnalysis
import QuakePlan
import QuakeTimeline
import Testing

@Suite("Findings")
struct AnalyserTests {
    private let period = Duration.milliseconds(20)

    private func lane(_ mode: ConnectionMode = .new) -> Lane {
        Lane(
            id: LaneID(rawValue: 1), trial: 0, traffic: "echo", from: "east", to: "west", peering: .nodePort,
            mode: mode,
            url: "http://echo/", period: period, origin: .origin)
    }

    private func at(_ seconds: Double) -> RunInstant { RunInstant(nanoseconds: Int64(seconds * 1e9)) }

    /// 30 s of a lane: a fault at 10 s, bad every second slot until `end`, healed at 20 s.
    private func timeline(badUntil end: Double, extra: [Event] = []) -> MemoryTimeline {
        let lane = lane()
        let samples = (0..<1500 as Range<UInt64>).map { sequence in
            let due = lane.due(sequence)
            let isBad = due >= at(10) && due < at(end) && sequence % 2 == 0
            return Sample(
                lane: lane.id, sequence: sequence, due: due, sent: due, done: due + .milliseconds(isBad ? 2000 : 3),
                outcome: isBad ? .connectTimeout : .ok)
        }
        let fault = Fault(id: "kill", step: "kill", action: "kill-node", cluster: "west", targets: ["n1"])
        let events: [Event] = [
            Event(at: at(0), trial: 0, .trialStarted(cell: 0, repeatIndex: 0, labels: ["peering": "NodePort"])),
            Event(at: at(9), trial: 0, .hypothesis(HypothesisResult(moment: .before, held: true, detail: ""))),
            Event(at: at(10), trial: 0, .faultInjected(fault)),
            Event(at: at(14.5), trial: 0, .nodeReady(cluster: "west", node: "n1", status: .unknown)),
            Event(
                at: at(20), trial: 0, .changeMade(step: "start", action: "start-node", cluster: "west", targets: ["n1"])
            ),
            Event(at: at(30), trial: 0, .trialFinished),
        ]
        return MemoryTimeline(
            info: RunInfo(id: "r", planName: "p"), lanes: [lane], events: (events + extra).sorted { $0.at < $1.at },
            samples: [lane.id: samples])
    }

    private func plan(_ expectations: [QuakePlan.Expectation], settle: Duration = .seconds(3)) -> Plan {
        let traffic = Traffic(name: "echo", url: "http://echo/", from: "east", to: "west")
        let targets = NodeTargets.select(cluster: "west", NodeSelector())
        let kill = Step(id: "kill", body: .action(.declared(KillNode(targets, how: .powerOff))))
        return Plan(
            name: "p", clusters: ["east", "west"],
            cells: [
                Cell(
                    labels: ["peering": "NodePort"], traffic: [traffic],
                    hypothesis: Hypothesis(baseline: .seconds(9)), steps: [kill], settle: settle,
                    expectations: expectations)
            ])
    }

    private func expect(_ claim: QuakePlan.Expectation.Claim, when: [String: String] = [:]) -> QuakePlan.Expectation {
        QuakePlan.Expectation(claim: claim, when: when, position: SourcePosition(line: 1, column: 1))
    }

    @Test("say loss, onset, recovery and detection of a fault")
    func fault() throws {
        let findings = try Analyser(timeline(badUntil: 15), plan: plan([])).findings()
        let fault = try #require(findings.trials[0].faults.first)
        let effect = try #require(fault.effects.first)
        #expect(effect.bad == 125)
        #expect(effect.loss == .milliseconds(2500))
        #expect(effect.slots == 500)
        #expect(effect.onsetNanoseconds == 0)
        #expect(effect.firstGoodNanoseconds == 20_000_000)
        #expect(effect.stable == .milliseconds(4980))
        #expect(!effect.isCensored)
        #expect(fault.breakdown.detection == 4_500_000_000)
        #expect(findings.trials[0].notReady == ["n1"])
        #expect(findings.exit == .pass)
    }

    @Test("censor a recovery that the settle time did not follow")
    func censored() throws {
        let findings = try Analyser(
            timeline(badUntil: 29),
            plan: plan([
                expect(.recovery(Comparison(.atMost, .seconds(60))), when: ["step": "kill"]),
                expect(.recovery(Comparison(.atMost, .seconds(5))), when: ["step": "kill"]),
            ])
        ).findings()
        #expect(findings.trials[0].faults[0].effects[0].isCensored)
        #expect(findings.verdicts.map(\.result) == [.inconclusive, .fail])
        #expect(findings.exit == .failed)
    }

    @Test("censor a recovery that a relapse follows, however long the good stretch before it was")
    func relapse() throws {
        var timeline = timeline(badUntil: 12)
        let id = timeline.lanes[0].id
        for index in 990..<1100 { timeline.samples[id]?[index].outcome = .reset }
        let effect = try Analyser(timeline, plan: plan([])).findings().trials[0].faults[0].effects[0]
        #expect(effect.isCensored)
        #expect(effect.stable >= .seconds(10))
    }

    @Test("leave what is due outside of windows unattributed")
    func unattributed() throws {
        var timeline = timeline(badUntil: 15)
        let id = timeline.lanes[0].id
        timeline.samples[id]?[50].outcome = .reset
        let findings = try Analyser(timeline, plan: plan([])).findings()
        #expect(findings.trials[0].lanes[0].unattributed == 1)
    }

    @Test("exclude seconds in which the prober itself stalled")
    func suspect() throws {
        var timeline = timeline(badUntil: 10)
        let id = timeline.lanes[0].id
        for index in 600..<620 { timeline.samples[id]?[index].sent = at(Double(index) * 0.02 + 0.3) }
        for index in 600..<620 { timeline.samples[id]?[index].outcome = .late }
        let findings = try Analyser(timeline, plan: plan([])).findings()
        #expect(findings.trials[0].lanes[0].bad == 0)
        #expect(findings.trials[0].lanes[0].suspect == 50)
        // Nothing was asked of it: there is nothing that they could have changed.
        #expect(findings.exit == .pass)
    }

    @Test("mention an outage that is too short for a blackout")
    func shortOutage() throws {
        let claim = expect(.blackout(Comparison(.equal, .zero)), when: ["step": "kill"])
        let verdict = try Analyser(timeline(badUntil: 15), plan: plan([claim])).findings().verdicts[0]
        #expect(verdict.result == .pass)
        #expect(verdict.worst == "0.0 s (an outage of 0.02 s) on NodePort echo/new")
    }

    @Test("exclude what was due while a host stalled, and say why, each reason once")
    func hostStall() throws {
        let stall = Event.What.suspect(from: at(12.2), to: at(13.1), reason: "the host stood still")
        let events = [Event(at: at(13.2), trial: 0, stall), Event(at: at(14), trial: 0, stall)]
        let findings = try Analyser(timeline(badUntil: 15, extra: events), plan: plan([])).findings()
        #expect(findings.trials[0].lanes[0].suspect == 100)
        #expect(findings.trials[0].suspectReasons == ["the host stood still"])
        #expect(findings.exit == .pass)
    }

    @Test("exclude an answer that was found late in a second in which the prober stalled, whenever it was due")
    func lateInSuspectSecond() throws {
        var timeline = timeline(badUntil: 10)
        let id = timeline.lanes[0].id
        // Due at 11.96 s, so that the deadline passes in the suspect second 12; one due at 11.5 s passed before.
        timeline.samples[id]?[600].sent = at(12.3)
        for index in [598, 575] { timeline.samples[id]?[index].outcome = .late }
        let findings = try Analyser(timeline, plan: plan([])).findings()
        #expect(findings.trials[0].lanes[0].bad == 1)
        #expect(findings.trials[0].lanes[0].suspect == 51)
    }

    @Test("are the same by windows however many there are")
    func manyWindows() throws {
        var timeline = timeline(badUntil: 15)
        let id = timeline.lanes[0].id
        for index in 1250..<1300 { timeline.samples[id]?[index].outcome = .reset }
        let fault = Fault(id: "kill-2", step: "kill-2", action: "kill-node", cluster: "west", targets: ["n1"])
        timeline.events.append(Event(at: at(24), trial: 0, .faultInjected(fault)))
        timeline.events.sort { $0.at < $1.at }
        let faults = try Analyser(timeline, plan: plan([])).findings().trials[0].faults
        #expect(faults.map(\.fault.id) == ["kill", "start", "kill-2"])
        #expect(faults.map { $0.effects[0].bad } == [125, 0, 50])
        #expect(faults.map { $0.effects[0].slots } == [500, 200, 300])
        #expect(faults[0].effects[0].latency.count == 500)
        #expect(faults[2].effects[0].onsetNanoseconds == 1_000_000_000)
        #expect(faults[2].effects[0].stable == .seconds(2))
    }

    @Test("compose exit codes by their precedence")
    func exits() throws {
        #expect(PeerquakeExit.deciding([.pass, .inconclusive, .failed]) == .failed)
        #expect(PeerquakeExit.deciding([.failed, .faultNotInjected]) == .faultNotInjected)
        #expect(PeerquakeExit.deciding([.interrupted, .faultNotInjected, .cleanupIncomplete]) == .cleanupIncomplete)
        #expect(PeerquakeExit.deciding([]) == .pass)
        let unmet = Event(
            at: at(19), trial: 0, .conditionUnmet(step: "kill", condition: "node NotReady", lastObservation: "Ready"))
        #expect(
            try Analyser(timeline(badUntil: 15, extra: [unmet]), plan: plan([])).findings().exit == .faultNotInjected)
    }

    @Test(
        "call a step that was refused or failed a fault not injected, unless an expectation of that step asks for it",
        arguments: [StepOutcome.refused, .failed])
    func failures(outcome: StepOutcome) throws {
        let ended = Event(at: at(19), trial: 0, .stepFinished(step: "kill", outcome: outcome, detail: "why"))
        func findings(_ expectations: QuakePlan.Expectation...) throws -> Findings {
            try Analyser(timeline(badUntil: 15, extra: [ended]), plan: plan(expectations)).findings()
        }
        let other: StepOutcome = outcome == .refused ? .failed : .refused
        #expect(try findings().exit == .faultNotInjected)
        #expect(try findings().troubles.map(\.words) == ["kill \(outcome.rawValue): why"])
        #expect(try findings(expect(.outcome(step: "kill", is: outcome))).exit == .pass)
        #expect(try findings(expect(.outcome(step: "kill", is: other))).exit == .faultNotInjected)
        #expect(try findings(expect(.outcome(step: "other", is: outcome))).exit == .faultNotInjected)
        let elsewhere = ["peering": "LoadBalancer"]
        #expect(try findings(expect(.outcome(step: "kill", is: outcome), when: elsewhere)).exit == .faultNotInjected)
    }

    @Test("take a blocked, a timed-out and a stalled step for findings")
    func ends() throws {
        for outcome in [StepOutcome.blocked, .timedOut, .stalled] {
            let ended = Event(at: at(19), trial: 0, .stepFinished(step: "kill", outcome: outcome, detail: "why"))
            #expect(try Analyser(timeline(badUntil: 15, extra: [ended]), plan: plan([])).findings().exit == .pass)
        }
    }

    @Test("judge each kind of claim by its worst value")
    func claims() throws {
        let findings = try Analyser(
            timeline(badUntil: 15),
            plan: plan([
                expect(.availability(Comparison(.atLeast, 0.9))), expect(.availability(Comparison(.atLeast, 0.95))),
                expect(.availability(Comparison(.atLeast, 0.7)), when: ["step": "kill"]),
                expect(.notReady(Comparison(.equal, 1))), expect(.blackout(Comparison(.equal, .zero))),
                expect(.onset(Comparison(.atMost, .milliseconds(1)))),
                expect(.latencyP99(Comparison(.atMost, .seconds(1)))),
                expect(.availability(Comparison(.atLeast, 1)), when: ["peering": "LoadBalancer"]),
            ])
        ).findings()
        #expect(findings.verdicts.map(\.result) == [.pass, .fail, .pass, .pass, .pass, .pass, .fail, .notApplicable])
    }
}
