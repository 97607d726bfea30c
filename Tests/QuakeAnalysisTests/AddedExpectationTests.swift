import QuakeAnalysis
import QuakePlan
import QuakeTimeline
import Testing

/// `loss: "<= 2s"`, which no shipped registry has.
private struct LossClaim: TimeClaim, FaultExpectation {
    var limit: Comparison<Duration>

    static let key = "loss"
    static let help = ExpectationHelp("Bad slots as time.", values: [], example: #"{loss: "<= 2s"}"#)

    var limitOfValues: Comparison<Double> { limit.inSeconds }

    func value(of effect: LaneEffect, on place: String) -> JudgedValue? {
        let side = JudgedValue.Side(number: effect.loss.inSeconds)
        return JudgedValue(best: side, worst: side, FigureWords.seconds, place)
    }
}

/// In a registry, and with nothing to judge it.
private struct LuckClaim: TimeClaim {
    var limit: Comparison<Duration>

    static let key = "luck"
    static let help = ExpectationHelp("Good fortune.", values: [], example: "{luck: 0}")
}

@Suite("An added expectation")
struct AddedExpectationTests {
    private func at(_ seconds: Double) -> RunInstant { RunInstant(nanoseconds: Int64(seconds * 1e9)) }

    /// 20 s at 50/s: a fault at 5 s, and every slot bad from then for 1.5 s.
    private var timeline: MemoryTimeline {
        let lane = Lane(
            id: LaneID(rawValue: 1), trial: 0, traffic: "echo", from: "east", to: "west", peering: .nodePort,
            mode: .new, url: "http://echo/", period: .milliseconds(20), origin: .origin)
        let samples = (0..<1000 as Range<UInt64>).map { sequence in
            let due = lane.due(sequence)
            let isBad = due >= at(5) && due < at(6.5)
            return Sample(
                lane: lane.id, sequence: sequence, due: due, sent: due, done: due + .milliseconds(isBad ? 2000 : 3),
                outcome: isBad ? .connectTimeout : .ok)
        }
        let fault = Fault(id: "kill", step: "kill", action: "kill-node", cluster: "west", targets: ["n1"])
        let events: [Event] = [
            Event(at: at(0), trial: 0, .trialStarted(cell: 0, repeatIndex: 0, labels: [:])),
            Event(at: at(5), trial: 0, .faultInjected(fault)),
            Event(at: at(20), trial: 0, .trialFinished),
        ]
        return MemoryTimeline(
            info: RunInfo(id: "r", planName: "p"), lanes: [lane], events: events, samples: [lane.id: samples])
    }

    private func verdict(_ expectation: String, _ added: any ExpectationDeclaration.Type) throws -> ExpectationVerdict {
        let text = """
            kind: Plan
            apiVersion: peerquake.dev/v1
            name: p
            clusters: [east, west]
            traffic: [{name: echo, url: "http://echo/", from: east, to: west}]
            steps: [{id: kill, kill-node: {cluster: west, nodes: {role: worker}}, hold: 15s}]
            expect: [\(expectation)]
            """
        let registry = ExpectationRegistry(ExpectationRegistry.standard.declarations + [added])
        let plan = try Plan.parse(text, path: "p.yaml", expectations: registry)
        return try #require(try Analyser(timeline, plan: plan).findings().verdicts.first)
    }

    @Test("is judged, named and placed like any other", arguments: [("<= 2s", true), ("< 1s", false)])
    func judged(limit: String, holds: Bool) throws {
        let verdict = try verdict(#"{loss: "\#(limit)", when: {step: kill}}"#, LossClaim.self)
        #expect(verdict.result == (holds ? .pass : .fail))
        #expect(verdict.claim.hasPrefix("loss ") && verdict.claim.hasSuffix(" s when step kill"))
        #expect(verdict.worst == "1.5 s on NodePort echo/new" && verdict.selected == 1)
    }

    @Test("is inconclusive where nothing judges it")
    func unjudged() throws {
        let verdict = try verdict("{luck: 0}", LuckClaim.self)
        #expect(verdict.result == .inconclusive && verdict.selected == 0)
    }

    @Test("every one that is shipped is judged")
    func shipped() {
        for declaration in ExpectationRegistry.standard.declarations {
            #expect(declaration is any JudgedExpectation.Type, "\(declaration.key)")
        }
    }
}
