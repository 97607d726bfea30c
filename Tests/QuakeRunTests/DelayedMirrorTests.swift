import QuakeAnalysis
import QuakeArchive
import QuakeCluster
import QuakePlan
import QuakeProbe
import QuakeTimeline
import Synchronization
import Testing

@testable import QuakeRun

/// What a report says of a fault, by how long its journal took to reach the cluster.
@Suite("Recovery from a fault whose journal was mirrored late", .timeLimit(.minutes(3)))
struct DelayedMirrorTests {
    /// A node that stays silent for two seconds, from the moment that its power is cut.
    private final class Power: NodePower {
        let cut = Mutex<Int64>(0)

        func isWhole(_ node: String) async throws -> Bool { true }
        func kill(_ node: String, how: KillMethod) async throws -> EffectInterval {
            try await EffectInterval.of { cut.withLock { $0 = EffectInterval.now } }
        }
        func restart(_ node: String) async throws -> EffectInterval { try await kill(node, how: .killContainer) }
        func restore(_ node: String) async throws {}
        func remove(_ node: String) async throws {}
        func provision(_ node: String) async throws {}
    }

    /// The effect on a lane of 100 requests a second that fail for two seconds from when the power was cut.
    private func effect(mirrorDelay: Duration) async throws -> LaneEffect {
        let power = Power()
        let bench = try RunBench(power: power, mirrorDelay: mirrorDelay)
        try await bench.run(
            KillNode(NodeTargets.select(cluster: "west", NodeSelector(role: "worker")), how: .powerOff),
            on: ["a"])
        let cut = bench.recorder.clock.instant(monotonicNanoseconds: power.cut.withLock { $0 })
        let lane = Lane(
            id: LaneID(rawValue: 1), trial: 0, traffic: "echo", from: "east", to: "west", mode: .new, url: "",
            period: .milliseconds(10), origin: .origin)
        let samples = (0..<2000 as Range<UInt64>).map { sequence in
            let due = lane.due(sequence)
            let isSilent = due >= cut && due - cut < .seconds(2)
            return Sample(
                lane: lane.id, sequence: sequence, due: due, sent: due, done: due, outcome: isSilent ? .refused : .ok)
        }
        // The bench begins no trial.
        let injected = bench.faults.map { Event(at: $0.at, trial: 0, .faultInjected($0.fault)) }
        let timeline = MemoryTimeline(
            info: RunInfo(id: "r", planName: "p"), lanes: [lane],
            events: [Event(at: .origin, trial: 0, .trialStarted(cell: 0, repeatIndex: 0, labels: [:]))] + injected
                + [Event(at: lane.due(1999), trial: 0, .trialFinished)],
            samples: [lane.id: samples])
        let findings = try Analyser(timeline, plan: Plan(name: "p", clusters: [], cells: [])).findings()
        return try #require(findings.trials.first?.faults.first?.effects.first)
    }

    @Test("is what it is without the delay")
    func recovery() async throws {
        // A machine that stands still between the fault's begin and the cut may add something, never three seconds.
        let tolerance: Int64 = 1_000_000_000
        for delay in [Duration.zero, .seconds(3)] {
            let effect = try await effect(mirrorDelay: delay)
            let onset = try #require(effect.onsetNanoseconds)
            #expect((0...tolerance).contains(onset), "onset \(onset) ns with a delay of \(delay)")
            let beyond = effect.stableNanoseconds - 2_000_000_000
            #expect(
                (-20_000_000...tolerance).contains(beyond),
                "recovery \(effect.stableNanoseconds) ns with a delay of \(delay)")
        }
    }
}
