package import QuakePlan

/// Kills nodes without asking them. Inverse: start.
package struct KillNodeAction: ClusterAction {
    package var how: KillMethod

    package init(how: KillMethod) { self.how = how }

    package func run(_ context: ActionContext) async throws -> ActionOutcome {
        let power = try context.power()
        try Guards.check(context)
        context.log.injected(cluster: context.cluster.name, targets: context.nodes.map(\.name), part: nil)
        for node in context.nodes { try await Self.kill(node, how, power, context) }
        return .finished
    }

    static func kill(
        _ node: NodeTarget, _ how: KillMethod, _ power: any NodePower, _ context: ActionContext
    ) async throws {
        try await context.log.mutate(
            Mutation(
                cluster: context.cluster.name, action: context.action, about: "\(how.rawValue) \(node.name)",
                objectUID: node.uid, inverse: .restoreNode(node: node.name, uid: node.uid)
            ) { try await power.kill(node.name, how: how) })
    }
}
