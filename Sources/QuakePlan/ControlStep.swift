/// What a step may say beside the registry's actions: the runner does these itself, and there are no others.
package enum ControlStep: String, Sendable, CaseIterable {
    case wait
    case waitFor = "wait-for"
    /// Not an ``Action``, but a step that holds others; see ``Step/Body``.
    case parallel
    case restoreAll = "restore-all"

    package var declaration: ActionDeclaration {
        switch self {
        case .wait: Self.waitDeclaration
        case .waitFor: Self.waitForDeclaration
        case .parallel: Self.parallelDeclaration
        case .restoreAll: Self.restoreAllDeclaration
        }
    }

    private static let waitDeclaration = ActionDeclaration(
        name: ControlStep.wait.rawValue, summary: "Waits.", example: "wait: 30s", inverse: .none, traits: [],
        takes: .nothing)

    private static let waitForDeclaration = ActionDeclaration(
        name: ControlStep.waitFor.rawValue,
        summary: "Waits for a condition on nodes, pods, endpoints or a drain; fails the run where it stays unmet.",
        example: "wait-for: {cluster: west, pods: {hosting: gateway, ready: 2}, within: 60s}", inverse: .none,
        traits: [], takes: .nodesOrCluster,
        keys: [
            PlanKey("node", .nodeState, condition, "The state that all of the nodes must reach."),
            PlanKey("pods", .pods, condition, "How many pods of a workload must be Ready or Pending."),
            PlanKey("endpoints", .endpoints, condition, "How many ready endpoints a workload's Service must have."),
            PlanKey("drain", .drainState, condition, "How the drain of the named step must stand."),
            PlanKey("within", .duration(.positive), .required, "How long the condition is waited for."),
        ], provableStates: Condition.NodeState.allCases)

    private static let condition = PlanKey.Need.optional(otherwise: "one condition is needed")

    private static let parallelDeclaration = ActionDeclaration(
        name: ControlStep.parallel.rawValue,
        summary: "Does several steps at once; they share a window for attribution.",
        example: """
            parallel:
              - cordon: {cluster: west, nodes: {zone: zone-a}}
              - cordon: {cluster: east, nodes: {zone: zone-a}}
            """, inverse: InverseWords("those of its steps", step: "those of its steps"), traits: [.changes],
        takes: .nothing)

    private static let restoreAllDeclaration = ActionDeclaration(
        name: ControlStep.restoreAll.rawValue,
        summary: "Undoes everything that the run has changed so far, last change first.", example: "restore-all:",
        inverse: .none, traits: [.movesPods], takes: .nothing)
}

/// A wait for a condition as a step of its own.
package struct WaitFor: Sendable, Equatable {
    package var cluster: String
    /// For conditions on nodes; `nil` for the others.
    package var targets: NodeTargets?
    package var awaited: Awaited

    package init(cluster: String, targets: NodeTargets? = nil, awaited: Awaited) {
        self.cluster = cluster
        self.targets = targets
        self.awaited = awaited
    }
}
