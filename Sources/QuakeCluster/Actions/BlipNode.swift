import QuakePlan

/// Disconnects nodes for a given time. One fault; inverse: start, which connects them.
package struct BlipNodeAction: ClusterAction {
    package var length: Duration

    package init(length: Duration) { self.length = length }

    package func run(_ context: ActionContext) async throws -> ActionOutcome {
        let power = try context.power()
        try Guards.check(context)
        try await KillNodeAction.kill(context.nodes, .disconnect, power, context)
        try await context.log.pause(length)
        for node in context.nodes { try await StartNodeAction.start(node, power, context) }
        return .finished
    }
}
