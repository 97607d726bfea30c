package import QuakePlan

/// Kills nodes without asking them. Inverse: start.
extension KillNode: ClusterAction {
    package func run(_ context: ActionContext) async throws -> ActionOutcome {
        try await context.takeDown(context.nodes, how, context.power())
        return .finished
    }

    package func rights(_ place: RightsPlace) async -> [RightsAsk] { [.nodeLeases] }
}

extension ActionContext {
    /// One fault: it takes effect with the first node, and the others follow at once. Inverse: start.
    func takeDown(_ nodes: [NodeTarget], _ how: KillMethod, _ power: any NodePower) async throws {
        let injection = injection(of: nodes.map(\.name))
        try await log.mutate(
            nodes.map { node in
                Mutation(
                    cluster: cluster.name, action: action, about: "\(how.rawValue) \(node.name)",
                    objectUID: node.uid, inverse: .restoreNode(node: node.name, uid: node.uid)
                ) { try await injection.during(node.name) { try await power.kill(node.name, how: how) } }
            })
    }
}
