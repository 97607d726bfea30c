import Foundation
import QuakeCluster
import QuakeEmbedded
import QuakeKube
import QuakeMesh
import QuakePlan
import QuakeTestSupport
import Synchronization
import Testing

/// The journal of one test: keeps inverses, and undoes them newest first.
private final class TestLog: ActionLog {
    private struct Entry {
        var mutation: Mutation
        var isReverted = false
    }

    private let entries = Mutex<[Entry]>([])
    let faults = Mutex<[[String]]>([])
    let changes = Mutex<[[String]]>([])
    let evidence = Mutex<[String]>([])
    let drains = Mutex<[Condition.DrainState]>([])

    var inverses: [Inverse] { entries.withLock { $0.filter { !$0.isReverted }.map(\.mutation.inverse) } }

    func mutate(_ mutation: Mutation) async throws {
        entries.withLock { $0.append(Entry(mutation: mutation)) }
        try await mutation.apply()
    }

    func undo(
        _ cluster: String, matching: @Sendable (Inverse) -> Bool, by body: @Sendable () async throws -> Void
    ) async throws -> Bool {
        let found = entries.withLock { entries in
            entries.indices.filter { !entries[$0].isReverted && matching(entries[$0].mutation.inverse) }
        }
        guard !found.isEmpty else { return false }
        try await body()
        entries.withLock { entries in for index in found { entries[index].isReverted = true } }
        return true
    }

    func injected(cluster: String, targets: [String], part: String?) { faults.withLock { $0.append(targets) } }
    func changed(cluster: String, targets: [String]) { changes.withLock { $0.append(targets) } }
    func keep(_ result: CommandResult, about: String) { evidence.withLock { $0.append(result.commandLine) } }
    func drainShows(_ state: Condition.DrainState) { drains.withLock { $0.append(state) } }
    func pause(_ length: Duration) async throws { try await Task.sleep(for: length) }
}

/// A cluster with two `web` pods, and what actions need.
private struct Bench: Sendable {
    static let web = Hosting.workload(namespace: "shop", kind: "deployment", name: "web")
    static let deployment = ResourcePath(group: "apps", resource: "deployments", namespace: "shop", name: "web")

    var cluster: Cluster
    var observer: ClusterObserver
    var log = TestLog()

    var power: EmbeddedPower { EmbeddedPower(cluster.kube) }

    func node(_ name: String) throws -> NodeTarget {
        let object = try #require(observer.nodes.first { $0.name == name })
        return NodeTarget(
            name: name, uid: object.uid, isCordoned: object[path: "spec.unschedulable"]?.boolValue ?? false)
    }

    @discardableResult
    func run(_ action: Action, on nodes: [String] = [], expectOutage: Bool = true) async throws -> ActionOutcome {
        let implementation = try #require(action.implementation)
        return try await implementation.run(
            ActionContext(
                clusters: [cluster.name: cluster], observers: [cluster.name: observer], peering: StandinPeering(),
                log: log, action: action.name, nodes: try nodes.map(node), cluster: cluster, seed: 1,
                expectOutage: expectOutage, folder: ""))
    }

    /// Undoes what is left, as the healer does, and again, for it must be idempotent.
    func heal() async throws {
        for _ in 0..<2 { for inverse in log.inverses.reversed() { try await inverse.revert(on: cluster) } }
    }

    func eventually(_ what: String, within seconds: Int = 20, _ holds: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < deadline {
            if try await holds() { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("not within \(seconds) s: \(what)")
    }

    func isCordoned(_ name: String) async throws -> Bool {
        try await cluster.kube.get(.node(name))[path: "spec.unschedulable"]?.boolValue ?? false
    }

    func ready(_ name: String) async throws -> String? { try await cluster.kube.get(.node(name)).condition("Ready") }

    func webPods() async throws -> [JSONValue] {
        try await cluster.kube.list(.pods("shop"), labels: "app=web").items.filter { !$0.isBeingDeleted }
    }
}

/// A list of targets that the resolver has already turned into nodes.
private let targets = NodeTargets.select(cluster: "test", NodeSelector(role: "worker"))

private func withBench(_ body: @escaping @Sendable (Bench) async throws -> Void) async throws {
    let environment = ProcessInfo.processInfo.environment
    let binary = environment["PEERQUAKE_KUBECTL_NEW"] ?? environment["PEERQUAKE_KUBECTL_OLD"] ?? "kubectl"
    try await withCluster(binary) { kubectl, kube in
        let system = try await kube.get(.namespace("kube-system"))
        let cluster = Cluster(
            name: "test", uid: system.uid, kube: kube, kubectl: kubectl, power: EmbeddedPower(kube),
            controlPlane: EmbeddedControlPlane(kube))
        try await kube.apply(["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "shop"]])
        for object in try JSONValue.manifests(KubectlTests.deployment, file: "web") { try await kube.apply(object) }
        let observer = ClusterObserver(cluster, namespaces: ["shop"]) { _ in }
        observer.start()
        defer { observer.stop() }
        try await observer.awaitSynced()
        let bench = Bench(cluster: cluster, observer: observer)
        try await bench.eventually("two ready pods") {
            try await bench.webPods().count { $0.condition("Ready") == "True" } == 2
        }
        try await body(bench)
    }
}

@Suite("Actions and their inverses, on an embedded cluster", .serialized, .timeLimit(.minutes(3)))
struct ActionTests {
    @Test("cordon, and uncordon what this run cordoned")
    func cordon() async throws {
        try await withBench { bench in
            try await bench.run(.cordon(targets), on: ["test-worker"])
            #expect(try await bench.isCordoned("test-worker"))
            #expect(bench.log.inverses == [.uncordon(node: "test-worker", uid: try bench.node("test-worker").uid)])
            #expect(bench.log.evidence.withLock { $0.count } == 1)
            try await bench.run(.uncordon(targets), on: ["test-worker"])
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
            try await bench.run(.cordon(targets), on: ["test-worker"])
            #expect(bench.log.inverses == [.none])
            try await bench.run(.uncordon(targets), on: ["test-worker"])
            #expect(try await !bench.isCordoned("test-worker"))
            try await bench.heal()
            #expect(try await bench.isCordoned("test-worker"))
        }
    }

    @Test("drain empties a node, and its inverse opens it again")
    func drain() async throws {
        try await withBench { bench in
            let outcome = try await bench.run(.drain(Drain(targets: targets)), on: ["test-worker"])
            #expect(outcome == .finished)
            #expect(bench.log.drains.withLock { $0 } == [.finished])
            #expect(try await bench.webPods().allSatisfy { $0[path: "spec.nodeName"]?.stringValue != "test-worker" })
            #expect(try await bench.isCordoned("test-worker"))
            try await bench.heal()
            #expect(try await !bench.isCordoned("test-worker"))
        }
    }

    @Test("drain that a budget blocks is an outcome, seen while it goes on")
    func blocked() async throws {
        try await withBench { bench in
            try await bench.cluster.kube.apply([
                "apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
                "metadata": ["name": "web", "namespace": "shop"],
                "spec": ["minAvailable": 2, "selector": ["matchLabels": ["app": "web"]]],
            ])
            let outcome = try await bench.run(
                .drain(Drain(targets: targets, timeout: .seconds(2))), on: ["test-worker"])
            #expect(outcome.outcome == "blocked", "\(outcome)")
            #expect(bench.log.drains.withLock { $0.contains(.blocked) && !$0.contains(.finished) })
            #expect(try await bench.webPods().count == 2)
            try await bench.heal()
            #expect(try await !bench.isCordoned("test-worker"))
        }
    }

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
            #expect((node[path: "spec.taints"]?.arrayValue ?? []).isEmpty)
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

    @Test("upgrade-nodes goes node by node, each a fault of its own, and opens each again")
    func upgrade() async throws {
        try await withBench { bench in
            let action = Action.upgradeNodes(UpgradeNodes(targets: targets, pause: .milliseconds(500)))
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

    @Test("set-node-monitor-grace-period, its inverse, and what it refuses")
    func gracePeriod() async throws {
        try await withBench { bench in
            let flag = SetNodeMonitorGracePeriodAction.flag
            let plane = EmbeddedControlPlane(bench.cluster.kube)
            let before = try await plane.controllerManagerFlags()
            try await bench.run(.setNodeMonitorGracePeriod(cluster: "test", to: .seconds(6), force: false))
            #expect(try await plane.controllerManagerFlags()[flag] == "6s")
            #expect(bench.log.inverses == [.setFlags([flag: "4s"])])
            try await bench.heal()
            #expect(try await plane.controllerManagerFlags() == before)
            let error = await #expect(throws: ClusterError.self) {
                try await bench.run(.setNodeMonitorGracePeriod(cluster: "test", to: .milliseconds(200), force: false))
            }
            #expect(error?.code == .unsupported)
        }
    }

    @Test("delete-pods takes as many as it says; others take their place")
    func deletePods() async throws {
        try await withBench { bench in
            let before = Set(try await bench.webPods().map(\.uid))
            try await bench.run(.deletePods(DeletePods(cluster: "test", hosting: Bench.web, count: 1)))
            #expect(bench.log.inverses == [.none])
            try await bench.eventually("a new pod") {
                let now = try await bench.webPods()
                return now.count { $0.condition("Ready") == "True" } == 2
                    && Set(now.map(\.uid)).intersection(before).count == 1
            }
        }
    }

    @Test("rollout-restart replaces every pod; its inverse puts the template back")
    func rolloutRestart() async throws {
        try await withBench { bench in
            let template = try await bench.cluster.kube.get(Bench.deployment)[path: "spec.template"]
            let before = Set(try await bench.webPods().map(\.uid))
            // Two nodes, and no two pods on one: room must be made before a new pod is placed.
            try await bench.cluster.kube.patch(
                Bench.deployment, ["spec": ["strategy": ["rollingUpdate": ["maxUnavailable": 1, "maxSurge": 0]]]])
            try await bench.run(.rolloutRestart(cluster: "test", Bench.web))
            try await bench.eventually("new pods", within: 90) {
                let now = try await bench.webPods()
                return now.count { $0.condition("Ready") == "True" } == 2
                    && Set(now.map(\.uid)).isDisjoint(with: before)
            }
            try await bench.heal()
            var restored = try await bench.cluster.kube.get(Bench.deployment)[path: "spec.template"]
            if restored?[path: "metadata.annotations"]?.objectValue?.isEmpty == true {
                restored?.set(nil, at: "metadata", "annotations")
            }
            #expect(restored == template)
        }
    }

    @Test("scale, and as many as before")
    func scale() async throws {
        try await withBench { bench in
            try await bench.run(.scale(cluster: "test", Bench.web, replicas: 1))
            try await bench.eventually("one pod") { try await bench.webPods().count == 1 }
            try await bench.heal()
            try await bench.eventually("two pods") { try await bench.webPods().count == 2 }
        }
    }

    @Test("apply creates what is new and changes what is there; its inverse deletes and puts back")
    func apply() async throws {
        let folder = try TemporaryDirectory()
        let file = try folder.file(
            "objects.yaml",
            """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: old, namespace: shop, labels: {a: changed}}
            data: {k: new}
            ---
            apiVersion: policy/v1
            kind: PodDisruptionBudget
            metadata: {name: fresh, namespace: shop}
            spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}
            """)
        try await withBench { bench in
            let kube = bench.cluster.kube
            let path = ResourcePath(resource: "configmaps", namespace: "shop", name: "old")
            try await kube.apply([
                "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "old", "namespace": "shop"],
                "data": ["k": "v", "other": "kept"],
            ])
            try await bench.run(.apply(cluster: "test", file: file))
            #expect(try await kube.get(path)["data"] == ["k": "new", "other": "kept"])
            #expect(try await kube.get(.pdbs("shop").named("fresh")).name == "fresh")
            try await bench.heal()
            let restored = try await kube.get(path)
            #expect(restored["data"] == ["k": "v", "other": "kept"])
            #expect(restored.labels.isEmpty)
            let gone = await #expect(throws: KubeError.self) { try await kube.get(.pdbs("shop").named("fresh")) }
            #expect(gone?.code == .notFound)
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

@Suite("Locks on an embedded cluster", .serialized, .timeLimit(.minutes(1)))
struct LeaseTests {
    @Test("keep a second run out while the first renews, and let it in when that one is dead")
    func locks() async throws {
        try await withCluster("kubectl") { _, kube in
            let first = LeaseLock(kube, holder: "first", duration: .seconds(2))
            let second = LeaseLock(kube, holder: "second", duration: .seconds(2))
            try await first.acquire()
            let renewing = Task {
                while !Task.isCancelled {
                    try await Task.sleep(for: .milliseconds(300))
                    try await first.renew()
                }
            }
            let error = await #expect(throws: KubeError.self) { try await second.acquire() }
            #expect(error?.code == .locked)
            #expect(error.map { "\($0)" }?.contains("first") == true)
            renewing.cancel()
            _ = try? await renewing.value
            // The same run may take its own lock again at once: recovery does.
            let began = ContinuousClock.now
            try await first.acquire()
            #expect(ContinuousClock.now - began < .seconds(1))
            // Nobody renews any more.
            try await second.acquire()
            let lost = await #expect(throws: KubeError.self) { try await first.renew() }
            #expect(lost?.code == .locked)
            // Not its own any more: it stays.
            try await first.release()
            #expect(try await kube.get(second.path)[path: "spec.holderIdentity"] == "second")
            try await second.release()
            try await second.release()
            let gone = await #expect(throws: KubeError.self) { try await kube.get(second.path) }
            #expect(gone?.code == .notFound)
        }
    }
}
