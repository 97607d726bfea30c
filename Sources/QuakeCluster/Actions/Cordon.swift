/// `kubectl cordon`. Inverse: uncordon, where the node was not cordoned before.
package struct CordonAction: ClusterAction {
    package init() {}

    package func run(_ context: ActionContext) async throws -> ActionOutcome {
        context.log.injected(cluster: context.cluster.name, targets: context.nodes.map(\.name), part: nil)
        for node in context.nodes { try await Self.cordon(node, context) }
        return .finished
    }

    static func cordon(_ node: NodeTarget, _ context: ActionContext) async throws {
        try await context.log.mutate(
            Mutation(
                cluster: context.cluster.name, action: context.action, about: "cordon \(node.name)",
                objectUID: node.uid, inverse: node.isCordoned ? .none : .uncordon(node: node.name, uid: node.uid)
            ) { try await context.succeed(["cordon", node.name]) })
    }
}
