package import QuakePlan

/// Switches nodes off in order and on again, and waits until their kubelets are back. Inverse: start, until it is done.
extension RestartNode: ClusterAction {
    package func run(_ context: ActionContext) async throws -> ActionOutcome {
        let power = try context.power()
        let injection = context.injection(of: context.nodes.map(\.name))
        for node in context.nodes { try await Self.restart(node, power, context, injection) }
        return .finished
    }

    package func rights(_ place: RightsPlace) async -> [RightsAsk] { [.nodeLeases] }

    static func restart(
        _ node: NodeTarget, _ power: any NodePower, _ context: ActionContext, _ injection: Injection
    ) async throws {
        try await context.log.mutate(
            Mutation(
                cluster: context.cluster.name, action: context.action, about: "restart \(node.name)",
                objectUID: node.uid, inverse: .restoreNode(node: node.name, uid: node.uid)
            ) { try await injection.during(node.name) { try await power.restart(node.name) } })
        let last = try await NodeReturn.renewal(of: node.name, context.cluster)
        _ = try await context.log.undo(context.cluster.name) { inverse in
            if case .restoreNode(let name, _) = inverse { name == node.name } else { false }
        } by: {
            try await power.restore(node.name)
            try await NodeReturn.await(node.name, after: last, context.cluster)
        }
    }
}
