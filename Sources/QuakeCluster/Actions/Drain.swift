package import QuakePlan

/// `kubectl drain`. Inverse: uncordon, where the node was not cordoned before; evicted pods have their successors, and
/// pods that nothing recreates are lost.
///
/// A drain that a PodDisruptionBudget blocks is an outcome, not an error.
extension Drain: ClusterAction {
    package func run(_ context: ActionContext) async throws -> ActionOutcome {
        let injection = context.injection(of: context.nodes.map(\.name))
        var outcomes: [ActionOutcome] = []
        for start in stride(from: 0, to: context.nodes.count, by: max(1, atOnce)) {
            let batch = context.nodes[start...].prefix(max(1, atOnce))
            outcomes += try await withThrowingTaskGroup(of: (Int, ActionOutcome).self) { group in
                for (index, node) in batch.enumerated() {
                    group.addTask { (index, try await drain(node, context, injection)) }
                }
                return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
            }
        }
        return .worst(of: outcomes)
    }

    package func rights(_ place: RightsPlace) async -> [RightsAsk] { options.rights }

    package func losses(on nodes: [NodeTarget], _ observer: ClusterObserver) -> [String] {
        options.losses(on: nodes, observer)
    }

    private func drain(
        _ node: NodeTarget, _ context: ActionContext, _ injection: Injection
    ) async throws -> ActionOutcome {
        let drain = NodeDrain(
            node: await context.asItIs(node), context: context, injection: injection, timeout: timeout,
            gracePeriod: gracePeriod, options: options)
        return try await drain.run().named(node.name, amongst: context.nodes.count)
    }
}
