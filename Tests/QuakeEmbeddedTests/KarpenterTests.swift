import QuakeCluster
import QuakeEmbedded
import QuakeKube
import QuakePlan
import Synchronization
import Testing

/// What Karpenter's controller does to NodeClaims, on an embedded cluster of which it has all workers: it replaces what is
/// deleted, what differs from its pool's template and what has reached its age.
struct FakeKarpenter: Sendable {
    static let pools = ResourcePath(group: "karpenter.sh", version: "v1", resource: "nodepools")
    static let claims = ResourcePath(group: "karpenter.sh", version: "v1", resource: "nodeclaims")
    private static let crds = ResourcePath(
        group: "apiextensions.k8s.io", version: "v1", resource: "customresourcedefinitions")

    var bench: Bench
    /// Node → pool.
    var nodes: [String: String]

    private var kube: KubeClient { bench.cluster.kube }

    static func definition(of kube: KubeClient) async throws {
        try await kube.create(
            [
                "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
                "metadata": ["name": "nodeclaims.karpenter.sh"], "spec": ["group": "karpenter.sh"],
            ], at: crds)
    }

    /// Makes its definitions and objects, and works while `body` runs.
    func working(_ body: () async throws -> Void) async throws {
        try await Self.definition(of: kube)
        for pool in Set(nodes.values) {
            try await kube.apply([
                "apiVersion": "karpenter.sh/v1", "kind": "NodePool", "metadata": ["name": .string(pool)],
                "spec": ["template": ["spec": ["expireAfter": "720h"]]],
            ])
        }
        for (node, pool) in nodes {
            try await kube.patch(.node(node), ["metadata": ["labels": ["karpenter.sh/nodepool": .string(pool)]]])
            try await claim(node, pool, age: "720h")
        }
        let controller = Task {
            var made: [String: ContinuousClock.Instant] = [:]
            while !Task.isCancelled {
                for (node, pool) in nodes { try await reconcile(node, pool, &made) }
                try await Task.sleep(for: .milliseconds(100))
            }
        }
        do {
            try await body()
        } catch {
            controller.cancel()
            _ = await controller.result
            throw error
        }
        controller.cancel()
        _ = await controller.result
    }

    private func reconcile(_ node: String, _ pool: String, _ made: inout [String: ContinuousClock.Instant]) async throws
    {
        let wanted = try await kube.get(Self.pools.named(pool))[path: "spec.template.spec.expireAfter"]
        let present = try await kube.list(Self.claims).items.first { $0.name.hasPrefix("\(pool)-\(node)-") }
        if let present {
            let age = present[path: "spec.expireAfter"]
            let since = made[node] ?? .now
            let isOld = age == "4s" && ContinuousClock.now - since >= .seconds(4)
            guard age != wanted || isOld else { return }
            try await kube.delete(Self.claims.named(present.name), uid: present.uid)
        }
        try await bench.power.remove(node)
        try await kube.delete(.node(node))
        try await bench.power.provision(node)
        try await bench.eventually("\(node) registers") { (try? await kube.get(.node(node))) != nil }
        try await kube.patch(.node(node), ["metadata": ["labels": ["karpenter.sh/nodepool": .string(pool)]]])
        try await claim(node, pool, age: wanted ?? "Never")
        made[node] = .now
    }

    private func claim(_ node: String, _ pool: String, age: JSONValue) async throws {
        try await kube.create(
            [
                "apiVersion": "karpenter.sh/v1", "kind": "NodeClaim",
                "metadata": [
                    "name": .string("\(pool)-\(node)-\(UInt32.random(in: 0...UInt32.max))"),
                    "labels": ["karpenter.sh/nodepool": .string(pool)],
                ],
                "spec": ["expireAfter": age], "status": ["nodeName": .string(node)],
            ], at: Self.claims)
    }
}

@Suite("The expiry of Karpenter's own NodePools", .serialized, .timeLimit(.minutes(3)))
struct KarpenterTests {
    private static let pools = ["test-worker": "a", "test-worker2": "b"]

    private func claims(_ bench: Bench) async throws -> Set<String> {
        Set(try await bench.cluster.kube.list(FakeKarpenter.claims).items.map(\.uid))
    }

    private func withoutPower(_ bench: Bench) -> Bench {
        var bare = bench
        bare.cluster.power = nil
        return bare
    }

    @Test("deletes their NodeClaims, leaves the rest to Karpenter, and waits for it")
    func deletes() async throws {
        try await withBench { bench in
            try await FakeKarpenter(bench: bench, nodes: Self.pools).working {
                let before = try await claims(bench)
                let uid = try await bench.cluster.kube.get(.node("test-worker")).uid
                // Nobody's hand on the plug is needed.
                let bare = withoutPower(bench)
                let expiry = ExpireNodePools(cluster: "test", nodePools: ["a"])
                #expect(try await bare.run(expiry) == .finished)
                #expect(try await bench.cluster.kube.get(.node("test-worker")).uid != uid)
                #expect(try await bench.ready("test-worker") == "True")
                #expect(try await claims(bench).intersection(before).count == 1)
                #expect(bench.log.faults.withLock { $0 } == [["test-worker"]])
                #expect(bench.log.inverses == [.none])
                // Nothing stands in for Karpenter.
                let made = try await bench.cluster.kube.list(FakeKarpenter.claims).items
                #expect(made.count == 2)
            }
        }
    }

    @Test("with an age, gives new ones that, and the fault is when they reach it")
    func age() async throws {
        try await withBench { bench in
            try await FakeKarpenter(bench: bench, nodes: Self.pools).working {
                let expiry = ExpireNodePools(cluster: "test", nodePools: ["a"], expireAfter: .seconds(4))
                let began = ContinuousClock.now
                #expect(try await bench.run(expiry) == .finished)
                #expect(ContinuousClock.now - began >= .seconds(4))
                #expect(bench.log.faults.withLock { $0 } == [["test-worker"]])
                let path = FakeKarpenter.pools.named("a")
                #expect(try await bench.cluster.kube.get(path)[path: "spec.template.spec.expireAfter"] == "4s")
                try await bench.heal()
                #expect(try await bench.cluster.kube.get(path)[path: "spec.template.spec.expireAfter"] == "720h")
            }
        }
    }

    @Test("pools that Karpenter has no NodeClaim of are imitated without its objects, or refused")
    func foreign() async throws {
        try await withBench { bench in
            try await FakeKarpenter.definition(of: bench.cluster.kube)
            let node = try await bench.cluster.kube.patch(
                .node("test-worker"), ["metadata": ["labels": ["karpenter.sh/nodepool": "a"]]])
            let expiry =
                ExpireNodePools(cluster: "test", nodePools: ["a"], provisioningTime: .zero)
            let bare = withoutPower(bench)
            let error = await #expect(throws: ClusterError.self) { try await bare.run(expiry) }
            #expect(error?.message == "test: Karpenter has no NodeClaim of a")
            #expect(try await bench.run(expiry) == .finished)
            #expect(try await bench.cluster.kube.get(.node("test-worker")).uid != node.uid)
            let made = try await bench.cluster.kube.list(FakeKarpenter.claims).items
            #expect(made.isEmpty)
        }
    }
}
