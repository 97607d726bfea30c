/// Upgrades nodes as an operator does: each is cordoned, drained, restarted and uncordoned, one by one or several at once.
package struct UpgradeNodes: PlanAction {
    package static let declaration = ActionDeclaration(
        name: "upgrade-nodes",
        summary: "Cordons, drains, restarts and uncordons nodes, one after another or several at once.",
        example: "upgrade-nodes: {cluster: west, nodes: {role: worker}, pause: 30s, atOnce: 1, drainTimeout: 2m}",
        inverse: InverseWords(
            "starts and uncordons the nodes that are being upgraded", step: "uncordon and start the node"),
        traits: [.drains, .needsPower], takes: .nodes, keys: [pauseKey.key, atOnceKey.key, drainTimeoutKey.key])

    private static let pauseKey = Key.duration(
        "pause", otherwise: "the plan's `settle`", help: "Between one node's end and the next one's beginning.")
    private static let atOnceKey = Key.number(
        "atOnce", default: 1, in: 1...Key.largestNumber, help: "How many nodes are upgraded at the same time.")
    private static let drainTimeoutKey = Key.duration(
        "drainTimeout", default: .seconds(120), .positive, help: "How long blocked evictions of a node are retried.")

    package var targets: NodeTargets
    /// Between one node's end and the next one's begin.
    package var pause: Duration
    /// How many nodes at once, at least 1.
    package var atOnce: Int
    package var drainTimeout: Duration

    package init(targets: NodeTargets, pause: Duration, atOnce: Int = 1, drainTimeout: Duration = .seconds(120)) {
        self.targets = targets
        self.pause = pause
        self.atOnce = atOnce
        self.drainTimeout = drainTimeout
    }

    package init?(reading reader: inout ActionReader) {
        pause = reader.read(Self.pauseKey) ?? reader.settle
        atOnce = reader.read(Self.atOnceKey)
        drainTimeout = reader.read(Self.drainTimeoutKey)
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
