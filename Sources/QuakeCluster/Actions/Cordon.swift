package import QuakePlan

/// `kubectl cordon`. Inverse: uncordon, where the node was not cordoned before.
extension Cordon: ClusterAction {
    package func run(_ context: ActionContext) async throws -> ActionOutcome {
        let injection = context.injection(of: context.nodes.map(\.name))
        try await context.log.mutate(context.nodes.map { injection.timing(Self.cordon($0, context), on: $0.name) })
        return .finished
    }

    package func rights(_ place: RightsPlace) async -> [RightsAsk] { [RightsAsk(.cordon)] }

    private static func cordon(_ node: NodeTarget, _ context: ActionContext) -> Mutation {
        Mutation(
            cluster: context.cluster.name, action: context.action, about: "cordon \(node.name)",
            objectUID: node.uid, inverse: node.isCordoned ? .none : .uncordon(node: node.name, uid: node.uid)
        ) { try await context.succeed(["cordon", node.name]) }
    }
}
