import QuakeCluster
import QuakeKube
import QuakePlan
import Synchronization
import Testing

@Suite("Drains, by what happened to the pods", .serialized, .timeLimit(.minutes(5)))
struct DrainTests {
    private func budget(_ name: String, _ spec: JSONValue) -> JSONValue {
        [
            "apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
            "metadata": ["name": .string(name), "namespace": "shop"], "spec": spec,
        ]
    }

    private static let web: JSONValue = ["matchLabels": ["app": "web"]]

    private static let slowpoke = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: slowpoke, namespace: shop}
        spec:
          replicas: 1
          selector: {matchLabels: {app: slowpoke}}
          template:
            metadata: {labels: {app: slowpoke}}
            spec:
              terminationGracePeriodSeconds: 120
              containers:
                - {name: web, image: nginx, lifecycle: {preStop: {sleep: {seconds: 90}}}}
        """

    private func bare(_ name: String, on node: String, volumes: JSONValue = []) -> JSONValue {
        [
            "apiVersion": "v1", "kind": "Pod", "metadata": ["name": .string(name), "namespace": "shop"],
            "spec": [
                "nodeName": .string(node), "containers": [["name": "sh", "image": "busybox"]], "volumes": volumes,
            ],
        ]
    }

    private func budgetSeen(_ name: String, _ bench: Bench) async throws {
        try await bench.eventually("\(name) is seen by its controller") {
            let budget = try await bench.cluster.kube.get(.podDisruptionBudget("shop", name))
            return budget[path: "status.observedGeneration"] == budget.metadata["generation"]
        }
    }

    @Test("a pod under two budgets blocks it, in the server's words, with both names", arguments: kubectls)
    func twoBudgets(binary: String) async throws {
        try await withBench(binary) { bench in
            for name in ["web-own", "shop-wide"] {
                try await bench.cluster.kube.apply(budget(name, ["maxUnavailable": 1, "selector": Self.web]))
                try await budgetSeen(name, bench)
            }
            let outcome = try await bench.run(Drain(targets: targets, timeout: .seconds(15)), on: ["test-worker"])
            #expect(outcome.outcome == .blocked, "\(outcome)")
            #expect(
                outcome.detail.contains(
                    "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."))
            #expect(outcome.detail.contains("shop/web-") && outcome.detail.contains("budgets shop-wide, web-own"))
            #expect(bench.log.drain.hasShown(.blocked))
            try await bench.heal()
            #expect(try await !bench.isCordoned("test-worker"))
        }
    }

    @Test("a budget of nothing blocks it, with its name and since when", arguments: kubectls)
    func zero(binary: String) async throws {
        try await withBench(binary) { bench in
            try await bench.cluster.kube.apply(budget("never", ["maxUnavailable": 0, "selector": Self.web]))
            try await budgetSeen("never", bench)
            let outcome = try await bench.run(Drain(targets: targets, timeout: .seconds(3)), on: ["test-worker"])
            #expect(outcome.outcome == .blocked, "\(outcome)")
            #expect(outcome.detail.contains("The disruption budget never needs 2 healthy pods and has 2 currently"))
            #expect(
                outcome.detail.contains(#/budget never; held since \d(\.\d)? s after the drain began/#), "\(outcome)")
        }
    }

    @Test(
        "is refused for a bare pod, with the option; with it, the pod goes and is listed as lost", arguments: kubectls)
    func barePod(binary: String) async throws {
        try await withBench(binary) { bench in
            let scratch: JSONValue = [["name": "scratch", "emptyDir": [:]]]
            try await bench.cluster.kube.apply(bare("debug-shell", on: "test-worker", volumes: scratch))
            try await bench.eventually("the pod is seen") {
                bench.observer.pods(on: "test-worker").contains { $0.name == "debug-shell" }
            }
            let refused = try await bench.run(Drain(targets: targets, timeout: .seconds(15)), on: ["test-worker"])
            #expect(refused.outcome == .refused, "\(refused)")
            #expect(refused.detail.hasPrefix("shop/debug-shell declares no controller"), "\(refused)")
            #expect(refused.detail.contains("use --force to override") && refused.detail.contains("`force: true`"))
            #expect(bench.log.notes.withLock { $0 } == [])
            let emptyDir = DrainOptions(deleteEmptyDirData: false, force: true)
            let local = try await bench.run(
                Drain(targets: targets, timeout: .seconds(15), options: emptyDir), on: ["test-worker"])
            #expect(local.outcome == .refused && local.detail.contains("`deleteEmptyDirData: true`"), "\(local)")
            let daemons = try await bench.run(
                Drain(targets: targets, timeout: .seconds(15), options: DrainOptions(ignoreDaemonSets: false)),
                on: ["test-worker"])
            #expect(daemons.outcome == .refused && daemons.detail.contains("`ignoreDaemonSets: true`"), "\(daemons)")
            let forced = try await bench.run(
                Drain(targets: targets, timeout: .seconds(40), options: DrainOptions(force: true)),
                on: ["test-worker"])
            #expect(forced == .finished)
            #expect(
                bench.log.notes.withLock { $0 } == [
                    "test-worker: nothing makes shop/debug-shell again (inverse: none)",
                    "test-worker: emptyDir volumes are lost with shop/debug-shell (inverse: none)",
                ])
        }
    }

    @Test("a slow pod takes its time up, whatever a budget said before", arguments: kubectls)
    func slow(binary: String) async throws {
        try await withBench(binary) { bench in
            try await bench.cluster.kube.apply(budget("web", ["maxUnavailable": 1, "selector": Self.web]))
            try await budgetSeen("web", bench)
            // It can land on the other node only.
            try await bench.cluster.kube.patch(.node("test-worker2"), ["spec": ["unschedulable": true]])
            for object in try JSONValue.manifests(Self.slowpoke, file: "slowpoke") {
                try await bench.cluster.kube.apply(object)
            }
            try await bench.eventually("the slow pod runs") {
                bench.observer.pods(on: "test-worker").contains {
                    $0.name.hasPrefix("slowpoke") && PodView($0).isReady
                }
            }
            try await bench.cluster.kube.patch(.node("test-worker2"), ["spec": ["unschedulable": false]])
            let outcome = try await bench.run(Drain(targets: targets, timeout: .seconds(4)), on: ["test-worker"])
            #expect(outcome.outcome == .timedOut, "\(outcome)")
            #expect(outcome.detail.contains("shop/slowpoke-"), "\(outcome)")
            #expect(outcome.detail.contains("with a grace period of 120 s"), "\(outcome)")
            try await bench.heal()
        }
    }

    @Test("without evictions no budget is asked; a selector leaves the others alone", arguments: kubectls)
    func options(binary: String) async throws {
        try await withBench(binary) { bench in
            try await bench.cluster.kube.apply(budget("never", ["maxUnavailable": 0, "selector": Self.web]))
            try await budgetSeen("never", bench)
            let others = DrainOptions(podSelector: "app!=web")
            let none = try await bench.run(
                Drain(targets: targets, timeout: .seconds(15), options: others), on: ["test-worker"])
            #expect(none == .finished, "\(none)")
            #expect(try await bench.webPods().count == 2)
            let both = try await bench.run(
                Drain(
                    targets: targets, timeout: .seconds(30), atOnce: 2, options: DrainOptions(disableEviction: true)),
                on: ["test-worker", "test-worker2"])
            #expect(both == .finished, "\(both)")
            #expect(bench.log.effects.withLock { $0.count } == 2)
            #expect(!bench.log.drain.hasShown(.blocked))
        }
    }

    @Test("upgrade-nodes leaves a node cordoned that was cordoned before, and nothing lands on it")
    func cordonedBefore() async throws {
        try await withBench { bench in
            let kube = bench.cluster.kube
            // Nobody's watch knows yet: the API server does.
            let nodes = try ["test-worker", "test-worker2"].map { try bench.node($0) }
            try await kube.patch(.node("test-worker2"), ["spec": ["unschedulable": true]])
            let open = Mutex(false)
            let watch = Task {
                for await event in kube.watch(.nodes, fields: "metadata.name=test-worker2") {
                    guard case .modified(let node) = event else { continue }
                    if node[path: "spec.unschedulable"]?.boolValue != true { open.withLock { $0 = true } }
                }
            }
            defer { watch.cancel() }
            let context = ActionContext(
                clusters: ["test": bench.cluster], observers: ["test": bench.observer], peering: NoMesh(),
                log: bench.log, action: "upgrade-nodes", nodes: nodes, cluster: bench.cluster, seed: 1,
                expectOutage: true)
            let outcome = try await UpgradeNodes(targets: targets, pause: .milliseconds(500)).run(context)
            #expect(outcome == .finished, "\(outcome)")
            #expect(try await bench.isCordoned("test-worker2") && !open.withLock { $0 })
            #expect(try await !bench.isCordoned("test-worker"))
            #expect(bench.log.faults.withLock { $0 } == [["test-worker"], ["test-worker2"]])
            #expect(bench.log.notes.withLock { $0.contains { $0.contains("test-worker2 was cordoned before") } })
            #expect(bench.observer.pods(on: "test-worker2").allSatisfy { $0.namespace == "kube-system" })
            try await bench.heal()
            #expect(try await bench.isCordoned("test-worker2"))
        }
    }

    @Test("upgrade-nodes stops at the first node that a budget blocks, names it, and opens the node again")
    func upgradeBlocked() async throws {
        try await withBench { bench in
            try await bench.cluster.kube.apply(budget("never", ["maxUnavailable": 0, "selector": Self.web]))
            try await budgetSeen("never", bench)
            let action = UpgradeNodes(targets: targets, pause: .zero, drainTimeout: .seconds(2))
            let outcome = try await bench.run(action, on: ["test-worker", "test-worker2"])
            #expect(outcome.outcome == .blocked, "\(outcome)")
            #expect(outcome.detail.hasPrefix("test-worker: shop/web-") && outcome.detail.contains("budget never"))
            for node in ["test-worker", "test-worker2"] { #expect(try await !bench.isCordoned(node)) }
            #expect(bench.log.faults.withLock { $0 } == [["test-worker"]])
        }
    }

    @Test("an expiry waits for a pod under two budgets as for one, until its grace period is over")
    func expiry() async throws {
        try await withBench { bench in
            try await bench.cluster.kube.patch(
                .node("test-worker"), ["metadata": ["labels": ["karpenter.sh/nodepool": "a"]]])
            for name in ["web-own", "shop-wide"] {
                try await bench.cluster.kube.apply(budget(name, ["maxUnavailable": 1, "selector": Self.web]))
                try await budgetSeen(name, bench)
            }
            let began = ContinuousClock.now
            let expiry = ExpireNodePools(
                cluster: "test", nodePools: ["a"], provisioningTime: .zero, terminationGracePeriod: .seconds(3))
            #expect(try await bench.run(expiry) == .finished)
            #expect(ContinuousClock.now - began >= .seconds(3))
            #expect(bench.log.drain.hasShown(.blocked))
        }
    }
}

/// No mesh: no gateways to be guarded.
private struct NoMesh: Peering {
    func place(of hosting: Hosting) -> WorkloadPlace? { nil }
    func route(from client: Cluster, to peer: String) async throws -> (host: String, port: Int) { ("", 0) }
    func localRoute(in cluster: Cluster) async throws -> (host: String, port: Int) { ("", 0) }
    func method(from client: Cluster, to peer: String) async throws -> PeeringMethod { .nodePort }
    func switching(from client: Cluster, to peer: String, method: PeeringMethod) async throws -> [Mutation] { [] }
    func recordAgents(in cluster: Cluster) async throws -> [RecordAgent] { [] }
    func facts(of clusters: [Cluster]) async throws -> MeshFacts { MeshFacts() }
}
