import QuakeArchive
import QuakeCluster
import QuakePlan
import QuakeProbe
import QuakeTimeline
import Synchronization
import Testing

@testable import QuakeRun

@Suite("When a fault took effect", .timeLimit(.minutes(3)))
struct FaultTimeTests {
    /// Notes when it was called, and fails as it is told to.
    private final class Power: NodePower {
        enum Failure: Error { case refused, lost }

        struct Refused: Refusal { var isRefusal: Bool }

        let calls = Mutex<[String: Int64]>([:])
        let restored = Mutex<Int64>(0)
        private let failure: (@Sendable (String) -> (any Error)?)?

        init(failing failure: (@Sendable (String) -> (any Error)?)? = nil) { self.failure = failure }

        func isWhole(_ node: String) async throws -> Bool { true }
        func kill(_ node: String, how: KillMethod) async throws -> EffectInterval {
            calls.withLock { $0[node] = EffectInterval.now }
            if let error = failure?(node) { throw error }
            return try await EffectInterval.of {}
        }
        func restart(_ node: String) async throws -> EffectInterval { try await kill(node, how: .killContainer) }
        func restore(_ node: String) async throws { restored.withLock { $0 = EffectInterval.now } }
        func remove(_ node: String) async throws {}
        func provision(_ node: String) async throws {}
    }

    private let targets = NodeTargets.select(cluster: "west", NodeSelector(role: "worker"))

    @Test("begins after the journal was mirrored, however long that took, and lasts as long as the call")
    func mirrorIsSlow() async throws {
        let power = Power()
        let bench = try RunBench(power: power, mirrorDelay: .seconds(3))
        let before = bench.recorder.clock.now
        try await bench.run(KillNode(targets, how: .powerOff), on: ["a", "b"])
        let (at, fault) = try #require(bench.faults.first)
        let injection = try #require(fault.injection)
        let mirrored = try #require(bench.mirrored.withLock { $0.max() })
        #expect(injection.start - before >= .seconds(3))
        #expect(injection.start >= bench.recorder.clock.instant(monotonicNanoseconds: mirrored))
        #expect(injection.length < .seconds(3))
        // What the fault's onset and recovery count from.
        #expect(at == injection.start)
        #expect(bench.faults.count == 1 && fault.targets == ["a", "b"])
        // Nor does a mirroring lie between the nodes of one fault.
        let calls = power.calls.withLock { $0 }
        #expect((calls["b"] ?? 0) - (calls["a"] ?? 0) < 3_000_000_000)
    }

    @Test("is reported for each of several nodes")
    func several() async throws {
        let bench = try RunBench(power: Power())
        try await bench.run(KillNode(targets, how: .powerOff), on: ["a", "b"])
        let reached = bench.events.withLock {
            $0.compactMap { event -> (String, String, String, Interval)? in
                guard case .targetReached(let fault, let cluster, let target, let injection) = event.what else {
                    return nil
                }
                return (fault, cluster, target, injection)
            }
        }
        #expect(reached.map(\.0) == ["step", "step"] && reached.map(\.1) == ["west", "west"])
        #expect(reached.map(\.2) == ["a", "b"])
        #expect(reached.first?.3 == bench.faults.first?.fault.injection)
        #expect(reached[0].3.end <= reached[1].3.start)
    }

    @Test("is not reported for what was refused, and is for what may have happened until it failed")
    func failures() async throws {
        let refused = try RunBench(power: Power { _ in Power.Refused(isRefusal: true) })
        await #expect(throws: Power.Refused.self) {
            try await refused.run(KillNode(targets, how: .powerOff), on: ["a"])
        }
        #expect(refused.faults.isEmpty)
        let lost = try RunBench(power: Power { _ in Power.Failure.lost })
        await #expect(throws: Power.Failure.self) { try await lost.run(KillNode(targets, how: .powerOff), on: ["a"]) }
        #expect(lost.faults.first?.fault.injection != nil)
        // Silenced, and then not killed: it was silent from then on.
        let half = EffectInterval(from: EffectInterval.now, to: EffectInterval.now + 5)
        let partly = try RunBench(power: Power { _ in PartialEffect(interval: half, cause: Power.Failure.refused) })
        await #expect(throws: Power.Failure.self) {
            try await partly.run(KillNode(targets, how: .powerOff), on: ["a"])
        }
        #expect(partly.faults.first?.fault.injection == partly.recorder.interval(half))
    }

    @Test("of several nodes is reported though a later one failed")
    func second() async throws {
        let power = Power { $0 == "b" ? Power.Refused(isRefusal: true) : nil }
        let bench = try RunBench(power: power)
        await #expect(throws: Power.Refused.self) {
            try await bench.run(KillNode(targets, how: .powerOff), on: ["a", "b"])
        }
        #expect(bench.faults.map(\.fault.targets) == [["a", "b"]])
        // Both are in the journal: what was not killed is whole when it is healed.
        #expect(bench.journal.entries.map(\.status) == [.applied, .intended])
    }

    @Test("healing begins just before the node is started, after the journal says so")
    func healing() async throws {
        let power = Power()
        let bench = try RunBench(power: power)
        try await bench.run(KillNode(targets, how: .powerOff), on: ["a"])
        try await bench.run(StartNode(targets), on: ["a"])
        let changes = bench.events.withLock { $0.filter { if case .changeMade = $0.what { true } else { false } } }
        #expect(changes.count == 1)
        let restored = bench.recorder.clock.instant(monotonicNanoseconds: power.restored.withLock { $0 })
        #expect(try #require(changes.first).at <= restored)
        #expect(bench.journal.entries.map(\.status) == [.reverted])
    }

    @Test("nodes of one name in two clusters are distinguished")
    func sameNames() async throws {
        let bench = try RunBench(power: Power())
        try await bench.run(KillNode(targets, how: .powerOff), on: ["a"], of: "west")
        #expect(bench.log("kill-node").doom([], of: "east").isEmpty)
        #expect(bench.log("kill-node").doom([], of: "west") == ["a"])
        // Starting east's undoes nothing of west's.
        try await bench.run(StartNode(targets), on: ["a"], of: "east")
        #expect(bench.journal.entries.map(\.status) == [.applied])
    }

    @Test("target sets and health transitions are recorded with the cluster of the agent that reported them")
    func agents() throws {
        let bench = try RunBench()
        for cluster in ["east", "west"] {
            bench.recorder.told(
                [
                    AgentRecord(.targets(peer: "peer", addresses: ["n=1.2.3.4:5"])),
                    AgentRecord(.health(node: "n", healthy: false)),
                ], by: cluster)
        }
        let clusters = bench.events.withLock {
            $0.compactMap { event -> String? in
                switch event.what {
                case .targetSet(let cluster, _, _), .loadBalancerHealth(let cluster, _, _): cluster
                default: nil
                }
            }
        }
        #expect(clusters == ["east", "east", "west", "west"])
    }

    @Test("a warning of an agent is a note of the run, unless it is from before the run")
    func warnings() throws {
        let bench = try RunBench()
        let origin = bench.recorder.clock.originUnixNanoseconds
        bench.recorder.told(
            [AgentRecord(at: origin - 1, .warning("old")), AgentRecord(at: origin + 5, .warning("ports"))], by: "east")
        let notes = bench.events.withLock {
            $0.compactMap { event in if case .note(let words) = event.what { words } else { nil } }
        }
        #expect(notes == ["east: ports"])
    }
}
