import QuakeAnalysis
import QuakePlan
import QuakeTimeline
import Testing

/// A starved machine gives no verdict that it could have changed; what it could not change stands.
@Suite("On a starved machine")
struct StarvedMachineTests {
    private static func at(_ seconds: Double) -> RunInstant { RunInstant(nanoseconds: Int64(seconds * 1e9)) }
    private func at(_ seconds: Double) -> RunInstant { Self.at(seconds) }

    private static let lane = Lane(
        id: LaneID(rawValue: 1), trial: 0, traffic: "echo", from: "east", to: "west", peering: .nodePort, mode: .new,
        url: "http://echo/", period: .milliseconds(20), origin: .origin)

    /// 60 s of a lane: a fault at 10 s, healed at 30 s.
    ///
    /// - Parameters:
    ///   - isBad: by second.
    ///   - suspect: seconds in which the host is known to have stood still.
    private func timeline(
        bad isBad: (RunInstant) -> Bool, suspect: [Int], extra: [Event] = []
    ) -> MemoryTimeline {
        let lane = Self.lane
        let samples = (0..<3000 as Range<UInt64>).map { sequence in
            let due = lane.due(sequence)
            let bad = isBad(due)
            return Sample(
                lane: lane.id, sequence: sequence, due: due, sent: due, done: due + .milliseconds(bad ? 400 : 3),
                outcome: bad ? .late : .ok)
        }
        let fault = Fault(id: "kill", step: "kill", action: "kill-node", cluster: "west", targets: ["n1"])
        let events =
            [
                Event(at: at(0), trial: 0, .trialStarted(cell: 0, repeatIndex: 0, labels: [:])),
                Event(at: at(9.9), trial: 0, .stepStarted(step: "kill", action: "kill-node")),
                Event(at: at(10), trial: 0, .faultInjected(fault)),
                Event(
                    at: at(30), trial: 0,
                    .changeMade(step: "heal", action: "restore-all", cluster: "west", targets: ["n1"])),
                Event(at: at(60), trial: 0, .trialFinished),
            ]
            + suspect.map { second in
                Event(
                    at: at(Double(second) + 0.999), trial: 0,
                    .suspect(
                        from: at(Double(second)), to: at(Double(second) + 0.999), reason: "the host stood still"))
            }
        return MemoryTimeline(
            info: RunInfo(id: "r", planName: "p"), lanes: [lane], events: (events + extra).sorted { $0.at < $1.at },
            samples: [lane.id: samples])
    }

    private func plan(_ claims: [QuakePlan.Expectation.Claim], abort: Duration? = nil) -> Plan {
        let targets = NodeTargets.select(cluster: "west", NodeSelector())
        return Plan(
            name: "p", clusters: ["east", "west"],
            cells: [
                Cell(
                    traffic: [Traffic(name: "echo", url: "http://echo/", from: "east", to: "west")],
                    hypothesis: Hypothesis(baseline: .seconds(5)),
                    steps: [Step(id: "kill", body: .action(.declared(KillNode(targets, how: .powerOff))))],
                    settle: .seconds(3),
                    abort: abort.map { AbortRule(outage: $0) },
                    expectations: claims.map {
                        QuakePlan.Expectation(claim: $0, position: SourcePosition(line: 1, column: 1))
                    })
            ])
    }

    private func verdicts(
        _ timeline: MemoryTimeline, _ claims: [QuakePlan.Expectation.Claim]
    ) throws -> [ExpectationVerdict.Result] {
        try Analyser(timeline, plan: plan(claims)).findings().verdicts.map(\.result)
    }

    private func second(_ moment: RunInstant) -> Int { Int(moment.nanoseconds / 1_000_000_000) }

    // MARK: - Expectations

    @Test("an availability that nothing could save fails, however much is suspect")
    func hopeless() throws {
        // 25 % are good; 8 of 60 seconds are suspect.
        let timeline = timeline(
            bad: { !self.second($0).isMultiple(of: 4) }, suspect: Array(1...3) + Array(5...7) + [9, 10])
        let findings = try Analyser(timeline, plan: plan([.availability(Comparison(.atLeast, 0.6))])).findings()
        #expect(findings.trials[0].suspectShare > 0.13)
        #expect(findings.verdicts.map(\.result) == [.fail])
        #expect(findings.exit == .failed)
    }

    @Test("suspect slots that could change nothing change nothing")
    func harmless() throws {
        // 3 % of the slots are bad, in two suspect seconds.
        let timeline = timeline(bad: { [20, 21].contains(self.second($0)) }, suspect: [20, 21])
        let findings = try Analyser(
            timeline,
            plan: plan([
                .availability(Comparison(.atLeast, 0.95)), .recovery(Comparison(.atMost, .seconds(15))),
                .blackout(Comparison(.atMost, .seconds(3))),
            ])
        ).findings()
        #expect(findings.verdicts.map(\.result) == [.pass, .pass, .pass])
        #expect(findings.exit == .pass)
    }

    @Test("a second that was suspect and answered well decides nothing")
    func answered() throws {
        let claims: [QuakePlan.Expectation.Claim] = [
            .availability(Comparison(.equal, 1)), .blackout(Comparison(.equal, .zero)),
            .recovery(Comparison(.equal, .zero)),
        ]
        #expect(
            try verdicts(timeline(bad: { _ in false }, suspect: [12, 13, 14, 40]), claims) == [.pass, .pass, .pass])
    }

    @Test("what suspect slots decide is inconclusive, the reason first", arguments: [1, 20])
    func undecided(count: Int) throws {
        let suspect = Array(20..<20 + count)
        let timeline = timeline(bad: { suspect.contains(self.second($0)) }, suspect: suspect)
        let findings = try Analyser(
            timeline,
            plan: plan([
                .availability(Comparison(.atLeast, 0.999)), .recovery(Comparison(.atMost, .seconds(1))),
                .blackout(Comparison(.equal, .zero)), .onset(Comparison(.atLeast, .seconds(60))),
                .latencyP99(Comparison(.atMost, .milliseconds(100))),
            ])
        ).findings()
        #expect(findings.verdicts.map(\.result) == Array(repeating: .inconclusive, count: 5))
        #expect(findings.exit == .inconclusive)
        for verdict in findings.verdicts { #expect(verdict.worst.hasPrefix("suspect slots, "), "\(verdict.worst)") }
    }

    @Test("the prober's own failures in suspect seconds may have been either")
    func overload() throws {
        var timeline = timeline(bad: { _ in false }, suspect: [])
        for index in 1000..<1050 { timeline.samples[Self.lane.id]?[index].outcome = .clientOverload }
        #expect(try verdicts(timeline, [.availability(Comparison(.atLeast, 0.99))]) == [.inconclusive])
        #expect(try verdicts(timeline, [.availability(Comparison(.atLeast, 0.98))]) == [.pass])
        // Out of ports in a second that is not suspect: that says nothing of the lane, as ever.
        for index in 1000..<1050 { timeline.samples[Self.lane.id]?[index].outcome = .clientError }
        #expect(try verdicts(timeline, [.availability(Comparison(.atLeast, 1))]) == [.pass])
    }

    @Test("a real outage fails though most seconds of it are suspect")
    func realOutage() throws {
        // 47 of 60 seconds are suspect. The outage lasts 20 s, its last 4 s are neither suspect nor in the wake of it.
        let suspect = Array(0..<24) + Array(37..<60)
        let timeline = timeline(
            bad: { (10..<30).contains(self.second($0)) }, suspect: suspect,
            extra: [
                Event(at: at(45), trial: 0, .hypothesis(HypothesisResult(moment: .after, held: true, detail: "")))
            ])
        let findings = try Analyser(
            timeline,
            plan: plan([
                .availability(Comparison(.atLeast, 0.99)), .recovery(Comparison(.atMost, .seconds(5))),
            ])
        ).findings()
        #expect(findings.trials[0].suspectShare > 0.7)
        #expect(findings.verdicts.map(\.result) == [.fail, .fail])
        #expect(findings.exit == .failed)
    }

    @Test("what is bad in the wake of suspect seconds decides nothing, and what is bad later does")
    func wake() throws {
        let claims: [QuakePlan.Expectation.Claim] = [.recovery(Comparison(.atMost, .seconds(5)))]
        func result(bad: Range<Double>, suspect: [Int]) throws -> [ExpectationVerdict.Result] {
            try verdicts(timeline(bad: { bad.contains(Double($0.nanoseconds) / 1e9) }, suspect: suspect), claims)
        }
        // The fault's outage of 2 s is over when the machine is starved for 3 s, and what waited is served for 1 s more.
        #expect(try result(bad: 12..<16, suspect: [12, 13, 14]) == [.inconclusive])
        // One starved second leaves a wake of 1 s, no matter how many came before with a pause.
        #expect(try result(bad: 12..<16.5, suspect: [10, 11, 12, 14]) == [.fail])
        // No wake is longer than a request's time-out of 2 s.
        #expect(try result(bad: 12..<17, suspect: [11, 12, 13, 14]) == [.inconclusive])
        #expect(try result(bad: 12..<17.5, suspect: [11, 12, 13, 14]) == [.fail])
        // Nothing was suspect before.
        #expect(try result(bad: 12..<16, suspect: [17]) == [.fail])
    }

    // MARK: - Steps and nodes

    @Test("a step's end that is not the wanted one is inconclusive where the machine stalled in the step")
    func outcome() throws {
        let ended = Event(
            at: at(14.5), trial: 0, .stepFinished(step: "kill", outcome: .timedOut, detail: ""))
        let claims: [QuakePlan.Expectation.Claim] = [
            .outcome(step: "kill", is: .finished), .outcome(step: "kill", is: .timedOut),
        ]
        #expect(
            try verdicts(timeline(bad: { _ in false }, suspect: [12], extra: [ended]), claims) == [
                .inconclusive, .pass,
            ])
        #expect(try verdicts(timeline(bad: { _ in false }, suspect: [40], extra: [ended]), claims) == [.fail, .pass])
    }

    @Test("another number of NotReady nodes than wanted is inconclusive where a stall may have made it")
    func notReady() throws {
        func down(_ node: String, _ second: Double) -> Event {
            Event(at: at(second), trial: 0, .nodeReady(cluster: "west", node: node, status: .unknown))
        }
        let three = [down("n1", 12), down("n2", 13), down("n3", 25)]
        let claims: [QuakePlan.Expectation.Claim] = [
            .notReady(Comparison(.atMost, 1)), .notReady(Comparison(.atMost, 2)), .notReady(Comparison(.equal, 3)),
            .notReady(Comparison(.equal, 4)),
        ]
        // n1 and n2 turned so before the stall; n3 may have done so for want of time; a fourth may have been missed.
        #expect(
            try verdicts(timeline(bad: { _ in false }, suspect: [20], extra: three), claims)
                == [.fail, .inconclusive, .pass, .inconclusive])
        #expect(
            try verdicts(timeline(bad: { _ in false }, suspect: [], extra: three), claims)
                == [.fail, .fail, .pass, .fail])
    }

    @Test("a condition that was not met proves nothing where the machine stalled while it was waited for")
    func until() throws {
        let unmet = Event(
            at: at(29), trial: 0, .conditionUnmet(step: "kill", condition: "node NotReady", lastObservation: "Ready"))
        for (suspect, exit) in [([15], PeerquakeExit.inconclusive), ([40], .faultNotInjected)] {
            let findings = try Analyser(
                timeline(bad: { _ in false }, suspect: suspect, extra: [unmet]), plan: plan([])
            ).findings()
            #expect(findings.exit == exit)
            #expect(
                findings.troubles[0].words.hasPrefix("inconclusive, because the machine stalled: ")
                    == (exit == .inconclusive))
        }
    }

    // MARK: - The abort rule and the hypothesis

    @Test("an abort is inconclusive where the outage would not have reached the limit without suspect slots")
    func abort() throws {
        let aborted = Event(at: at(25), trial: 0, .aborted(reason: "echo/new has been out for 10 s"))
        func exit(_ suspect: [Int]) throws -> PeerquakeExit {
            try Analyser(
                timeline(bad: { (14..<25).contains(self.second($0)) }, suspect: suspect, extra: [aborted]),
                plan: plan([], abort: .seconds(10))
            ).findings().exit
        }
        #expect(try exit([18]) == .inconclusive)
        // Most of the machine's stalls lie elsewhere: the outage itself is trusted.
        #expect(try exit([2, 3, 4, 40, 41]) == .failed)
        #expect(try exit([]) == .failed)
    }

    /// Given up at 50 s.
    private let givenUp = Event(
        at: RunInstant(nanoseconds: 50_000_000_000), trial: 0,
        .hypothesis(HypothesisResult(moment: .after, held: false, detail: "echo/new: 61.0 % good over 3.0 s")))

    @Test("73 % of the slots suspect and not back to normal: it cannot be said whether")
    func seen() throws {
        let suspect = (0..<60).filter { $0 % 15 < 11 }
        let timeline = timeline(bad: { suspect.contains(self.second($0)) }, suspect: suspect, extra: [givenUp])
        let findings = try Analyser(timeline, plan: plan([])).findings()
        #expect(abs(findings.trials[0].suspectShare - 0.73) < 0.01)
        #expect(findings.exit == .inconclusive)
        #expect(
            findings.troubles.map(\.words) == [
                "inconclusive, because the machine stalled: did not return to normal: echo/new: 61.0 % good over 3.0 s"
            ])
    }

    @Test("not back to normal in seconds that are trusted, too: it failed")
    func notBack() throws {
        // One second in three is suspect, and bad as all others from the fault on.
        let suspect = (0..<60).filter { $0.isMultiple(of: 3) }
        let timeline = timeline(bad: { $0 >= self.at(10) }, suspect: suspect, extra: [givenUp])
        #expect(try Analyser(timeline, plan: plan([])).findings().exit == .failed)
    }

    @Test("clean before the fault says nothing of after")
    func cleanBefore() throws {
        // Healing ended at 36 s: stretches that ended before count in nothing.
        let healed = Event(at: at(36), trial: 0, .healed(journalID: 1, inverse: "start n1", outcome: .healed))
        let timeline = timeline(bad: { $0 >= self.at(30) }, suspect: [28, 29, 31], extra: [healed, givenUp])
        #expect(try Analyser(timeline, plan: plan([])).findings().exit == .failed)
    }
}
