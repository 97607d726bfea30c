package import QuakePlan

/// Disconnects nodes for a given time. One fault; inverse: start, which connects them.
extension BlipNode: ClusterAction {
    package func run(_ context: ActionContext) async throws -> ActionOutcome {
        let power = try context.power()
        try await context.takeDown(context.nodes, .disconnect, power)
        try await context.log.pause(length)
        for node in context.nodes { try await StartNode.start(node, power, context) }
        return .finished
    }

    package func rights(_ place: RightsPlace) async -> [RightsAsk] { [.nodeLeases] }
}
