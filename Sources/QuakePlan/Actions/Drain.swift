/// `kubectl drain`.
package struct Drain: PlanAction {
    package static let declaration = ActionDeclaration(
        name: "drain",
        summary: "Cordons nodes and evicts their pods, as kubectl drain does; a PodDisruptionBudget may block it.",
        example: "drain: {cluster: west, nodes: {hosting: gateway, count: 1}, timeout: 2m, gracePeriod: 30s}",
        inverse: InverseWords(
            "uncordons the nodes that it cordoned; evicted pods stay where they are",
            step: "uncordon, where the node was not cordoned before"),
        traits: [.drains, .leavesNodesCordoned], takes: .nodes,
        keys: [timeoutKey.key, gracePeriodKey.key, podSelectorKey.key])

    private static let timeoutKey = Key.duration(
        "timeout", default: .seconds(120), .positive,
        help: "How long evictions that a PodDisruptionBudget blocks are retried, for each node.")
    private static let gracePeriodKey = Key.duration(
        "gracePeriod", otherwise: "each pod's own", [.positive, .wholeSeconds],
        help: "How long pods have to end.")
    private static let podSelectorKey = Key.text(
        "podSelector", otherwise: "every pod", help: "A label selector; only pods that match it are evicted.")

    package var targets: NodeTargets
    /// `--timeout`; how long evictions that a PodDisruptionBudget blocks are retried.
    package var timeout: Duration
    /// `--grace-period` in seconds; `nil` leaves each pod its own.
    package var gracePeriod: Duration?
    /// `--pod-selector`.
    package var podSelector: String?

    package init(
        targets: NodeTargets, timeout: Duration = .seconds(120), gracePeriod: Duration? = nil,
        podSelector: String? = nil
    ) {
        self.targets = targets
        self.timeout = timeout
        self.gracePeriod = gracePeriod
        self.podSelector = podSelector
    }

    package init?(reading reader: inout ActionReader) {
        timeout = reader.read(Self.timeoutKey)
        gracePeriod = reader.read(Self.gracePeriodKey)
        podSelector = reader.read(Self.podSelectorKey)
        guard let targets = reader.nodes() else { return nil }
        self.targets = targets
    }

    package var scope: ActionScope { .nodes(targets) }
}
