package import QuakePlan

extension Action {
    /// The implementation of an action that changes clusters; `nil` for what the runner does itself (waits and the
    /// restoration of everything) and for what is not available.
    package var implementation: (any ClusterAction)? {
        switch self {
        case .cordon: CordonAction()
        case .uncordon: UncordonAction()
        case .drain(let drain): DrainAction(drain)
        case .killNode(_, let how): KillNodeAction(how: how)
        case .startNode: StartNodeAction()
        case .restartNode: RestartNodeAction()
        case .blipNode(_, let length): BlipNodeAction(length: length)
        case .upgradeNodes(let upgrade): UpgradeNodesAction(upgrade)
        case .setNodeMonitorGracePeriod(_, let period, let force):
            SetNodeMonitorGracePeriodAction(period, force: force)
        case .deletePods(let delete): DeletePodsAction(delete)
        case .rolloutRestart(_, let hosting): RolloutRestartAction(hosting)
        case .scale(_, let hosting, let replicas): ScaleAction(hosting, replicas: replicas)
        case .apply(_, let file): ApplyAction(file: file)
        case .expireNodePools(let expiry): ExpireNodePoolsAction(expiry)
        case .wait, .waitFor, .restoreAll, .measurePropagation: nil
        }
    }

    /// The nodes that it works on, where it works on nodes.
    package var nodeTargets: NodeTargets? {
        switch self {
        case .cordon(let targets), .uncordon(let targets), .killNode(let targets, _), .startNode(let targets),
            .restartNode(let targets), .blipNode(let targets, _):
            targets
        case .drain(let drain): drain.targets
        case .upgradeNodes(let upgrade): upgrade.targets
        case .waitFor(let wait): wait.targets
        default: nil
        }
    }

    /// The cluster that it names itself; `nil` where its targets do.
    package var namedCluster: String? {
        switch self {
        case .setNodeMonitorGracePeriod(let cluster, _, _), .rolloutRestart(let cluster, _),
            .scale(let cluster, _, _), .apply(let cluster, _), .measurePropagation(let cluster):
            cluster
        case .deletePods(let delete): delete.cluster
        case .waitFor(let wait): wait.cluster
        case .expireNodePools(let expire): expire.cluster
        default: nil
        }
    }

    /// Whether it may break traffic: its beginning has a random phase then.
    package var isFault: Bool {
        switch self {
        case .uncordon, .startNode, .wait, .waitFor, .restoreAll, .measurePropagation: false
        default: true
        }
    }

    /// What an environment must be able to do for it.
    package var needsPower: Bool {
        switch self {
        case .killNode, .startNode, .restartNode, .blipNode, .upgradeNodes: true
        default: false
        }
    }

    package var needsControlPlane: Bool {
        if case .setNodeMonitorGracePeriod = self { true } else { false }
    }

    /// In words, for `--dry-run`.
    package var inverseWords: String {
        switch self {
        case .cordon, .drain: "uncordon, where the node was not cordoned before"
        case .uncordon: "cordon, where the node was cordoned before this run"
        case .killNode, .restartNode, .blipNode: "start the node"
        case .upgradeNodes: "uncordon and start the node"
        case .setNodeMonitorGracePeriod: "the flag as it was"
        case .rolloutRestart: "the pod template as it was"
        case .scale: "as many replicas as there were"
        case .apply: "each object as it was, or gone"
        case .expireNodePools:
            "a fresh node for each that is gone, with its labels; `expireAfter` as it was; the substitute for Karpenter deleted"
        case .startNode, .deletePods, .wait, .waitFor, .measurePropagation, .restoreAll: "none"
        }
    }
}
