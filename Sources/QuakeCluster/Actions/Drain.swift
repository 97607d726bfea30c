import QuakeKube
package import QuakePlan

/// `kubectl drain`. Inverse: uncordon, where the node was not cordoned before; evicted pods have their successors.
///
/// A drain that a PodDisruptionBudget blocks is an outcome, not an error.
extension Drain: ClusterAction {
    package func run(_ context: ActionContext) async throws -> ActionOutcome {
        let injection = context.injection(of: context.nodes.map(\.name))
        var outcomes: [ActionOutcome] = []
        for node in context.nodes {
            let outcome = try await drain(node, context, injection)
            outcomes.append(outcome.named(node.name, amongst: context.nodes.count))
        }
        return .worst(of: outcomes)
    }

    package func rights(_ place: RightsPlace) async -> [RightsAsk] {
        [RightsAsk(.cordon), RightsAsk(.eviction), RightsAsk(.allPods)]
    }

    /// - Parameter injection: the fault, which takes effect when the node is seen unschedulable, see ``DrainOnset``.
    func drain(
        _ node: NodeTarget, _ context: ActionContext, _ injection: Injection
    ) async throws -> ActionOutcome {
        let arguments = arguments(for: node)
        let result = Box<CommandResult?>(nil)
        let progress = context.log.drain
        // Beyond its own time-out: an eviction that waits for a budget's controller retries inside one request.
        let limit = timeout + .seconds(120)
        try await context.log.mutate(
            Mutation(
                cluster: context.cluster.name, action: context.action, about: "drain \(node.name)",
                objectUID: node.uid, inverse: node.isCordoned ? .none : .uncordon(node: node.name, uid: node.uid)
            ) {
                let ended = try await DrainOnset(node: node, context: context, injection: injection).during {
                    try await context.kubectl(arguments, timeout: limit) { _, line in
                        if Self.isBlocked(line) { progress.showBlocked() }
                    }
                }
                result.set(ended)
            })
        guard let ended = result.value else { return ActionOutcome(.failed, "kubectl said nothing") }
        return Self.outcome(of: ended)
    }

    private func arguments(for node: NodeTarget) -> [String] {
        let seconds = max(1, timeout.components.seconds)
        var arguments = [
            "drain", node.name, "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=\(seconds)s",
        ]
        if let grace = gracePeriod { arguments.append("--grace-period=\(grace.components.seconds)") }
        if let selector = podSelector { arguments.append("--pod-selector=\(selector)") }
        return arguments
    }

    static func isBlocked(_ text: String) -> Bool {
        text.contains("would violate the pod's disruption budget")
    }

    static func outcome(of result: CommandResult) -> ActionOutcome {
        if result.succeeded { return .finished }
        let said = result.standardError + result.standardOutput
        let last = said.split(separator: "\n").last.map(String.init) ?? ""
        if isBlocked(said) { return ActionOutcome(.blocked, last) }
        if result.timedOut || said.contains("timed out") || said.contains("global timeout reached") {
            return ActionOutcome(.timedOut, last)
        }
        return ActionOutcome(.failed, last)
    }
}
