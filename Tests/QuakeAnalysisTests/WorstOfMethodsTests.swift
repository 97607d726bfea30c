import QuakePlan
import QuakeTimeline
import Testing

@testable import QuakeAnalysis

@Suite("An expectation over both peering methods")
struct WorstOfMethodsTests {
    /// The trial of a lane that lost one slot in ten.
    private func trials(_ plan: Plan, _ bad: [Bool]) throws -> [TrialFindings] {
        try bad.map { isBad in
            let lane = Lane(
                id: LaneID(rawValue: 1), trial: 0, traffic: "echo", from: "east", to: "west", peering: .nodePort,
                mode: .new, url: "http://echo/", period: .milliseconds(100), origin: .origin)
            let samples = (0..<100 as Range<UInt64>).map { sequence in
                let due = lane.due(sequence)
                return Sample(
                    lane: lane.id, sequence: sequence, due: due, sent: due, done: due + .milliseconds(3),
                    outcome: isBad && sequence % 10 == 5 ? .reset : .ok)
            }
            let events = [
                Event(at: .origin, trial: 0, .trialStarted(cell: 0, repeatIndex: 0, labels: ["peering": "NodePort"])),
                Event(at: .origin + .seconds(10), trial: 0, .trialFinished),
            ]
            let timeline = MemoryTimeline(
                info: RunInfo(id: "r", planName: "p"), lanes: [lane], events: events, samples: [lane.id: samples])
            return try #require(try Analyser(timeline, plan: plan).findings().trials.first)
        }
    }

    private func plan() throws -> Plan {
        try Plan.parse(
            """
            kind: Plan
            apiVersion: peerquake.dev/v1
            name: p
            clusters: [east, west]
            traffic: [{name: echo, url: "http://echo/", from: east, to: west}]
            hypothesis: {baseline: 1s}
            steps: [{wait: 1s}]
            expect: [{availability: ">= 99%"}]
            """, path: "p.yaml")
    }

    @Test("that does not hold says how often via each method, and not the worst one alone")
    func both() throws {
        let plan = try plan()
        var trials = try trials(plan, [true, true, false])
        trials[1].peering = "LoadBalancer"
        trials[2].peering = "LoadBalancer"
        let verdict = try #require(ExpectationJudge(plan: plan, trials: trials).verdicts().first)
        #expect(verdict.result == .fail)
        #expect(verdict.worst.hasSuffix("; 1 via LoadBalancer, 1 via NodePort of 3 do not hold"), "\(verdict.worst)")
    }

    @Test("that holds, or has one method, says the worst one alone")
    func one() throws {
        let plan = try plan()
        for bad in [[true, true], [false, false]] {
            var trials = try trials(plan, bad)
            if !bad[0] { trials[1].peering = "LoadBalancer" }
            let verdict = try #require(ExpectationJudge(plan: plan, trials: trials).verdicts().first)
            #expect(verdict.result == (bad[0] ? .fail : .pass) && !verdict.worst.contains("do not hold"))
        }
    }
}
