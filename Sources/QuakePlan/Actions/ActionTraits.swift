/// What the rules of plans, the runner and the reports must know of an action. A trait includes those that follow from it:
/// what drains nodes breaks them, what breaks nodes is a disruption, a disruption is a fault, a fault is a change.
package struct ActionTraits: OptionSet, Sendable, Hashable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    private init(bit: UInt32) { rawValue = 1 << bit }

    /// It changes a cluster: a window begins that bad slots are attributed to.
    package static let changes = ActionTraits(bit: 0)
    /// Its beginning may break traffic. What heals, waits or measures is none, and no other may stand in `always`.
    package static let fault: ActionTraits = [.changes, ActionTraits(bit: 1)]
    /// A fault whose recovery is of interest, and no preparation.
    package static let disruption: ActionTraits = [.fault, ActionTraits(bit: 2)]
    /// Pods may run elsewhere after it.
    package static let movesPods: ActionTraits = [.changes, ActionTraits(bit: 3)]
    /// Pods of its nodes may end or fall silent: probers keep off them.
    package static let breaksNodes: ActionTraits = [.disruption, .movesPods, ActionTraits(bit: 4)]
    /// It evicts the pods of nodes, so that a budget may hold it.
    package static let drains: ActionTraits = [.breaksNodes, ActionTraits(bit: 5)]
    /// Its nodes are gone when it is over, and others have come.
    package static let replacesNodes: ActionTraits = [.drains, ActionTraits(bit: 6)]
    /// The environment must be able to switch nodes off and on.
    package static let needsPower = ActionTraits(bit: 7)
    /// It takes all of its nodes down at once, with what runs there: neither the last gateways nor the majority of the
    /// control planes, unless the step expects an outage.
    package static let downsNodes: ActionTraits = [.breaksNodes, .needsPower, ActionTraits(bit: 8)]
    /// Its nodes are down when it is over.
    package static let leavesNodesDown: ActionTraits = [.downsNodes, ActionTraits(bit: 9)]
    /// Its nodes are cordoned when it is over.
    package static let leavesNodesCordoned: ActionTraits = [.fault, ActionTraits(bit: 10)]
    /// The environment must be able to change flags of the control plane.
    package static let needsControlPlane = ActionTraits(bit: 11)
    /// It may change workloads' pods, whose rollouts its step waits for.
    package static let rollsOut: ActionTraits = [.movesPods, ActionTraits(bit: 12)]

    /// Each with its name and what it means, as docs/plans.md has them.
    package static let named: [(trait: ActionTraits, name: String, meaning: String)] = [
        (.changes, "change", "It changes a cluster: a window begins that bad slots are attributed to."),
        (.fault, "fault", "It may break traffic, and cannot be in `always`."),
        (.disruption, "disruption", "A fault whose recovery is of interest, and no preparation."),
        (.movesPods, "moves pods", "Pods may run elsewhere after it."),
        (.breaksNodes, "breaks nodes", "Pods of its nodes may end or fall silent; probers in pods keep off them."),
        (.drains, "drains", "It evicts the pods of nodes, so that a PodDisruptionBudget may hold it."),
        (.replacesNodes, "replaces nodes", "Its nodes are gone when it is over, and others have come."),
        (
            .downsNodes, "takes nodes down",
            "All of its nodes go down at once. The last gateways and the majority of the control planes are refused unless "
                + "the step says `expectOutage: true`."
        ),
        (.leavesNodesDown, "leaves nodes down", "Its nodes are down when it is over."),
        (.leavesNodesCordoned, "leaves nodes cordoned", "Its nodes are cordoned when it is over."),
        (.needsPower, "needs power over nodes", "The environment must be able to switch nodes off and on."),
        (.rollsOut, "rolls out", "It changes workloads, and its step waits until their rollouts are complete."),
        (
            .needsControlPlane, "needs the control plane's flags",
            "The environment must be able to change flags of the controller manager."
        ),
    ]

    /// Names of all that it has.
    package var names: [String] { Self.named.filter { isSuperset(of: $0.trait) }.map(\.name) }
}
