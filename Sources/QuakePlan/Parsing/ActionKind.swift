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

    /// The faults that this action heals; empty for one that heals none.
    var heals: [ActionKind] {
        switch self {
        case .startNode: [.killNode]
        case .uncordon: [.cordon, .drain]
        default: []
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
