/// Upgrades nodes as an operator does: each is cordoned, drained, restarted and uncordoned, one by one or several at once.
package struct UpgradeNodes: PlanAction {
    package static let declaration = ActionDeclaration(
        name: "upgrade-nodes",
        summary:
            "Cordons, drains, restarts and uncordons nodes, one after another or several at once; a node that was cordoned "
            + "before stays so.",
        example: "upgrade-nodes: {cluster: west, nodes: {role: worker}, pause: 30s, atOnce: 1, drainTimeout: 2m}",
        inverse: InverseWords(
            "starts and uncordons the nodes that are being upgraded; what nothing recreates is lost",
            step: "start the node, and uncordon it where it was not cordoned before"),
        traits: [.drains, .needsPower], takes: .nodes,
        keys: [pauseKey.key, atOnceKey.key, drainTimeoutKey.key] + DrainOptions.keys)

    private static let pauseKey = Key.duration(
        "pause", otherwise: "the plan's `settle`", help: "Between one node's end and the next one's beginning.")
    private static let atOnceKey = Key.number(
        "atOnce", default: 1, in: 1...Key.largestNumber, help: "How many nodes are upgraded at the same time.")
    private static let drainTimeoutKey = Key.duration(
        "drainTimeout", default: .seconds(120), .positive,
        help: "How long the drain of one node may take; evictions that a budget blocks are retried until then.")

    package var targets: NodeTargets
    /// Between one node's end and the next one's begin.
    package var pause: Duration
    /// How many nodes at once, at least 1.
    package var atOnce: Int
    package var drainTimeout: Duration
    package var options: DrainOptions

    package init(
        targets: NodeTargets, pause: Duration, atOnce: Int = 1, drainTimeout: Duration = .seconds(120),
        options: DrainOptions = DrainOptions()
    ) {
        self.targets = targets
        self.pause = pause
        self.atOnce = atOnce
        self.drainTimeout = drainTimeout
        self.options = options
    }

    package init?(reading reader: inout ActionReader) {
        pause = reader.read(Self.pauseKey) ?? reader.settle
        atOnce = reader.read(Self.atOnceKey)
        drainTimeout = reader.read(Self.drainTimeoutKey)
        options = DrainOptions(reading: &reader)
        guard let targets = reader.nodes() else { return nil }
        self.targets = targets
    }

    package var scope: ActionScope { .nodes(targets) }

    /// The pauses between the nodes that are known to be several.
    package var ownTime: Duration {
        let rounds = (targets.leastCount + atOnce - 1) / atOnce
        return pause * max(0, rounds - 1)
    }

    package var spacing: Duration? { targets.leastCount == 1 && targets.isExact ? nil : pause }
}
