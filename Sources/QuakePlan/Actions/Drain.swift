/// `kubectl drain`.
package struct Drain: PlanAction {
    package static let declaration = ActionDeclaration(
        name: "drain",
        summary: "Cordons nodes and evicts their pods, as kubectl drain does; a PodDisruptionBudget may block it.",
        example: "drain: {cluster: west, nodes: {hosting: gateway, count: 1}, timeout: 2m, gracePeriod: 30s}",
        inverse: InverseWords(
            "uncordons the nodes that it cordoned; evicted pods stay where they are, and what nothing recreates is lost",
            step: "uncordon, where the node was not cordoned before"),
        traits: [.drains, .leavesNodesCordoned], takes: .nodes,
        keys: [timeoutKey.key, gracePeriodKey.key, atOnceKey.key] + DrainOptions.keys)

    private static let timeoutKey = Key.duration(
        "timeout", default: .seconds(120), .positive,
        help:
            "How long a drain of one node may take; evictions that a PodDisruptionBudget blocks are retried until then."
    )
    private static let gracePeriodKey = Key.duration(
        "gracePeriod", otherwise: "each pod's own", [.positive, .wholeSeconds],
        help: "How long pods have to end.")
    private static let atOnceKey = Key.number(
        "atOnce", default: 1, in: 1...Key.largestNumber, help: "How many nodes are drained at the same time.")

    package var targets: NodeTargets
    /// `--timeout` of each node's drain, in whole seconds.
    package var timeout: Duration
    /// `--grace-period` in seconds; `nil` leaves each pod its own.
    package var gracePeriod: Duration?
    /// How many nodes at once, at least 1.
    package var atOnce: Int
    package var options: DrainOptions

    package init(
        targets: NodeTargets, timeout: Duration = .seconds(120), gracePeriod: Duration? = nil, atOnce: Int = 1,
        options: DrainOptions = DrainOptions()
    ) {
        self.targets = targets
        self.timeout = timeout
        self.gracePeriod = gracePeriod
        self.atOnce = atOnce
        self.options = options
    }

    package init?(reading reader: inout ActionReader) {
        timeout = reader.read(Self.timeoutKey)
        gracePeriod = reader.read(Self.gracePeriodKey)
        atOnce = reader.read(Self.atOnceKey)
        options = DrainOptions(reading: &reader)
        guard let targets = reader.nodes() else { return nil }
        self.targets = targets
    }

    package var scope: ActionScope { .nodes(targets) }
}
