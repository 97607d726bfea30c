import QuakeCluster
import QuakeKube
import QuakePlan
import Synchronization
import Testing

@Suite("Actions on a node's scheduling, and their inverses", .serialized, .timeLimit(.minutes(3)))
struct SchedulingActionTests {
    @Test("cordon, and uncordon what this run cordoned")
    func cordon() async throws {
        try await withBench { bench in
            try await bench.run(Cordon(targets), on: ["test-worker"])
            #expect(try await bench.isCordoned("test-worker"))
            #expect(bench.log.inverses == [.uncordon(node: "test-worker", uid: try bench.node("test-worker").uid)])
            #expect(bench.log.evidence.withLock { $0.count } == 1)
            try await bench.run(Uncordon(targets), on: ["test-worker"])
            #expect(try await !bench.isCordoned("test-worker"))
            #expect(bench.log.inverses.isEmpty)
            #expect(bench.log.changes.withLock { $0 } == [["test-worker"]])
        }
    }

    @Test("cordon leaves alone who was cordoned before; uncordon puts it back")
    func cordonedBefore() async throws {
        try await withBench { bench in
            try await bench.cluster.kube.patch(.node("test-worker"), ["spec": ["unschedulable": true]])
            try await bench.eventually("seen cordoned") { try bench.node("test-worker").isCordoned }
            try await bench.run(Cordon(targets), on: ["test-worker"])
            #expect(bench.log.inverses == [.none])
            try await bench.run(Uncordon(targets), on: ["test-worker"])
            #expect(try await !bench.isCordoned("test-worker"))
            try await bench.heal()
            #expect(try await bench.isCordoned("test-worker"))
        }
    }

    @Test("drain empties a node, and its inverse opens it again")
    func drain() async throws {
        try await withBench { bench in
            let outcome = try await bench.run(Drain(targets: targets), on: ["test-worker"])
            #expect(outcome == .finished && !bench.log.drain.hasShown(.blocked))
            #expect(try await bench.webPods().allSatisfy { PodView($0).node != "test-worker" })
            #expect(try await bench.isCordoned("test-worker"))
            try await bench.heal()
            #expect(try await !bench.isCordoned("test-worker"))
        }
    }

    @Test("drain that a budget blocks is an outcome, seen while it is running")
    func blocked() async throws {
        try await withBench { bench in
            try await bench.cluster.kube.apply([
                "apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
                "metadata": ["name": "web", "namespace": "shop"],
                "spec": ["minAvailable": 2, "selector": ["matchLabels": ["app": "web"]]],
            ])
            let outcome = try await bench.run(
                Drain(targets: targets, timeout: .seconds(2)), on: ["test-worker"])
            #expect(outcome.outcome == .blocked, "\(outcome)")
            #expect(bench.log.drain.hasShown(.blocked) && !bench.log.drain.hasShown(.finished))
            #expect(try await bench.webPods().count == 2)
            try await bench.heal()
            #expect(try await !bench.isCordoned("test-worker"))
        }
    }

    @Test("upgrade-nodes goes node by node, each a separate fault, and opens each again")
    func upgrade() async throws {
        try await withBench { bench in
            let action = UpgradeNodes(targets: targets, pause: .milliseconds(500))
            let outcome = try await bench.run(action, on: ["test-worker", "test-worker2"])
            #expect(outcome == .finished)
            #expect(bench.log.faults.withLock { $0 } == [["test-worker"], ["test-worker2"]])
            #expect(bench.log.inverses.allSatisfy { $0 == .none })
            for node in ["test-worker", "test-worker2"] {
                #expect(try await !bench.isCordoned(node))
                #expect(try await bench.ready(node) == "True")
            }
        }
    }
}
