/// What a step does to a cluster. One case for each entry in the catalogue.
package enum Action: Sendable, Equatable {
    case cordon(NodeTargets)
    case uncordon(NodeTargets)
    case drain(Drain)
    case killNode(NodeTargets, how: KillMethod)
    case startNode(NodeTargets)
    case restartNode(NodeTargets)
    /// Disconnects the nodes for a given time and connects them again.
    case blipNode(NodeTargets, length: Duration)
    case upgradeNodes(UpgradeNodes)
    case expireNodePools(ExpireNodePools)
    case setNodeMonitorGracePeriod(cluster: String, to: Duration, force: Bool)
    case deletePods(DeletePods)
    case rolloutRestart(cluster: String, Hosting)
    case scale(cluster: String, Hosting, replicas: Int)
    /// `kubectl apply -f`, of a file of ``Plan/attachments``, by the name that it has there.
    case apply(cluster: String, file: String)
    case wait(Duration)
    case waitFor(WaitFor)
    case measurePropagation(cluster: String)
    case restoreAll

    /// The kebab-case name used in plans, events, commands and reports.
    package var name: String {
        switch self {
        case .cordon: "cordon"
        case .uncordon: "uncordon"
        case .drain: "drain"
        case .killNode: "kill-node"
        case .startNode: "start-node"
        case .restartNode: "restart-node"
        case .blipNode: "blip-node"
        case .upgradeNodes: "upgrade-nodes"
        case .expireNodePools: "expire-nodepools"
        case .setNodeMonitorGracePeriod: "set-node-monitor-grace-period"
        case .deletePods: "delete-pods"
        case .rolloutRestart: "rollout-restart"
        case .scale: "scale"
        case .apply: "apply"
        case .wait: "wait"
        case .waitFor: "wait-for"
        case .measurePropagation: "measure-propagation"
        case .restoreAll: "restore-all"
        }
    }
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

/// `kubectl drain`.
package struct Drain: Sendable, Equatable {
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
}

/// Cordon, drain, restart, uncordon, node by node or several at once.
package struct UpgradeNodes: Sendable, Equatable {
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
}

/// Expires the NodeClaims of NodePools as Karpenter does.
package struct ExpireNodePools: Sendable, Equatable {
    /// Whether all pools expire at once or one after another.
    package enum Mode: String, Sendable, Codable, CaseIterable {
        case together, staggered
    }

    package var cluster: String
    package var nodePools: [String]
    package var mode: Mode
    /// Between the pools where staggered.
    package var interval: Duration
    /// From a node's expiry to the registration of a fresh one, which is never before the old one is gone.
    package var provisioningTime: Duration
    /// The age at which NodeClaims that the pools make from now on expire by themselves; `nil`: those that are there
    /// expire at once.
    package var expireAfter: Duration?
    /// When pods that their budgets hold are deleted all the same; `nil`: never, as in Karpenter without the field.
    package var terminationGracePeriod: Duration?

    package init(
        cluster: String, nodePools: [String], mode: Mode = .together, interval: Duration = .seconds(60),
        provisioningTime: Duration = .seconds(30), terminationGracePeriod: Duration? = nil, expireAfter: Duration? = nil
    ) {
        self.expireAfter = expireAfter
        self.terminationGracePeriod = terminationGracePeriod
        self.cluster = cluster
        self.nodePools = nodePools
        self.mode = mode
        self.interval = interval
        self.provisioningTime = provisioningTime
    }
}

/// Deletes pods of a workload; their controller makes new ones.
package struct DeletePods: Sendable, Equatable {
    package var cluster: String
    package var hosting: Hosting
    /// How many, chosen by the seed; `nil` for all.
    package var count: Int?
    /// `nil` leaves each pod its own grace period; zero deletes at once.
    package var gracePeriod: Duration?

    package init(cluster: String, hosting: Hosting, count: Int? = nil, gracePeriod: Duration? = nil) {
        self.cluster = cluster
        self.hosting = hosting
        self.count = count
        self.gracePeriod = gracePeriod
    }
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
