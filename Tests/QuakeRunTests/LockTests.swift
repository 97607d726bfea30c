import QuakeCluster
import QuakeKube
import QuakeTestSupport
import Synchronization
import Testing

@testable import QuakeRun

@Suite("A cluster's lock", .timeLimit(.minutes(3)))
struct LockTests {
    @Test(
        "is lost to another holder or by deletion, and not by silence",
        arguments: [
            (LeaseLock.Sighting.renewed, LockState.Hold.held, false), (.unknown("refused"), .held, false),
            (.other("x"), .lost(to: "x"), true), (.deleted, .lost(to: nil), true),
        ])
    func transitions(sighting: LeaseLock.Sighting, hold: LockState.Hold, isLoss: Bool) {
        var state = LockState(hold: .held, renewed: .zero)
        let loses = state.saw(sighting, at: .seconds(5))
        #expect(loses == isLoss)
        #expect(state.hold == hold)
        // Told once.
        let losesAgain = state.saw(sighting, at: .seconds(10))
        #expect(!losesAgain)
    }

    @Test("has to be looked at before anything is touched, once it may have lapsed")
    func stale() {
        var state = LockState(hold: .held, renewed: .zero)
        _ = state.saw(.unknown("refused"), at: .seconds(10))
        #expect(!state.isStale(at: .seconds(14), after: .seconds(15)))
        #expect(state.isStale(at: .seconds(15), after: .seconds(15)))
        _ = state.saw(.renewed, at: .seconds(16))
        #expect(!state.isStale(at: .seconds(20), after: .seconds(15)))
        #expect(LockState(hold: .waiting, renewed: .zero).isStale(at: .zero, after: .seconds(15)))
    }

    private static let path = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/peerquake-run"

    private func lease(_ holder: String) -> JSONValue {
        ["metadata": ["name": "peerquake-run", "uid": "l"], "spec": ["holderIdentity": .string(holder)]]
    }

    @Test("is renewed though another cluster's API server hangs")
    func independent() async throws {
        // It answers while the Lease is taken, and hangs from then on.
        let requests = Mutex(0)
        let hanging = ScriptedServer { connection in
            while let head = connection.head() {
                _ = connection.body(of: head)
                let number = requests.withLock { count in
                    count += 1
                    return count
                }
                if number > 2 { return connection.pause(milliseconds: 4000) }
                connection.answer(number == 1 ? 404 : 201, body: "{}")
            }
        }
        let context = Kubeconfig.Context(
            name: "east", cluster: .init(name: "east", server: "http://127.0.0.1:\(hanging.port)"))
        let fake = FakeCluster()
        var east = fake.cluster
        (east.name, east.uid, east.kube) = ("east", "0", KubeClient(context))
        let lost = Mutex<[String]>([])
        let locks = try await Locks.take(
            ["east": east, "west": fake.cluster], holder: "this-run", every: .milliseconds(50),
            timeout: .milliseconds(300)
        ) { words in lost.withLock { $0.append(words) } }
        let deadline = ContinuousClock.now + .seconds(20)
        func renewals() -> Int { fake.log.count { $0 == "PATCH \(Self.path)" } }
        while renewals() < 10, ContinuousClock.now < deadline { await Task.yield() }
        #expect(renewals() >= 10)
        #expect(lost.withLock { $0.isEmpty } && locks.lossWords == nil)
        // Unreachable is not lost: the run may have cut the cluster off itself.
        #expect(await locks.guarding(["east": east])["east"]?.permit?.otherHolder() == nil)
        hanging.stop()
        _ = await locks.release()
    }

    @Test(
        "that another run has taken forbids to touch the cluster, and is reported; once that one is gone, it is taken again"
    )
    func takenOver() async throws {
        let fake = FakeCluster()
        let lost = Mutex<[String]>([])
        let lock = ClusterLock("west", fake.cluster.kube, holder: "this-run") { words in
            lost.withLock { $0.append(words) }
        }
        try await lock.acquire()
        #expect(await lock.permit.otherHolder() == nil)
        fake.put(Self.path, lease("another-run"))
        lock.keep(every: .milliseconds(20))
        let deadline = ContinuousClock.now + .seconds(20)
        while lock.lossWords == nil, ContinuousClock.now < deadline { await Task.yield() }
        #expect(lock.lossWords == "west: the lock of this run is lost: another-run has taken it over")
        #expect(lost.withLock { $0.first } == lock.lossWords)
        #expect(await lock.permit.otherHolder() == "another-run")
        #expect(fake.object(Self.path)?[path: "spec.holderIdentity"] == "another-run")
        fake.put(Self.path, nil)
        #expect(await lock.permit.otherHolder() == nil)
        #expect(fake.object(Self.path)?[path: "spec.holderIdentity"] == "this-run")
        // It was lost all the same.
        #expect(lock.lossWords != nil)
        #expect(await lock.release())
        #expect(fake.object(Self.path) == nil)
    }

    @Test("of a dead run is taken over for its recovery, and another run's is left alone")
    func recovery() async throws {
        let fake = FakeCluster()
        fake.put(Self.path, lease("dead-run"))
        let lock = ClusterLock("west", fake.cluster.kube, holder: "dead-run")
        #expect(await lock.permit.otherHolder() == nil)
        #expect(await lock.release())
        #expect(fake.object(Self.path) == nil)
        fake.set(up: false)
        let silent = ClusterLock("west", fake.cluster.kube, holder: "dead-run")
        #expect(await silent.permit.otherHolder() == nil)
    }
}
