package import QuakePlan

/// `kubectl uncordon`. Undoes this run's own cordon or drain; of a node that it found cordoned, the inverse is cordon.
extension Uncordon: ClusterAction {
    package func run(_ context: ActionContext) async throws -> ActionOutcome {
        let beginning = context.beginning()
        for node in context.nodes { try await Self.uncordon(node, context, beginning) }
        return .finished
    }

    package func rights(_ place: RightsPlace) async -> [RightsAsk] { [RightsAsk(.cordon)] }

    /// - Parameter beginning: told just before the node is uncordoned.
    static func uncordon(
        _ node: NodeTarget, _ context: ActionContext, _ beginning: Beginning = Beginning()
    ) async throws {
        let wasOurs = try await context.log.undo(context.cluster.name) { inverse in
            if case .uncordon(let name, _) = inverse { name == node.name } else { false }
        } by: {
            beginning.now()
            try await context.succeed(["uncordon", node.name])
        }
        guard !wasOurs else { return }
        try await context.log.mutate(
            Mutation(
                cluster: context.cluster.name, action: context.action, about: "uncordon \(node.name)",
                objectUID: node.uid, inverse: node.isCordoned ? .cordon(node: node.name, uid: node.uid) : .none
            ) {
                beginning.now()
                try await context.succeed(["uncordon", node.name])
            })
    }
}
