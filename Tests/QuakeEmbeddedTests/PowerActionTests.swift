import QuakeCluster
import QuakeEmbedded
import QuakeKube
import QuakePeering
import QuakePlan
import Synchronization
import Testing

@Suite("Actions on a node's power, and their inverses", .serialized, .timeLimit(.minutes(3)))
struct PowerActionTests {
    @Test("kill-node shows as NotReady, and start-node heals it", arguments: KillMethod.allCases)
    func kill(how: KillMethod) async throws {
        try await withBench { bench in
            try await bench.run(KillNode(targets, how: how), on: ["test-worker2"])
            #expect(try await !bench.power.isWhole("test-worker2"))
            #expect(bench.log.faults.withLock { $0 } == [["test-worker2"]])
            try await bench.eventually("NotReady") { try await bench.ready("test-worker2") == "Unknown" }
            #expect(try await bench.ready("test-worker") == "True")
            try await bench.run(StartNode(targets), on: ["test-worker2"])
            #expect(bench.log.inverses.isEmpty)
            #expect(try await bench.power.isWhole("test-worker2"))
            try await bench.eventually("Ready") { try await bench.ready("test-worker2") == "True" }
        }
    }

    @Test("kill-node's inverse returns when the node is Ready and its taints are gone")
    func killInverse() async throws {
        try await withBench { bench in
            try await bench.run(KillNode(targets, how: .powerOff), on: ["test-worker2"])
            try await bench.eventually("NotReady") { try await bench.ready("test-worker2") == "Unknown" }
            try await bench.heal()
            let node = try await bench.cluster.kube.get(.node("test-worker2"))
            #expect(NodeView(node).isReady)
            let taints = NodeView(node).taints
            #expect(taints.isEmpty)
        }
    }

    @Test("kill-node, restart-node and upgrade-nodes guard the quorum of etcd")
    func guards() async throws {
        try await withBench { bench in
            let upgrade = UpgradeNodes(targets: targets, pause: .zero)
            for action in [KillNode(targets, how: .pause), RestartNode(targets), upgrade] as [any ClusterAction] {
                let error = await #expect(throws: ClusterError.self) {
                    try await bench.run(action, on: ["test-control-plane"], expectOutage: false)
                }
                #expect(error?.code == .guarded)
            }
            #expect(bench.log.inverses.isEmpty && bench.log.faults.withLock { $0.isEmpty })
        }
    }

    /// Two gateways, one on each worker.
    private func gateways(_ bench: Bench) async throws {
        let place = try #require(StandinPeering().place(of: .gateway))
        try await bench.cluster.kube.apply([
            "apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(place.namespace)],
        ])
        let labels = JSONValue(place.labels)
        try await bench.cluster.kube.apply([
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": ["name": .string(place.name), "namespace": .string(place.namespace)],
            "spec": [
                "replicas": 2, "selector": ["matchLabels": labels],
                "template": [
                    "metadata": ["labels": labels],
                    "spec": [
                        "containers": [["name": "gateway", "image": "gateway"]],
                        "affinity": [
                            "podAntiAffinity": [
                                "requiredDuringSchedulingIgnoredDuringExecution": [
                                    ["labelSelector": ["matchLabels": labels], "topologyKey": "kubernetes.io/hostname"]
                                ]
                            ]
                        ],
                    ],
                ],
            ],
        ])
        try await bench.eventually("two ready gateways") {
            bench.observer.pods(at: place).count { PodView($0).isReady } == 2
        }
    }

    private static let workers = ["test-worker", "test-worker2"]

    @Test(
        "what takes nodes down guards the last ready gateway",
        arguments: [
            KillNode(targets, how: .powerOff), RestartNode(targets), BlipNode(targets, length: .zero),
            ExpireNodePools(cluster: "test", nodePools: ["a"], provisioningTime: .zero),
        ] as [any ClusterAction])
    func guardsGateways(action: any ClusterAction) async throws {
        try await withBench { bench in
            try await gateways(bench)
            for node in Self.workers {
                try await bench.cluster.kube.patch(
                    .node(node), ["metadata": ["labels": ["karpenter.sh/nodepool": "a"]]])
            }
            let error = await #expect(throws: ClusterError.self) {
                try await bench.run(action, on: Self.workers, expectOutage: false)
            }
            #expect(error?.code == .guarded)
            #expect(error?.message.contains("the last ready gateways run on test-worker, test-worker2") == true)
            #expect(bench.log.faults.withLock { $0.isEmpty })
            for node in Self.workers { #expect(try await bench.power.isWhole(node)) }
        }
    }

    @Test("kill-node counts a gateway's node that it killed before as gone, though it still looks Ready")
    func guardsKilled() async throws {
        try await withBench { bench in
            try await gateways(bench)
            try await bench.run(KillNode(targets, how: .powerOff), on: ["test-worker"], expectOutage: false)
            let error = await #expect(throws: ClusterError.self) {
                try await bench.run(KillNode(targets, how: .powerOff), on: ["test-worker2"], expectOutage: false)
            }
            #expect(error?.message.hasSuffix("gateways run on test-worker2 (test-worker is down already)") == true)
            #expect(try await bench.power.isWhole("test-worker2"))
            // Where the plan expects an outage, it may.
            try await bench.run(KillNode(targets, how: .powerOff), on: ["test-worker2"])
            #expect(try await !bench.power.isWhole("test-worker2"))
        }
    }

    @Test("restart-node waits for the kubelet's return and leaves nothing to undo")
    func restart() async throws {
        try await withBench { bench in
            let before = try await bench.cluster.kube.get(.nodeLease("test-worker"))[path: "spec.renewTime"]
            try await bench.run(RestartNode(targets), on: ["test-worker"])
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
            try await bench.run(BlipNode(targets, length: .seconds(1)), on: ["test-worker"])
            #expect(ContinuousClock.now - began >= .seconds(1))
            #expect(try await bench.power.isWhole("test-worker"))
            #expect(bench.log.inverses.isEmpty)
            // Shorter than the grace period: nobody called it NotReady.
            #expect(try await bench.ready("test-worker") == "True")
        }
    }

    @Test("start-node starts a node that it did not kill, too")
    func startForeign() async throws {
        try await withBench { bench in
            try await bench.power.kill("test-worker", how: .powerOff)
            try await bench.run(StartNode(targets), on: ["test-worker"])
            #expect(try await bench.power.isWhole("test-worker"))
            #expect(bench.log.inverses.isEmpty)
        }
    }
}
