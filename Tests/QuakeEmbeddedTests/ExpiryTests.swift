import QuakeCluster
import QuakeEmbedded
import QuakeKube
import QuakePlan
import Synchronization
import Testing

@Suite("The expiry of NodePools", .serialized, .timeLimit(.minutes(3)))
struct ExpiryTests {
    private static let pools = ["test-worker": "a", "test-worker2": "b"]

    private func inPools(_ bench: Bench) async throws -> [String: String] {
        var uids: [String: String] = [:]
        for (node, pool) in Self.pools {
            let patched = try await bench.cluster.kube.patch(
                .node(node), ["metadata": ["labels": ["karpenter.sh/nodepool": .string(pool)]]])
            uids[node] = patched.uid
        }
        return uids
    }

    @Test("replaces each node by a fresh one with its labels, and shows NodePools and NodeClaims meanwhile")
    func together() async throws {
        try await withBench { bench in
            let before = try await inPools(bench)
            let expiry = ExpireNodePools(cluster: "test", nodePools: ["a", "b"], provisioningTime: .seconds(1))
            let outcome = try await bench.run(expiry)
            #expect(outcome == .finished)
            for (node, pool) in Self.pools {
                let fresh = try await bench.cluster.kube.get(.node(node))
                #expect(fresh.uid != before[node])
                #expect(fresh.labels["karpenter.sh/nodepool"] == pool)
                #expect(fresh.labels["node.kubernetes.io/exclude-from-external-load-balancers"] == nil)
                let taints = NodeView(fresh).taints
                #expect(taints.isEmpty)
            }
            let claims = ResourcePath(group: "karpenter.sh", version: "v1", resource: "nodeclaims")
            let kept = try await bench.cluster.kube.list(claims).items
            #expect(kept.count == 2)
            #expect(bench.log.faults.withLock { $0.count } == 2)
            try await bench.heal()
            let left = try await bench.cluster.kube.list(claims).items
            #expect(left.isEmpty)
            try await bench.eventually("two ready pods again") {
                try await bench.webPods().count { PodView($0).isReady } == 2
            }
        }
    }

    @Test("waits for a budget until the termination grace period is over")
    func budget() async throws {
        try await withBench { bench in
            _ = try await inPools(bench)
            try await bench.cluster.kube.apply([
                "apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
                "metadata": ["name": "web", "namespace": "shop"],
                "spec": ["minAvailable": 2, "selector": ["matchLabels": ["app": "web"]]],
            ])
            let began = ContinuousClock.now
            let expiry = ExpireNodePools(
                cluster: "test", nodePools: ["a", "b"], provisioningTime: .zero, terminationGracePeriod: .seconds(3))
            let outcome = try await bench.run(expiry)
            #expect(outcome == .finished)
            #expect(ContinuousClock.now - began >= .seconds(3))
            #expect(bench.log.drain.hasShown(.blocked))
        }
    }

    @Test("a pod that is not to be disrupted holds it until the termination grace period, without any budget")
    func doNotDisrupt() async throws {
        try await withBench { bench in
            let uids = try await inPools(bench)
            let kube = bench.cluster.kube
            for pod in try await bench.webPods() {
                try await kube.patch(
                    .pod(pod.namespace, pod.name),
                    ["metadata": ["annotations": ["karpenter.sh/do-not-disrupt": "true"]]])
            }
            let held = Set(try await bench.webPods().map(\.uid))
            let began = ContinuousClock.now
            let expiry = ExpireNodePools(
                cluster: "test", nodePools: ["a"], provisioningTime: .zero, terminationGracePeriod: .seconds(3))
            #expect(try await bench.run(expiry) == .finished)
            #expect(ContinuousClock.now - began >= .seconds(3))
            #expect(bench.log.drain.hasShown(.blocked))
            #expect(try await kube.get(.node("test-worker")).uid != uids["test-worker"])
            #expect(Set(try await bench.webPods().map(\.uid)) != held)
        }
    }

    @Test("halfway, its inverse puts taint and label back, or provisions what is gone")
    func inverse() async throws {
        try await withBench { bench in
            let uids = try await inPools(bench)
            let kube = bench.cluster.kube
            for node in Self.pools.keys.sorted() {
                let labels = try await kube.get(.node(node)).labels
                let inverse = Inverse.renewNode(node: node, uid: uids[node] ?? "", labels: labels)
                try await kube.patch(
                    .node(node),
                    [
                        "metadata": [
                            "labels": ["node.kubernetes.io/exclude-from-external-load-balancers": "karpenter"]
                        ], "spec": ["taints": [["key": "karpenter.sh/disrupted", "effect": "NoSchedule"]]],
                    ])
                if node == "test-worker2" {
                    try await bench.power.remove(node)
                    try await kube.delete(.node(node))
                }
                for _ in 0..<2 { try await inverse.revert(on: bench.cluster) }
                let after = try await kube.get(.node(node))
                #expect(after.labels["node.kubernetes.io/exclude-from-external-load-balancers"] == nil)
                #expect(after.labels["karpenter.sh/nodepool"] == Self.pools[node])
                #expect(NodeView(after).isReady)
                #expect((after.uid == uids[node]) == (node == "test-worker"))
            }
        }
    }

    @Test("of a node that was cordoned before brings an uncordoned one, says so, and healing cordons it")
    func cordonedBefore() async throws {
        try await withBench { bench in
            let before = try await inPools(bench)
            let kube = bench.cluster.kube
            try await kube.patch(.node("test-worker2"), ["spec": ["unschedulable": true]])
            let expiry = ExpireNodePools(cluster: "test", nodePools: ["a", "b"], provisioningTime: .zero)
            // The second one expires what the first one brought.
            for _ in 0..<2 {
                #expect(try await bench.run(expiry) == .finished)
                #expect(try await !bench.isCordoned("test-worker"))
                #expect(try await !bench.isCordoned("test-worker2"))
            }
            let fresh = try await kube.get(.node("test-worker2"))
            #expect(fresh.uid != before["test-worker2"])
            #expect(bench.log.inverses.contains(.cordon(node: "test-worker2", uid: fresh.uid)))
            let notes = bench.log.notes.withLock { $0 }.filter { $0.contains("was cordoned before its expiry") }
            #expect(notes.count == 2 && notes.allSatisfy { $0.hasPrefix("test-worker2 ") })
            try await bench.heal()
            #expect(try await bench.isCordoned("test-worker2"))
            #expect(try await !bench.isCordoned("test-worker"))
        }
    }

    @Test("of a node that the run itself cordoned leaves nothing to cordon; of one that it uncordoned it does")
    func cordonedByTheRun() async throws {
        try await withBench { bench in
            _ = try await inPools(bench)
            let kube = bench.cluster.kube
            try await kube.patch(.node("test-worker2"), ["spec": ["unschedulable": true]])
            try await bench.eventually("seen cordoned") { try bench.node("test-worker2").isCordoned }
            try await bench.run(Cordon(targets), on: ["test-worker"])
            try await bench.run(Uncordon(targets), on: ["test-worker2"])
            let expiry = ExpireNodePools(cluster: "test", nodePools: ["a", "b"], provisioningTime: .zero)
            #expect(try await bench.run(expiry) == .finished)
            try await bench.heal()
            #expect(try await !bench.isCordoned("test-worker"))
            #expect(try await bench.isCordoned("test-worker2"))
        }
    }

    @Test("halfway, the inverse cordons a fresh node whose predecessor was cordoned, and no other")
    func cordonedHalfway() async throws {
        try await withBench { bench in
            let uids = try await inPools(bench)
            let kube = bench.cluster.kube
            for (node, isCordoned) in [("test-worker", true), ("test-worker2", false)] {
                let inverse = Inverse.renewNode(
                    node: node, uid: uids[node] ?? "", labels: try await kube.get(.node(node)).labels,
                    isCordoned: isCordoned)
                try await inverse.revert(on: bench.cluster)
                #expect(try await !bench.isCordoned(node), "it is still the same Node")
                try await bench.power.remove(node)
                try await kube.delete(.node(node))
                for _ in 0..<2 { try await inverse.revert(on: bench.cluster) }
                #expect(try await bench.isCordoned(node) == isCordoned)
            }
        }
    }

    @Test("with an age, waits for it, and shows it on NodePools and NodeClaims")
    func age() async throws {
        try await withBench { bench in
            let before = try await inPools(bench)
            let expiry = ExpireNodePools(
                cluster: "test", nodePools: ["a"], provisioningTime: .zero, expireAfter: .seconds(2))
            let began = ContinuousClock.now
            #expect(try await bench.run(expiry) == .finished)
            #expect(ContinuousClock.now - began >= .seconds(2))
            let pool = try await bench.cluster.kube.get(FakeKarpenter.pools.named("a"))
            #expect(pool[path: "spec.template.spec.expireAfter"] == "2s")
            #expect(try await bench.cluster.kube.get(.node("test-worker")).uid != before["test-worker"])
            #expect(try await bench.cluster.kube.get(.node("test-worker2")).uid == before["test-worker2"])
            try await bench.heal()
        }
    }

    @Test("of a pool without nodes is refused, with the pools that there are")
    func unknown() async throws {
        try await withBench { bench in
            _ = try await inPools(bench)
            let error = await #expect(throws: ClusterError.self) {
                try await bench.run(ExpireNodePools(cluster: "test", nodePools: ["c"]))
            }
            #expect(error?.code == .noTargets)
            #expect(error?.hint == "There are: a, b.")
        }
    }
}
