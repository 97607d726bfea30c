import QuakeKube
package import QuakePlan

/// Upgrades nodes one by one, or several at once. Each node's share is a fault of its own. A node that was cordoned when
/// its turn came stays so: whoever cordoned it means it.
extension UpgradeNodes: ClusterAction {
    package func run(_ context: ActionContext) async throws -> ActionOutcome {
        let power = try context.power()
        let size = max(1, atOnce)
        for start in stride(from: 0, to: context.nodes.count, by: size) {
            try Guards.checkQuorum(of: Array(context.nodes[start...].prefix(size)), context)
        }
        var rest = context.nodes[...]
        while !rest.isEmpty {
            let batch = Array(rest.prefix(size))
            rest = rest.dropFirst(batch.count)
            let outcomes = try await withThrowingTaskGroup(of: (String, ActionOutcome).self) { group in
                for node in batch { group.addTask { (node.name, try await one(node, power, context)) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let worst = ActionOutcome.worst(of: outcomes.sorted { $0.0 < $1.0 }.map(\.1))
            if worst.outcome != .finished { return worst }
            if !rest.isEmpty { try await context.log.pause(pause) }
        }
        return .finished
    }

    package func rights(_ place: RightsPlace) async -> [RightsAsk] {
        options.rights + [.nodeLeases]
    }

    package func losses(on nodes: [NodeTarget], _ observer: ClusterObserver) -> [String] {
        options.losses(on: nodes, observer)
    }

    private func one(_ node: NodeTarget, _ power: any NodePower, _ context: ActionContext) async throws -> ActionOutcome
    {
        let injection = context.injection(of: [node.name], part: node.name)
        let node = await context.asItIs(node)
        let drain = NodeDrain(
            node: node, context: context, injection: injection, timeout: drainTimeout, gracePeriod: nil,
            options: options)
        let outcome = try await drain.run()
        if outcome.outcome == .finished {
            try await RestartNode.restart(node, power, context, injection)
        }
        if node.isCordoned {
            context.log.note("\(node.name) was cordoned before its upgrade and stays so")
        } else {
            try await Uncordon.uncordon(node, context)
        }
        return outcome.named(node.name, amongst: context.nodes.count)
    }
}
