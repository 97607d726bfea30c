/// The actions by name alone, with what the plan's rules must know of each.
enum ActionKind: String, CaseIterable {
    case cordon, uncordon, drain
    case killNode = "kill-node"
    case startNode = "start-node"
    case restartNode = "restart-node"
    case blipNode = "blip-node"
    case upgradeNodes = "upgrade-nodes"
    case expireNodePools = "expire-nodepools"
    case setNodeMonitorGracePeriod = "set-node-monitor-grace-period"
    case deletePods = "delete-pods"
    case rolloutRestart = "rollout-restart"
    case scale, apply, wait
    case waitFor = "wait-for"
    case measurePropagation = "measure-propagation"
    case parallel
    case restoreAll = "restore-all"

    static let names = allCases.map(\.rawValue)

    /// Whether it opens a window that bad slots are attributed to.
    var changesCluster: Bool {
        switch self {
        case .wait, .waitFor, .measurePropagation: false
        default: true
        }
    }

    /// Whether it is a fault whose recovery is of interest, and no preparation or healing.
    var isDisruptive: Bool {
        switch self {
        case .drain, .killNode, .restartNode, .blipNode, .upgradeNodes, .expireNodePools, .deletePods,
            .rolloutRestart, .scale:
            true
        default: false
        }
    }

    /// Whether its beginning is a fault: it may break traffic. What heals, waits or measures is none.
    var isFault: Bool {
        switch self {
        case .uncordon, .startNode, .wait, .waitFor, .measurePropagation, .parallel, .restoreAll: false
        default: true
        }
    }

    /// Whether it evicts the pods of nodes, so that a budget may hold it.
    var drains: Bool { self == .drain || self == .upgradeNodes || self == .expireNodePools }

    /// The faults that this action heals; empty for one that heals none.
    var heals: [ActionKind] {
        switch self {
        case .startNode: [.killNode]
        case .uncordon: [.cordon, .drain]
        default: []
        }
    }

    /// The states of its own nodes that an `until` can see. A restart or an upgrade ends with its nodes Ready, an expiry
    /// with other nodes in the place of its own, and nothing but an expiry takes a node away.
    var provableStates: [Condition.NodeState] {
        switch self {
        case .killNode, .startNode, .blipNode: [.ready, .notReady]
        case .expireNodePools: [.gone]
        case .waitFor: Condition.NodeState.allCases
        default: [.ready]
        }
    }

    /// Whether an `until` on the step has something to look at.
    var takesUntil: Bool {
        switch self {
        case .wait, .waitFor, .parallel, .restoreAll: false
        default: true
        }
    }
}

/// A step's name and place before its body is read, so that a reference to a later step can be told from one to none.
struct StepIdentity: Equatable {
    var id: String
    var line: Int
}

/// What later parts of a plan must know of a step.
struct StepFacts {
    var id: String
    var kind: ActionKind
    /// `nil` for steps on no cluster, or on several.
    var cluster: String?
    var hasNodes = false
    /// What the nodes that a `wait-for` looks at were taken by; `nil` where it selects them itself.
    var reference: ActionKind?
    /// From the action's end to the next step.
    var hold = Duration.zero
    /// Time that the action itself takes for certain.
    var length = Duration.zero
    /// Between two faults of a composite action; `nil` where there is one fault.
    var pause: Duration?
    /// Shortest time from a fault of this step to the next step that changes a cluster.
    var window = Duration.zero
    /// Steps inside a `parallel`.
    var children: [String] = []
}
