/// Kills nodes without asking them.
package struct KillNode: PlanAction {
    package static let declaration = ActionDeclaration(
        name: "kill-node",
        summary:
            "Kills nodes: power-off (silent), kill-container (peers get a FIN), pause, disconnect or stop-kubelet.",
        example: "kill-node: {cluster: west, nodes: {zone: zone-a}, how: power-off}\n"
            + "until: {node: NotReady, within: 90s}",
        inverse: InverseWords("starts the nodes, in the way that matches how they were killed", step: "start the node"),
        traits: [.leavesNodesDown], takes: .nodes, keys: [howKey.key], provableStates: [.ready, .notReady])

    private static let howKey = Key.choice("how", default: KillMethod.powerOff, help: "How the nodes die.")

    package var targets: NodeTargets
    package var how: KillMethod

    package init(_ targets: NodeTargets, how: KillMethod) {
        self.targets = targets
        self.how = how
    }

    package init?(reading reader: inout ActionReader) {
        how = reader.read(Self.howKey)
        guard let targets = reader.nodes() else { return nil }
        self.targets = targets
    }

    package var scope: ActionScope { .nodes(targets) }
}

/// How a node dies.
package enum KillMethod: String, Sendable, Codable, CaseIterable {
    /// Silent, as a power cut is: no FIN escapes.
    case powerOff = "power-off"
    /// SIGKILL: processes die before their network does, so peers get a FIN at once.
    case killContainer = "kill-container"
    /// Frozen processes: the kernel may still complete handshakes.
    case pause
    /// Cut off from the network while everything on it lives on.
    case disconnect
    /// The kubelet's unit is stopped; pods and network live on.
    case stopKubelet = "stop-kubelet"
}
