/// Starts nodes that this run killed: the healing of `kill-node`. Inverse: none, for it is one.
package struct StartNodeAction: ClusterAction {
    package init() {}

    package func run(_ context: ActionContext) async throws -> ActionOutcome {
        let power = try context.power()
        context.log.changed(cluster: context.cluster.name, targets: context.nodes.map(\.name))
        for node in context.nodes { try await Self.start(node, power, context) }
        return .finished
    }

    static func start(_ node: NodeTarget, _ power: any NodePower, _ context: ActionContext) async throws {
        let wasOurs = try await context.log.undo(context.cluster.name) { inverse in
            if case .restoreNode(let name, _) = inverse { name == node.name } else { false }
        } by: {
            try await power.restore(node.name)
        }
        if !wasOurs { try await power.restore(node.name) }
    }
}
