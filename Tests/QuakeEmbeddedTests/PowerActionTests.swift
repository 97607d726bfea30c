import QuakeCluster
import QuakeEmbedded
import QuakeKube
import QuakePlan
import Synchronization
import Testing

@Suite("Actions on a node's power, and their inverses", .serialized, .timeLimit(.minutes(3)))
struct PowerActionTests {
    @Test("kill-node shows as NotReady, and start-node heals it", arguments: KillMethod.allCases)
    func kill(how: KillMethod) async throws {
        try await withBench { bench in
            try await bench.run(.killNode(targets, how: how), on: ["test-worker2"])
            #expect(try await !bench.power.isWhole("test-worker2"))
            #expect(bench.log.faults.withLock { $0 } == [["test-worker2"]])
            try await bench.eventually("NotReady") { try await bench.ready("test-worker2") == "Unknown" }
            #expect(try await bench.ready("test-worker") == "True")
            try await bench.run(.startNode(targets), on: ["test-worker2"])
            #expect(bench.log.inverses.isEmpty)
            #expect(try await bench.power.isWhole("test-worker2"))
            try await bench.eventually("Ready") { try await bench.ready("test-worker2") == "True" }
        }
    }

    @Test("kill-node's inverse returns when the node is Ready and its taints are gone")
    func killInverse() async throws {
        try await withBench { bench in
            try await bench.run(.killNode(targets, how: .powerOff), on: ["test-worker2"])
            try await bench.eventually("NotReady") { try await bench.ready("test-worker2") == "Unknown" }
            try await bench.heal()
            let node = try await bench.cluster.kube.get(.node("test-worker2"))
            #expect(node.condition("Ready") == "True")
            let taints = node[path: "spec.taints"]?.arrayValue ?? []
            #expect(taints.isEmpty)
        }
    }

    @Test("kill-node and restart-node guard the quorum of etcd")
    func guards() async throws {
        try await withBench { bench in
            for action in [Action.killNode(targets, how: .pause), .restartNode(targets)] {
                let error = await #expect(throws: ClusterError.self) {
                    try await bench.run(action, on: ["test-control-plane"], expectOutage: false)
                }
                #expect(error?.code == .guarded)
            }
            #expect(bench.log.inverses.isEmpty && bench.log.faults.withLock { $0.isEmpty })
        }
    }

    @Test("restart-node waits for the kubelet's return and leaves nothing to undo")
    func restart() async throws {
        try await withBench { bench in
            let before = try await bench.cluster.kube.get(.nodeLease("test-worker"))[path: "spec.renewTime"]
            try await bench.run(.restartNode(targets), on: ["test-worker"])
            let after = try await bench.cluster.kube.get(.nodeLease("test-worker"))[path: "spec.renewTime"]
            #expect(before != after)
            #expect(try await bench.ready("test-worker") == "True")
            #expect(bench.log.inverses.isEmpty)
        }
    }

    @Test("blip-node cuts a node off for as long as it says")
    func blip() async throws {
        try await withBench { bench in
            let began = ContinuousClock.now
            try await bench.run(.blipNode(targets, length: .seconds(1)), on: ["test-worker"])
            #expect(ContinuousClock.now - began >= .seconds(1))
            #expect(try await bench.power.isWhole("test-worker"))
            #expect(bench.log.inverses.isEmpty)
            // Shorter than the grace period: nobody called it NotReady.
            #expect(try await bench.ready("test-worker") == "True")
        }
    }

    @Test("start-node starts a node that somebody else killed, too")
    func startForeign() async throws {
        try await withBench { bench in
            try await bench.power.kill("test-worker", how: .powerOff)
            try await bench.run(.startNode(targets), on: ["test-worker"])
            #expect(try await bench.power.isWhole("test-worker"))
            #expect(bench.log.inverses.isEmpty)
        }
    }
}
