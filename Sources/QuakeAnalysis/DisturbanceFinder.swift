import QuakeBase
package import QuakePlan
import QuakeTimeline

/// Tells what others did to nodes in a trial: what its record shows of them, less what the run itself did. Pure.
///
/// A step explains a change that its action makes, of a node that it works on, from its beginning until ``lag`` after its
/// end. Healing explains cordons and taints of nodes that steps of the trial had worked on. In doubt a change is the run's.
/// That a node is NotReady is no disturbance: machines fail without anybody's doing.
package struct DisturbanceFinder {
    /// How long after a call has returned its effect may show in a watch.
    package static let lag = Duration.seconds(5)

    private struct Node: Hashable {
        var cluster: String
        var name: String
    }

    /// What the run did from a step's beginning to its end.
    private struct Work {
        var begin: RunInstant
        /// `nil` where the record does not tell: the work then lasts to the end of the trial.
        var end: RunInstant?
        var nodes: Set<Node> = []
        /// Clusters of which it may have changed any object.
        var clusters: Set<String> = []
        var changes: Set<Disturbance.Change>

        func explains(_ change: Disturbance.Change, of node: Node, at moment: RunInstant) -> Bool {
            guard changes.contains(change), begin <= moment else { return false }
            if let end, end + DisturbanceFinder.lag < moment { return false }
            return nodes.contains(node) || clusters.contains(node.cluster)
        }
    }

    private let events: [Event]
    private var steps: [String: Work] = [:]
    private var healings: [Work] = []

    /// - Parameters:
    ///   - events: of the trial, in order.
    ///   - cell: what the trial did; where it is not known, a step explains every change of its targets.
    package init(_ events: [Event], cell: Cell?) {
        self.events = events
        let actions = cell?.actionsByStep ?? [:]
        for event in events { add(event, actions) }
        let (nodes, clusters) = steps.values.reduce(into: (Set<Node>(), Set<String>())) { all, work in
            all.0.formUnion(work.nodes)
            all.1.formUnion(work.clusters)
        }
        for index in healings.indices { (healings[index].nodes, healings[index].clusters) = (nodes, clusters) }
    }

    /// In the order in which they were seen.
    package func disturbances() -> [Disturbance] {
        var found: [Disturbance] = []
        for event in events {
            switch event.what {
            case .nodeGone(let cluster, let node): note(.deleted, cluster, node, event.at, &found)
            case .nodeUnschedulable(let cluster, let node, let flag):
                note(flag ? .cordoned : .uncordoned, cluster, node, event.at, &found)
            case .nodeTaints(let cluster, let node, let added, let removed):
                note(.tainted, cluster, node, event.at, &found, added)
                note(.untainted, cluster, node, event.at, &found, removed)
            case .nodeReady(let cluster, let node, _):
                let last = found.lastIndex { $0.cluster == cluster && $0.node == node && $0.change == .deleted }
                if let last, found[last].returned == nil { found[last].returned = event.at }
            default: break
            }
        }
        return found
    }

    private func note(
        _ change: Disturbance.Change, _ cluster: String, _ node: String, _ at: RunInstant,
        _ found: inout [Disturbance], _ taints: [String]? = nil
    ) {
        let decided = taints?.filter { !WellKnown.isConditionTaint(Self.key(of: $0)) } ?? []
        if taints != nil, decided.isEmpty { return }
        let place = Node(cluster: cluster, name: node)
        let isOurs = (healings + steps.values).contains { $0.explains(change, of: place, at: at) }
        guard !isOurs else { return }
        found.append(Disturbance(cluster: cluster, node: node, change: change, taints: decided, at: at))
    }

    /// Of `key=value:Effect`.
    private static func key(of taint: String) -> String {
        String(taint.prefix { $0 != "=" && $0 != ":" })
    }

    // MARK: - What the run did

    private mutating func add(_ event: Event, _ actions: [String: Action]) {
        switch event.what {
        case .stepStarted(let step, _): extend(step, [], "", event.at, actions)
        case .targetsResolved(let step, let cluster, let targets): extend(step, targets, cluster, event.at, actions)
        case .faultInjected(let fault): extend(fault.step, fault.targets, fault.cluster, event.at, actions)
        case .changeMade(_, ControlStep.restoreAll.rawValue, _, _):
            healings.append(Work(begin: event.at, changes: [.cordoned, .uncordoned, .tainted, .untainted]))
        case .changeMade(let step, _, let cluster, let targets):
            extend(step, targets, cluster, event.at, actions)
        case .healed: if let last = healings.indices.last { healings[last].end = event.at }
        case .stepFinished(let step, _, _), .alwaysFinished(let step, _, _, _): steps[step]?.end = event.at
        default: break
        }
    }

    private mutating func extend(
        _ step: String, _ targets: [String], _ cluster: String, _ at: RunInstant, _ actions: [String: Action]
    ) {
        let action = actions[step]
        var work = steps[step] ?? Work(begin: at, changes: action?.nodeChanges ?? Set(Disturbance.Change.allCases))
        // A fault is recorded under the moment at which it began.
        work.begin = min(work.begin, at)
        work.nodes.formUnion(targets.map { Node(cluster: cluster, name: $0) })
        if !cluster.isEmpty, action?.changesAnyObject ?? false { work.clusters.insert(cluster) }
        steps[step] = work
    }
}

extension Cell {
    /// Step → what it does; the steps of `always` by the names under which they are recorded.
    fileprivate var actionsByStep: [String: Action] {
        var actions: [String: Action] = [:]
        func add(_ step: Step) {
            switch step.body {
            case .action(let action): actions[step.id] = action
            case .parallel(let children): for child in children { add(child) }
            }
        }
        for step in steps { add(step) }
        for (index, action) in always.enumerated() { actions["always-\(index + 1)"] = action }
        return actions
    }
}

extension Action {
    /// The changes of the Nodes that it works on which are its own doing.
    fileprivate var nodeChanges: Set<Disturbance.Change> {
        let heals = declaration.heals
        if changesAnyObject { return Set(Disturbance.Change.allCases) }
        switch scope {
        case .nodes, .nodePools: break
        case .workload, .cluster, nil: return []
        }
        if traits.contains(.replacesNodes) { return [.deleted, .tainted, .untainted] }
        if traits.contains(.leavesNodesCordoned) { return [.cordoned] }
        if traits.contains(.drains) { return [.cordoned, .uncordoned] }
        if heals == .leavesNodesCordoned { return [.uncordoned] }
        if traits.contains(.downsNodes) || !heals.isEmpty { return [] }
        // Whatever else it does to its nodes, the catalogue does not say.
        return traits.contains(.changes) ? Set(Disturbance.Change.allCases) : []
    }

    /// It works on objects of a whole cluster, Nodes perhaps among them.
    fileprivate var changesAnyObject: Bool {
        guard case .cluster? = scope else { return false }
        return traits.contains(.changes) && !traits.contains(.needsControlPlane)
    }
}
