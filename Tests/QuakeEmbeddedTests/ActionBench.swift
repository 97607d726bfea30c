import Foundation
import QuakeCluster
import QuakeEmbedded
import QuakeKube
import QuakePeering
import QuakePlan
import Synchronization
import Testing

/// The journal of one test: keeps inverses, and undoes them newest first.
final class TestLog: ActionLog {
    private struct Entry {
        var mutation: Mutation
        var isReverted = false
    }

    private let entries = Mutex<[Entry]>([])
    let faults = Mutex<[[String]]>([])
    /// Of each fault, in the order in which they were told.
    let effects = Mutex<[EffectInterval]>([])
    /// Target → its own interval, of faults that have several.
    let reached = Mutex<[String: EffectInterval]>([:])
    /// When the last change was journalled.
    let journalled = Mutex<Int64>(0)
    let changes = Mutex<[[String]]>([])
    let evidence = Mutex<[String]>([])

    var inverses: [Inverse] { entries.withLock { $0.filter { !$0.isReverted }.map(\.mutation.inverse) } }

    /// Whether it amends inverses after the calls; a run that is killed in a call does not.
    let learns = Mutex(true)

    func mutate(_ mutation: Mutation) async throws {
        let place = entries.withLock { entries in
            entries.append(Entry(mutation: mutation))
            return entries.count - 1
        }
        journalled.withLock { $0 = EffectInterval.now }
        try await mutation.apply()
        guard learns.withLock({ $0 }), let learnt = mutation.learnt?() else { return }
        entries.withLock { $0[place].mutation.inverse = learnt }
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

    func doom(_ nodes: Set<String>, of cluster: String) -> Set<String> {
        nodes.union(
            inverses.compactMap { inverse in
                if case .restoreNode(let node, _) = inverse { node } else { nil }
            })
    }

    func injected(cluster: String, targets: [String], part: String?, during interval: EffectInterval) {
        faults.withLock { $0.append(targets) }
        effects.withLock { $0.append(interval) }
    }

    func reached(_ target: String, cluster: String, part: String?, during interval: EffectInterval) {
        reached.withLock { $0[target] = interval }
    }

    func changed(cluster: String, targets: [String]) { changes.withLock { $0.append(targets) } }
    let notes = Mutex<[String]>([])
    func note(_ text: String) { notes.withLock { $0.append(text) } }
    func keep(_ result: CommandResult, about: String) { evidence.withLock { $0.append(result.commandLine) } }
    let drain = DrainProgress()
    let known = TestArrivals()
    var arrivals: any Arrivals { known }
    let measured = Mutex<[MeasuredChange]>([])

    func measured(_ change: MeasuredChange) -> Bool {
        measured.withLock { $0.append(change) }
        return change.seen != nil
    }

    func pause(_ length: Duration) async throws { try await Task.sleep(for: length) }
}

/// A cluster with two `web` pods, and what actions need.
struct Bench: Sendable {
    static let web = Hosting.workload(namespace: "shop", kind: "deployment", name: "web")
    static let deployment = ResourcePath(group: "apps", resource: "deployments", namespace: "shop", name: "web")

    var cluster: Cluster
    var observer: ClusterObserver
    var log = TestLog()

    var power: EmbeddedPower { EmbeddedPower(cluster.kube) }

    func node(_ name: String) throws -> NodeTarget {
        NodeTarget(try #require(observer.nodes.first { $0.name == name }))
    }

    @discardableResult
    func run(
        _ action: any ClusterAction, on nodes: [String] = [], expectOutage: Bool = true,
        attachments: Attachments = Attachments()
    ) async throws -> ActionOutcome {
        return try await action.carryOut(
            ActionContext(
                clusters: [cluster.name: cluster], observers: [cluster.name: observer], peering: StandinPeering(),
                log: log, action: Action.declared(action).name, nodes: try nodes.map(node), cluster: cluster, seed: 1,
                expectOutage: expectOutage, attachments: attachments))
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
        NodeView(try await cluster.kube.get(.node(name))).isCordoned
    }

    func ready(_ name: String) async throws -> String? { NodeView(try await cluster.kube.get(.node(name))).readiness }

    func webPods() async throws -> [JSONValue] {
        try await cluster.kube.list(.pods("shop"), labels: "app=web").items.filter { !$0.isBeingDeleted }
    }
}

/// A list of targets that the resolver has already turned into nodes.
let targets = NodeTargets.select(cluster: "test", NodeSelector(role: "worker"))

/// The newest and the oldest kubectl that this machine has.
let kubectls: [String] = {
    let environment = ProcessInfo.processInfo.environment
    let old = environment["PEERQUAKE_KUBECTL_OLD"].flatMap { $0.hasPrefix("/") ? $0 : nil }
    let known = [environment["PEERQUAKE_KUBECTL_NEW"], old].compactMap { $0 }
    return known.isEmpty ? ["kubectl"] : known
}()

/// - Parameter binary: the kubectl; `nil` for the newest.
func withBench(
    _ binary: String? = nil, _ body: @escaping @Sendable (Bench) async throws -> Void
) async throws {
    try await withCluster(binary ?? kubectls[0]) { kubectl, kube in
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
            try await bench.webPods().count { PodView($0).isReady } == 2
        }
        try await body(bench)
    }
}

/// Clients that know of everything, or of nothing.
final class TestArrivals: Arrivals {
    /// Nothing arrives.
    let isDeaf = Mutex(false)
    /// Nodes that the clients know already.
    let stale = Mutex<Set<String>>([])

    func lanes(to cluster: String) -> [Propagation.View] { [.lane(traffic: "echo", mode: .new)] }

    func shows(node: String, of cluster: String, at view: Propagation.View) -> Bool {
        stale.withLock { $0.contains(node) }
    }

    func moment(
        _ direction: Propagation.Direction, node: String, pod: String, of cluster: String, at view: Propagation.View
    ) -> RunInstant? { isDeaf.withLock { $0 } ? nil : .origin }
}
