package import QuakePlan

/// Starts nodes that this run took down. Inverse: none, for it is one.
extension StartNode: ClusterAction {
    package func run(_ context: ActionContext) async throws -> ActionOutcome {
        let power = try context.power()
        let beginning = context.beginning()
        for node in context.nodes { try await Self.start(node, power, context, beginning) }
        return .finished
    }

    /// - Parameter beginning: told just before the node is started.
    static func start(
        _ node: NodeTarget, _ power: any NodePower, _ context: ActionContext, _ beginning: Beginning = Beginning()
    ) async throws {
        let wasOurs = try await context.log.undo(context.cluster.name) { inverse in
            if case .restoreNode(let name, _) = inverse { name == node.name } else { false }
        } by: {
            beginning.now()
            try await power.restore(node.name)
        }
        guard !wasOurs else { return }
        beginning.now()
        try await power.restore(node.name)
    }
}
