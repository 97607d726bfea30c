import QuakeKube
import QuakePlan

/// `kubectl drain` of one node, judged by what happened to its pods.
struct NodeDrain: Sendable {
    /// As it is now: one that was cordoned before stays so.
    var node: NodeTarget
    var context: ActionContext
    /// The fault, which takes effect when the node is seen unschedulable, see ``DrainOnset``.
    var injection: Injection
    var timeout: Duration
    var gracePeriod: Duration?
    var options: DrainOptions

    func run() async throws -> ActionOutcome {
        let watch = DrainWatch(node, context, options)
        let result = Box<ActionOutcome?>(nil)
        try await context.log.mutate(
            Mutation(
                cluster: context.cluster.name, action: context.action, about: "drain \(node.name)",
                objectUID: node.uid, inverse: node.isCordoned ? .none : .uncordon(node: node.name, uid: node.uid)
            ) {
                let looking = Task { await watch.run() }
                defer { looking.cancel() }
                let ended = try await DrainOnset(node: node, context: context, injection: injection).during {
                    try await kubectl()
                }
                // At once: what holds a pod now is the reason.
                result.set(await outcome(of: ended, watch))
            })
        return result.value ?? ActionOutcome(.failed, "kubectl said nothing")
    }

    private func kubectl() async throws -> CommandResult {
        let progress = context.log.drain
        // Beyond its own time-out: an eviction that waits for a budget's controller retries inside one request.
        return try await context.kubectl(arguments, timeout: limit + .seconds(120)) { _, line in
            if DrainText.isBlocked(line) { progress.showBlocked() }
        }
    }

    private func outcome(of ended: CommandResult, _ watch: DrainWatch) async -> ActionOutcome {
        if ended.succeeded {
            tell(watch.losses())
            return .finished
        }
        let (remains, untouched) = await watch.remains(after: ended)
        tell(watch.losses(without: untouched))
        // One that ends sooner than the watch is sure of it, as under two budgets.
        if remains.isHeld { context.log.drain.showBlocked() }
        return DrainJudge(ended: ended, limit: limit, remains: remains).outcome
    }

    private func tell(_ losses: NodeLosses) {
        for line in losses.words { context.log.note("\(node.name): \(line)") }
    }

    /// kubectl's own, which knows whole seconds.
    private var limit: Duration { .seconds(max(1, timeout.components.seconds)) }

    private var arguments: [String] {
        var arguments = ["drain", node.name]
        if options.ignoreDaemonSets { arguments.append("--ignore-daemonsets") }
        if options.deleteEmptyDirData { arguments.append("--delete-emptydir-data") }
        if options.force { arguments.append("--force") }
        if options.disableEviction { arguments.append("--disable-eviction") }
        arguments.append("--timeout=\(limit.components.seconds)s")
        if let gracePeriod { arguments.append("--grace-period=\(gracePeriod.components.seconds)") }
        if let selector = options.podSelector { arguments.append("--pod-selector=\(selector)") }
        return arguments
    }
}

extension PodFilter {
    init(_ options: DrainOptions) {
        self.init(
            ignoreDaemonSets: options.ignoreDaemonSets, deleteEmptyDirData: options.deleteEmptyDirData,
            force: options.force)
    }
}

extension DrainOptions {
    /// Rights that a drain needs.
    var rights: [RightsAsk] {
        [
            RightsAsk(.cordon), RightsAsk(disableEviction ? .podDeletion : .eviction), RightsAsk(.controllers),
            RightsAsk(.allPods),
        ]
    }

    /// What `--dry-run` says of nodes, a line each: by what is there now.
    func losses(on nodes: [NodeTarget], _ observer: ClusterObserver) -> [String] {
        let scope = podSelector.map { ", as far as \($0) selects it" } ?? ""
        return nodes.flatMap { node in
            let losses = NodeLosses(observer.pods(on: node.name), PodFilter(self))
            return losses.words.map { "\(node.name): \($0)\(scope)" }
                + losses.objections.map { "\(node.name): kubectl will refuse: \($0)\(scope)" }
        }
    }
}

extension ActionContext {
    /// The node as the API server has it: an earlier step, or somebody else, may have cordoned it since it was resolved,
    /// and the watch not know yet.
    func asItIs(_ node: NodeTarget) async -> NodeTarget {
        guard let found = try? await cluster.kube.get(.node(node.name)), found.uid == node.uid else { return node }
        return NodeTarget(found)
    }
}
