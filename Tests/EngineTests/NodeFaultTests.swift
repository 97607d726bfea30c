import Foundation
import QuakeKind
import QuakePlan
import QuakeProbe
import QuakeTimeline
import Synchronization
import Testing

/// Keeps what a prober records.
private final class Record: ProbeSink {
    let samples = Mutex<[Sample]>([])

    func record(_ new: [Sample]) { samples.withLock { $0 += new } }
    func record(_ event: Event) {}
    func server(_ identity: ServingIdentity) -> UInt32 { 1 }
    func text(_ text: String) -> UInt32 { 0 }
}

/// Real containers, labelled as kind's nodes are, each with the agent's echo in it, on a network of their own. The
/// faults that kind's nodes suffer are done to them under real probing. Started by `scripts/test-engine`, which makes
/// the image.
@Suite("Node faults on real containers", .serialized, .timeLimit(.minutes(10)))
struct NodeFaultTests {
    private static let network = "peerquake-engine-test"
    private let engine: ContainerEngine
    private let image: String
    private let power: KindPower

    init() async throws {
        let environment = ProcessInfo.processInfo.environment
        image = try #require(environment["PEERQUAKE_ENGINE_IMAGE"], "scripts/test-engine sets it")
        engine = try await ContainerEngine.detect(environment: environment)
        power = KindPower(engine, network: Self.network)
    }

    /// A node that answers, and its address.
    private func withNode(_ body: (_ name: String, _ address: String) async throws -> Void) async throws {
        let name = "peerquake-engine-test-\(UInt32.random(in: 0...UInt32.max))"
        _ = try? await engine.run(["network", "create", Self.network])
        try await engine.run([
            "run", "--detach", "--cap-add", "NET_ADMIN", "--name", name, "--network", Self.network, "--label",
            "io.x-k8s.kind.cluster=peerquake-engine-test", "--label", "io.x-k8s.kind.role=worker", "--env",
            "PEERQUAKE_CLUSTER=west", "--env", "PEERQUAKE_NODE=\(name)", image,
        ])
        do {
            let address = try #require(try await engine.state(name).networks[Self.network])
            try await body(name, address)
        } catch {
            await remove(name)
            throw error
        }
        await remove(name)
    }

    private func remove(_ name: String) async {
        _ = try? await engine.run(["rm", "--force", name])
        _ = try? await engine.run(["network", "rm", Self.network])
    }

    /// What a fault of three seconds looked like, as times from its beginning.
    private struct Seen {
        var new: [(at: Double, sample: Sample)]
        var pooled: [(at: Double, sample: Sample)]
        /// When the fault had been done, and when it had been undone.
        var done: Double
        var undone: Double

        func outcomes(_ samples: [(at: Double, sample: Sample)], from: Double, to: Double) -> Set<Outcome> {
            Set(samples.filter { $0.at >= from && $0.at < to }.map(\.sample.outcome))
        }
    }

    private func lane(_ id: UInt32, _ mode: ConnectionMode, _ address: String) -> LaneSpec {
        LaneSpec(
            lane: Lane(
                id: LaneID(rawValue: id), trial: 0, traffic: "echo", from: "east", to: "west", mode: mode,
                url: "http://\(address):8080/", period: .milliseconds(20), deadline: .milliseconds(250),
                timeout: .seconds(1), origin: .origin),
            pooledConnections: 2, expectedCluster: "west")
    }

    private func probe(
        _ address: String, for hold: Duration = .seconds(3), _ fault: () async throws -> Void,
        undo: () async throws -> Void
    ) async throws -> Seen {
        let record = Record()
        let clock = RunClock()
        let prober = try Prober(clock: clock, sink: record)
        let lanes = [
            try await prober.start(lane(1, .new, address)), try await prober.start(lane(2, .pooled, address)),
        ]
        try await awaitGood(record)
        let began = clock.now
        try await fault()
        let done = clock.now
        try await Task.sleep(for: hold)
        try await undo()
        let undone = clock.now
        try await Task.sleep(for: .seconds(4))
        for lane in lanes { await prober.stop(lane.id) }
        await prober.close()
        let all = record.samples.withLock { $0 }.sorted { $0.sequence < $1.sequence }
        func series(_ id: UInt32) -> [(at: Double, sample: Sample)] {
            all.filter { $0.lane.rawValue == id }.map { (($0.due - began).inSeconds, $0) }
        }
        return Seen(
            new: series(1), pooled: series(2), done: (done - began).inSeconds, undone: (undone - began).inSeconds)
    }

    private func awaitGood(_ record: Record) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline {
            if record.samples.withLock({ $0.suffix(80).count { $0.outcome == .ok } }) == 80 { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("the agent did not answer within 20 s")
    }

    /// Good before the fault and again at the end.
    private func expectRecovery(_ seen: Seen, within seconds: Double = 3) {
        for lane in [seen.new, seen.pooled] {
            let before = seen.outcomes(lane, from: -0.6, to: -0.3)
            let after = lane.filter { $0.at > seen.undone + seconds }.map(\.sample.outcome)
            #expect(before.subtracting([.ok, .late, .clientOverload]).isEmpty)
            #expect(!after.isEmpty && after.count { $0 == .ok } * 10 >= after.count * 9)
        }
    }

    /// Classes that a machine that falls silent cannot bring about.
    private static let spoken: Set<Outcome> = [.reset, .eof, .refused, .body, .wrongCluster, .httpStatus]

    @Test("power-off is silent: no FIN, no RST; connects time out, pinned connections hang; a start heals")
    func powerOff() async throws {
        try await withNode { name, address in
            let seen = try await probe(
                address, { try await power.kill(name, how: .powerOff) }, undo: { try await power.restore(name) })
            let new = seen.outcomes(seen.new, from: 0, to: seen.done + 2)
            let pooled = seen.outcomes(seen.pooled, from: 0, to: seen.done + 2)
            #expect(new.isDisjoint(with: Self.spoken) && pooled.isDisjoint(with: Self.spoken))
            #expect(new.contains(.connectTimeout))
            #expect(pooled.contains(.reuseTimeout))
            let dark = seen.new.filter { $0.at > seen.done && $0.at < seen.done + 2 }
            #expect(dark.allSatisfy { $0.sample.outcome.isBad || $0.sample.outcome.isClientFailure })
            let restored = try await engine.state(name).networks[Self.network]
            #expect(restored == address)
            expectRecovery(seen)
        }
    }

    @Test("kill-container is heard at once: pinned connections get a FIN")
    func killContainer() async throws {
        try await withNode { name, address in
            let seen = try await probe(
                address, { try await power.kill(name, how: .killContainer) }, undo: { try await power.restore(name) })
            let pooled = seen.pooled.filter { $0.at > -0.1 && $0.at < seen.done + 0.5 }.map(\.sample.outcome)
            #expect(!pooled.contains(.reuseTimeout), "a killed process's kernel says goodbye")
            let new = seen.outcomes(seen.new, from: seen.done, to: seen.done + 2.5)
            #expect(!new.contains(.ok))
            expectRecovery(seen)
        }
    }

    @Test("pause lets the kernel accept connections, and no answer comes")
    func pause() async throws {
        try await withNode { name, address in
            let seen = try await probe(
                address, { try await power.kill(name, how: .pause) }, undo: { try await power.restore(name) })
            let new = seen.outcomes(seen.new, from: seen.done, to: seen.done + 1.5)
            #expect(new.contains(.responseTimeout))
            #expect(new.isDisjoint(with: [.connectTimeout, .refused, .noRoute, .ok]))
            expectRecovery(seen)
        }
    }

    @Test("disconnect is silent, and a second one is too, though the first reconnection renamed the interface")
    func disconnect() async throws {
        try await withNode { name, address in
            for _ in 0..<2 {
                let seen = try await probe(
                    address, { try await power.kill(name, how: .disconnect) },
                    undo: { try await power.restore(name) })
                let new = seen.outcomes(seen.new, from: seen.done + 0.1, to: seen.done + 2.5)
                #expect(new.isDisjoint(with: Self.spoken) && !new.contains(.ok))
                #expect(!new.isDisjoint(with: [.connectTimeout, .noRoute]))
                let restored = try await engine.state(name).networks[Self.network]
                #expect(restored == address)
                let link = try await engine.shell(name, "ip -o -4 addr show | grep -F ' \(address)/'")
                #expect(link.contains(" eth0 "))
                expectRecovery(seen)
            }
        }
    }

    @Test("restart comes back by itself")
    func restart() async throws {
        try await withNode { name, address in
            let seen = try await probe(
                address, for: .milliseconds(10), { try await power.restart(name) }, undo: {})
            #expect(seen.new.contains { $0.sample.outcome.isBad })
            expectRecovery(seen)
        }
    }
}
