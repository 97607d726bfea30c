import QuakeCluster
import QuakeEmbedded
import QuakeKube
import QuakePeering
import QuakePlan
import QuakeTestSupport
import Synchronization
import Testing

@Suite("When each action takes effect", .serialized, .timeLimit(.minutes(5)))
struct FaultTimeTests {
    private static let short: Int64 = 5_000_000_000

    @Test(
        "is one short call after the change was journalled",
        arguments: [
            KillNode(targets, how: .powerOff), KillNode(targets, how: .disconnect),
            BlipNode(targets, length: .seconds(2)), Cordon(targets),
        ] as [any ClusterAction])
    func nodes(action: any ClusterAction) async throws {
        try await withBench { bench in
            let began = EffectInterval.now
            try await bench.run(action, on: ["test-worker2"])
            let effect = try #require(bench.log.effects.withLock { $0.first })
            #expect(effect.from >= began && effect.to - effect.from < Self.short)
            #expect(bench.log.effects.withLock { $0.count } == 1)
        }
    }

    @Test("of a restart is its first call's, and not the wait for the kubelet")
    func restart() async throws {
        try await withBench { bench in
            let began = EffectInterval.now
            try await bench.run(RestartNode(targets), on: ["test-worker"])
            let effect = try #require(bench.log.effects.withLock { $0.first })
            #expect(effect.from >= began && effect.to - effect.from < Self.short)
            #expect(bench.log.effects.withLock { $0.count } == 1)
        }
    }

    @Test("of a drain ends when the node is seen unschedulable, however long it takes")
    func drain() async throws {
        try await withBench { bench in
            try await bench.cluster.kube.apply([
                "apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
                "metadata": ["name": "web", "namespace": "shop"],
                "spec": ["minAvailable": 2, "selector": ["matchLabels": ["app": "web"]]],
            ])
            async let outcome = bench.run(
                Drain(targets: targets, timeout: .seconds(4)), on: ["test-worker"])
            // It is told while kubectl goes on.
            try await bench.eventually("told") { bench.log.effects.withLock { $0.count } == 1 }
            let told = EffectInterval.now
            #expect(bench.observer.node("test-worker")?[path: "spec.unschedulable"] == true)
            #expect(try await outcome.outcome == .blocked)
            #expect(EffectInterval.now - told > 2_000_000_000)
            let effect = try #require(bench.log.effects.withLock { $0.first })
            #expect(effect.from >= bench.log.journalled.withLock { $0 })
            #expect(effect.to <= told && effect.from < effect.to)
            #expect(bench.log.effects.withLock { $0.count } == 1)
        }
    }

    @Test("of a drain of a cordoned node is its first eviction; one that touches nothing injects nothing")
    func drainCordoned() async throws {
        try await withBench { bench in
            // Resolved before it was cordoned, as the targets of an earlier step are.
            let node = try bench.node("test-worker")
            try await bench.cluster.kube.patch(.node("test-worker"), ["spec": ["unschedulable": true]])
            try await bench.eventually("seen cordoned") { try bench.node("test-worker").isCordoned }
            let early = ActionContext(
                clusters: ["test": bench.cluster], observers: ["test": bench.observer], peering: StandinPeering(),
                log: bench.log, action: "drain", nodes: [node], cluster: bench.cluster, seed: 1, expectOutage: true)
            #expect(try await Drain(targets: targets).run(early) == .finished)
            let effect = try #require(bench.log.effects.withLock { $0.first })
            // kubectl needs longer than that to begin.
            #expect(effect.to - effect.from > 5_000_000)
            let nobody = NodeTarget(name: "nobody", uid: "u", isCordoned: false)
            let context = ActionContext(
                clusters: ["test": bench.cluster], observers: ["test": bench.observer], peering: StandinPeering(),
                log: bench.log, action: "drain", nodes: [nobody], cluster: bench.cluster, seed: 1, expectOutage: true)
            let outcome = try await Drain(targets: targets).run(context)
            #expect(outcome.outcome == .failed)
            #expect(bench.log.effects.withLock { $0.count } == 1)
        }
    }

    @Test("of workloads and flags is the change's own call")
    func workloads() async throws {
        let manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: shop}\n"
        let actions: [any ClusterAction] = [
            ScaleWorkload(cluster: "test", Bench.web, replicas: 1), RolloutRestart(cluster: "test", Bench.web),
            ApplyManifest(cluster: "test", file: "a.yaml"),
            SetNodeMonitorGracePeriod(cluster: "test", to: .seconds(6), force: false),
            DeletePods(cluster: "test", hosting: Bench.web, count: 1),
        ]
        try await withBench { bench in
            for (index, action) in actions.enumerated() {
                try await bench.run(action, attachments: Attachments(["a.yaml": .text(manifest)]))
                let effects = bench.log.effects.withLock { $0 }
                #expect(effects.count == index + 1, "\(action)")
                let last = try #require(effects.last)
                #expect(last.from >= bench.log.journalled.withLock { $0 }, "\(action)")
                #expect(last.to - last.from < Self.short, "\(action)")
            }
            // What is so already is no fault.
            try await bench.run(SetNodeMonitorGracePeriod(cluster: "test", to: .seconds(6), force: false))
            #expect(bench.log.effects.withLock { $0.count } == actions.count)
        }
    }

    @Test("of composite actions is each node's own")
    func composite() async throws {
        try await withBench { bench in
            let nodes = ["test-worker", "test-worker2"]
            try await bench.run(UpgradeNodes(targets: targets, pause: .milliseconds(100)), on: nodes)
            let upgrades = bench.log.effects.withLock { $0 }
            #expect(upgrades.count == 2 && upgrades[0].to < upgrades[1].from)
            for (node, pool) in zip(nodes, ["a", "b"]) {
                try await bench.cluster.kube.patch(
                    .node(node), ["metadata": ["labels": ["karpenter.sh/nodepool": .string(pool)]]])
            }
            let expiry = ExpireNodePools(cluster: "test", nodePools: ["a", "b"], provisioningTime: .zero)
            #expect(try await bench.run(expiry) == .finished)
            let all = bench.log.effects.withLock { $0 }
            #expect(all.count == 4)
            for effect in all[2...] { #expect(effect.to - effect.from < Self.short) }
        }
    }
}
