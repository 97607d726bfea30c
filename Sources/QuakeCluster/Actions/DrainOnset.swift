import QuakeKube

/// When a drain takes effect, while kubectl goes on with it: from kubectl's start until the watch shows the node
/// unschedulable, or, of a node that was so before, its first pod being deleted. kubectl's own end bounds it, too.
struct DrainOnset: Sendable {
    private static let pause = Duration.milliseconds(5)

    var node: NodeTarget
    var context: ActionContext
    var injection: Injection

    /// - Parameter drain: runs kubectl; one that fails without having touched the node injects nothing.
    func during(_ drain: @escaping @Sendable () async throws -> CommandResult) async throws -> CommandResult {
        // By the API server itself: an earlier step may have cordoned it just now, and the watch not know yet.
        let found = try? await context.cluster.kube.get(.node(node.name))
        let wasCordoned = found.map(Self.isCordoned) ?? node.isCordoned
        try Task.checkCancellation()
        let from = EffectInterval.now
        let leaving = context.observer?.leavingPods(on: node.name) ?? []
        let watch = Task { await seen(from, wasCordoned, leaving) }
        defer { watch.cancel() }
        let ended: CommandResult
        do {
            ended = try await drain()
        } catch {
            await end(from, wasCordoned, hasWorked: false)
            throw error
        }
        await end(from, wasCordoned, hasWorked: ended.succeeded)
        return ended
    }

    private func seen(_ from: Int64, _ wasCordoned: Bool, _ leaving: Set<String>) async {
        guard let observer = context.observer else { return }
        while !Task.isCancelled {
            let isCordoned = observer.node(node.name).map(Self.isCordoned) ?? false
            if wasCordoned
                ? !observer.leavingPods(on: node.name).isSubset(of: leaving)
                : isCordoned
            {
                return injection.tookEffect(EffectInterval(from: from, to: EffectInterval.now), on: node.name)
            }
            try? await Task.sleep(for: Self.pause)
        }
    }

    /// kubectl has ended. It may have cordoned the node and failed then, faster than the watch could tell.
    private func end(_ from: Int64, _ wasCordoned: Bool, hasWorked: Bool) async {
        let interval = EffectInterval(from: from, to: EffectInterval.now)
        if hasWorked { return injection.tookEffect(interval, on: node.name) }
        guard !wasCordoned, let now = try? await context.cluster.kube.get(.node(node.name)), Self.isCordoned(now)
        else { return }
        injection.tookEffect(interval, on: node.name)
    }

    private static func isCordoned(_ node: JSONValue) -> Bool { NodeView(node).isCordoned }
}
