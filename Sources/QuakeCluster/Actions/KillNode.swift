package import QuakePlan

/// Kills nodes without asking them. Inverse: start.
package struct KillNodeAction: ClusterAction {
    package var how: KillMethod

    package init(how: KillMethod) { self.how = how }

    package func run(_ context: ActionContext) async throws -> ActionOutcome {
        let power = try context.power()
        try Guards.check(context)
        try await Self.kill(context.nodes, how, power, context)
        return .finished
    }

    /// One fault: it takes effect with the first node, and the others follow at once.
    static func kill(
        _ nodes: [NodeTarget], _ how: KillMethod, _ power: any NodePower, _ context: ActionContext
    ) async throws {
        let injection = context.injection(of: nodes.map(\.name))
        try await context.log.mutate(
            nodes.map { node in
                Mutation(
                    cluster: context.cluster.name, action: context.action, about: "\(how.rawValue) \(node.name)",
                    objectUID: node.uid, inverse: .restoreNode(node: node.name, uid: node.uid)
                ) { try await injection.during(node.name) { try await power.kill(node.name, how: how) } }
            })
    }
}
