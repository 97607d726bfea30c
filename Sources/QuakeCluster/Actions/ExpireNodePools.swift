import QuakeKube
package import QuakePlan

/// Expires the nodes of NodePools. Where they are Karpenter's, it deletes their NodeClaims, which is the same operation,
/// or gives new ones a short life; where not, it does to each node what Karpenter v1 does: taint and label, evictions that
/// budgets may hold, the machine's and the Node's end, and a fresh one after `provisioningTime`. Each node is a fault of
/// its own.
extension ExpireNodePools: ClusterAction {
    package func run(_ context: ActionContext) async throws -> ActionOutcome {
        let pools = try await pools(context)
        let karpenter = Karpenter(cluster: context.cluster)
        let isReal = try await isReal(pools, karpenter, context)
        return try await withThrowingTaskGroup(of: ActionOutcome.self) { group in
            for (index, pool) in pools.enumerated() {
                if index > 0, mode == .staggered { try await context.log.pause(interval) }
                try Self.guarded(mode == .together ? pools.flatMap(\.nodes) : pool.nodes, context)
                if isReal {
                    group.addTask {
                        guard let age = expireAfter else {
                            return try await karpenter.expire(pool, self, context.log)
                        }
                        return try await karpenter.expireByAge(pool, age, self, context.log)
                    }
                } else {
                    for node in pool.nodes {
                        group.addTask {
                            if let age = expireAfter { try await context.log.pause(age) }
                            return try await NodeExpiry(node: node, pool: pool.name, expiry: self, context: context)
                                .run()
                        }
                    }
                }
            }
            return .worst(of: try await group.reduce(into: []) { $0.append($1) })
        }
    }

    package func rights(_ place: RightsPlace) async -> [RightsAsk] {
        if (try? await Karpenter(cluster: place.cluster).isInstalled()) ?? false { return [RightsAsk(.karpenter)] }
        // Nobody can do it there, which is told by ``refusal(on:)``.
        guard place.cluster.power != nil else { return [] }
        let force = terminationGracePeriod == nil ? [] : [RightsAsk(.podDeletion)]
        return [RightsAsk(.karpenterStandin), RightsAsk(.cordon), RightsAsk(.eviction), RightsAsk(.allPods)] + force
    }

    package func refusal(on cluster: Cluster) async throws -> ClusterError? {
        guard cluster.power == nil, try await !Karpenter(cluster: cluster).isInstalled() else { return nil }
        return ClusterError(
            .unsupported,
            "\(Self.declaration.name): \(cluster.name) runs no Karpenter, so its nodes cannot be replaced",
            hint: "Use drain and uncordon, or run the plan on kind or embedded clusters.")
    }

    /// Whether Karpenter is to do it; what it needs otherwise is made ready.
    ///
    /// Where Karpenter's definitions are there, nothing is made up in them: its controller would take it for real.
    ///
    /// - Throws: `.noTargets` where Karpenter has only some of the pools, or none and nobody else can replace nodes.
    private func isReal(
        _ pools: [NodePool], _ karpenter: Karpenter, _ context: ActionContext
    ) async throws -> Bool {
        guard try await karpenter.isInstalled() else {
            _ = try context.power()
            try await karpenter.standIn(for: pools, expiringAfter: expireAfter, context.log)
            return false
        }
        let managed = try await karpenter.managed(pools).map(\.name)
        if managed.count == pools.count { return true }
        if managed.isEmpty, context.cluster.power != nil { return false }
        let others = pools.map(\.name).filter { !managed.contains($0) }.joined(separator: ", ")
        throw ClusterError(
            .noTargets, "\(context.cluster.name): Karpenter has no NodeClaim of \(others)",
            hint: "Its nodes are not Karpenter's: drain them instead, or name other pools.")
    }

    /// - Throws: `.noTargets` for a pool without nodes.
    private func pools(_ context: ActionContext) async throws -> [NodePool] {
        let nodes = try await context.cluster.kube.list(.nodes).items
        return try nodePools.map { name in
            let members = nodes.filter { $0.labels[NodeRenewal.pool] == name }.sorted { $0.name < $1.name }
            guard !members.isEmpty else {
                let known = Set(nodes.compactMap { $0.labels[NodeRenewal.pool] }).sorted()
                throw ClusterError(
                    .noTargets, "\(context.cluster.name): no node has \(NodeRenewal.pool)=\(name)",
                    hint: "There are: \(known.isEmpty ? "none" : known.joined(separator: ", ")).")
            }
            return NodePool(name: name, nodes: members)
        }
    }

    private static func guarded(_ nodes: [JSONValue], _ context: ActionContext) throws(ClusterError) {
        var context = context
        context.nodes = nodes.map { NodeTarget(name: $0.name, uid: $0.uid, isCordoned: false) }
        try Guards.check(context, gracefully: true)
    }
}

/// A NodePool and its nodes.
struct NodePool: Sendable {
    var name: String
    var nodes: [JSONValue]
}

/// One node's expiry, as Karpenter's termination controller does it.
struct NodeExpiry: Sendable {
    /// Karpenter's eviction queue: from 100 ms, doubled, up to 10 s.
    private static let backoff = (first: Duration.milliseconds(100), last: Duration.seconds(10))
    /// Beyond the termination grace period: what nothing ends in time does not end by itself.
    private static let patience = Duration.seconds(600)

    var node: JSONValue
    var pool: String
    var expiry: ExpireNodePools
    var context: ActionContext

    private var kube: KubeClient { context.cluster.kube }

    func run() async throws -> ActionOutcome {
        let power = try context.power()
        let began = ContinuousClock.now
        let labels = node.labels
        let renewal = NodeRenewal(cluster: context.cluster, node: node.name, uid: node.uid, labels: labels)
        let injection = context.injection(of: [node.name], part: node.name)
        try await context.log.mutate(
            Mutation(
                cluster: context.cluster.name, action: context.action, about: "expire \(node.name) of \(pool)",
                objectUID: node.uid, inverse: .renewNode(node: node.name, uid: node.uid, labels: labels)
            ) { try await mark(injection) })
        let outcome = try await drain(until: began)
        guard outcome.outcome == .finished else { return outcome }
        try await power.remove(node.name)
        try await deleteNode()
        let rest = expiry.provisioningTime - (ContinuousClock.now - began)
        if rest > .zero { try await context.log.pause(rest) }
        let uid = node.uid
        _ = try await context.log.undo(
            context.cluster.name,
            matching: { if case .renewNode(_, uid, _) = $0 { true } else { false } },
            by: { try await renewal.complete() })
        context.log.changed(cluster: context.cluster.name, targets: [node.name])
        return .finished
    }

    /// From here on no pod comes, and load balancers leave the node out.
    private func mark(_ injection: Injection) async throws {
        let found = try await kube.get(.node(node.name))
        var taints = found[path: "spec.taints"]?.arrayValue ?? []
        taints.append(["key": .string(NodeRenewal.taint), "effect": "NoSchedule"])
        let change: JSONValue = [
            "metadata": ["labels": [NodeRenewal.exclusion: "karpenter"]], "spec": ["taints": .array(taints)],
        ]
        try await injection.during {
            try await EffectInterval.of { _ = try await kube.patch(.node(node.name), change) }
        }
    }

    /// The Node, where it is still the one that expired.
    private func deleteNode() async throws {
        do throws(KubeError) {
            try await kube.delete(.node(node.name), uid: node.uid)
        } catch {
            guard error.code == .notFound || error.code == .conflict else { throw error }
        }
    }

    // MARK: - Evictions

    /// Karpenter leaves pods with this annotation alone until the termination grace period is over.
    private static let hold = "karpenter.sh/do-not-disrupt"

    private static func isHeld(_ pod: JSONValue) -> Bool { pod.annotations[hold] == "true" }

    private struct Attempt {
        var next: ContinuousClock.Instant
        var wait: Duration
    }

    private func drain(until began: ContinuousClock.Instant) async throws -> ActionOutcome {
        let grace = expiry.terminationGracePeriod
        let deadline = began + (grace ?? .zero) + Self.patience
        var attempts: [String: Attempt] = [:]
        var refusal = ""
        while true {
            let left = try await evictable()
            if left.isEmpty { return .finished }
            let now = ContinuousClock.now
            let mayForce = grace.map { now >= began + $0 } ?? false
            for pod in left where !pod.isBeingDeleted {
                if !mayForce, Self.isHeld(pod) {
                    refusal = "pod \(pod.namespace)/\(pod.name) is annotated \(Self.hold)"
                    context.log.drain.showBlocked()
                    continue
                }
                var attempt = attempts[pod.uid] ?? Attempt(next: now, wait: Self.backoff.first)
                guard now >= attempt.next else { continue }
                if let said = try await evict(pod, force: mayForce) {
                    refusal = said
                    context.log.drain.showBlocked()
                    attempt.next = now + attempt.wait
                    attempt.wait = min(attempt.wait * 2, Self.backoff.last)
                }
                attempts[pod.uid] = attempt
            }
            guard now < deadline else {
                let names = left.map { "\($0.namespace)/\($0.name)" }.joined(separator: ", ")
                guard left.contains(where: { !$0.isBeingDeleted }) else {
                    return ActionOutcome(.timedOut, "\(node.name) still runs \(names): terminating")
                }
                return ActionOutcome(.blocked, "\(node.name) still runs \(names): \(refusal)")
            }
            try await context.log.pause(.milliseconds(100))
        }
    }

    /// - Returns: why it was not let go, which is tried again as Karpenter does; `nil` if it goes.
    private func evict(_ pod: JSONValue, force: Bool) async throws -> String? {
        do throws(KubeError) {
            if force {
                try await kube.delete(.pod(pod.namespace, pod.name), uid: pod.uid)
            } else {
                try await kube.evict(pod.namespace, pod.name, uid: pod.uid)
            }
            return nil
        } catch {
            switch EvictionAnswer(error) {
            case .allowed, .gone: return nil
            case .held(let words), .ambiguous(let words), .untold(let words): return words
            case .forbidden(let right): throw ClusterError(.failed, "\(pod.namespace)/\(pod.name): \(right.words)")
            case .failed: throw error
            }
        }
    }

    /// Pods that a drain waits for: neither of a DaemonSet nor static, not done, not tolerating the expiry's taint.
    private func evictable() async throws -> [JSONValue] {
        try await kube.list(.pods(), fields: "spec.nodeName=\(node.name)").items.filter { pod in
            let owners = pod.metadata["ownerReferences"]?.arrayValue ?? []
            let isTolerant = (pod[path: "spec.tolerations"]?.arrayValue ?? []).contains { toleration in
                let key = toleration["key"]?.stringValue ?? ""
                return (key.isEmpty && toleration["operator"]?.stringValue == "Exists") || key == NodeRenewal.taint
            }
            return !owners.contains { $0["kind"] == "DaemonSet" || $0["kind"] == "Node" } && !isTolerant
                && !["Succeeded", "Failed"].contains(pod[path: "status.phase"]?.stringValue ?? "")
        }
    }
}
