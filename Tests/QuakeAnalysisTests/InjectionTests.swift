import QuakeAnalysis
import QuakePlan
import QuakeTimeline
import Testing

@Suite("A fault that took effect somewhere in an interval")
struct InjectionTests {
    private func at(_ seconds: Double) -> RunInstant { RunInstant(nanoseconds: Int64(seconds * 1e9)) }

    /// Injected from 10 s to 10.5 s; bad from `from` until 14 s.
    private func fault(_ injection: Interval?, badFrom from: Double) throws -> FaultFindings {
        let lane = Lane(
            id: LaneID(rawValue: 1), trial: 0, traffic: "echo", from: "east", to: "west", mode: .new, url: "",
            period: .milliseconds(100), origin: .origin)
        let samples = (0..<300 as Range<UInt64>).map { sequence in
            let due = lane.due(sequence)
            return Sample(
                lane: lane.id, sequence: sequence, due: due, sent: due, done: due,
                outcome: due >= at(from) && due < at(14) ? .refused : .ok)
        }
        let fault = Fault(
            id: "kill", step: "kill", action: "kill-node", cluster: "west", targets: ["n1"], injection: injection)
        let timeline = MemoryTimeline(
            info: RunInfo(id: "r", planName: "p"), lanes: [lane],
            events: [
                Event(at: at(0), trial: 0, .trialStarted(cell: 0, repeatIndex: 0, labels: [:])),
                Event(at: at(10), trial: 0, .faultInjected(fault)), Event(at: at(30), trial: 0, .trialFinished),
            ], samples: [lane.id: samples])
        let findings = try Analyser(timeline, plan: Plan(name: "p", clusters: [], cells: [])).findings()
        return try #require(findings.trials[0].faults.first)
    }

    @Test("bounds onset and recovery by it, not below zero")
    func bounds() throws {
        let fault = try fault(Interval(start: at(10), end: at(10.5)), badFrom: 10.2)
        let effect = fault.effects[0]
        #expect(effect.onsetNanoseconds == 200_000_000)
        #expect(fault.bounds(effect.onsetNanoseconds) == 0...200_000_000)
        #expect(fault.bounds(effect.stableNanoseconds) == 3_500_000_000...4_000_000_000)
        #expect(fault.bounds(nil) == nil)
        #expect(fault.isVague(for: effect))
    }

    @Test("says nothing more than the slots do where it is shorter than one")
    func short() throws {
        let fault = try fault(Interval(start: at(10), end: at(10.002)), badFrom: 10.2)
        #expect(!fault.isVague(for: fault.effects[0]))
        #expect(fault.bounds(fault.effects[0].onsetNanoseconds) == 198_000_000...200_000_000)
    }

    @Test("has no bounds where the record has no interval")
    func none() throws {
        let fault = try fault(nil, badFrom: 10.2)
        #expect(fault.bounds(fault.effects[0].onsetNanoseconds) == nil)
        #expect(!fault.isVague(for: fault.effects[0]))
    }
}
