import QuakeBase
package import QuakeKube
package import QuakePlan

/// Which nodes a step works on: the one answer for runs and dry runs alike.
package struct StepTargets: Sendable, Equatable {
    package var cluster: String
    package var nodes: [NodeTarget]

    package init(cluster: String, nodes: [NodeTarget]) {
        self.cluster = cluster
        self.nodes = nodes
    }

    /// A step's place in its plan: `3`, or `3.1` in a parallel.
    package struct Path: Sendable, Hashable, CustomStringConvertible {
        /// Each from 0.
        package var indices: [Int]
        /// One of the plan's `always`.
        package var isAlways: Bool

        package init(_ indices: [Int], isAlways: Bool = false) {
            self.indices = indices
            self.isAlways = isAlways
        }

        /// The place of a step in this parallel, from 0.
        package func child(_ index: Int) -> Path { Path(indices + [index], isAlways: isAlways) }

        /// As people count.
        package var description: String {
            (isAlways ? "always " : "") + indices.map { "\($0 + 1)" }.joined(separator: ".")
        }

        /// Seeds every random choice of the step: the same in each cell of a repeat, so that reports can pair them, and
        /// no two steps' alike.
        package func seed(_ planSeed: UInt64, repeatIndex: Int) -> UInt64 {
            // A top-level step's seed depends on its index alone; each level below mixes in one number more.
            let parts = (isAlways ? [UInt64.max] : []) + indices.map { UInt64($0) }
            return parts.reduce(SeededGenerator.seed(planSeed, UInt64(repeatIndex))) { SeededGenerator.seed($0, $1) }
        }
    }

    /// Resolves what an action works on, by what a cluster's watches show now.
    ///
    /// - Parameters:
    ///   - observers: by cluster.
    ///   - earlier: the targets of steps that were resolved before, by id.
    ///   - carrying: the node whose gateway carries a traffic now, by the traffic's name; it throws where that is not known.
    ///   - dialled: what clients of a cluster dial now, by the cluster's name; it throws where that is not known.
    /// - Throws: `.noTargets` with what there is; `.unsupported` for a cluster that is not known.
    package static func resolve(
        _ action: Action, seed: UInt64, observers: [String: ClusterObserver], peering: any Peering,
        earlier: (String) -> StepTargets?, carrying: (String) throws(ClusterError) -> String = Self.unknownCarrier,
        dialled: (String) throws(ClusterError) -> Set<String> = Self.unknownTargets
    ) throws(ClusterError) -> StepTargets {
        switch action.scope {
        case nil: return StepTargets(cluster: "", nodes: [])
        case .workload(_, let cluster)?, .cluster(let cluster)?: return StepTargets(cluster: cluster, nodes: [])
        case .nodePools(let pools, let cluster)?:
            return StepTargets(cluster: cluster, nodes: try members(of: pools, cluster, observers))
        case .nodes(.step(let id))?:
            guard let known = earlier(id) else { throw ClusterError(.noTargets, "step \(id) has no targets") }
            return known
        case .nodes(.select(let cluster, let selector))?:
            let observer = try observer(of: cluster, observers)
            var generator = SeededGenerator(seed: seed)
            let carrier = try selector.carrying.map(carrying)
            let nodes = try TargetResolver.resolve(
                selector, nodes: observer.nodes, hosts: { hosts(of: $0, observer, peering) }, carrier: carrier,
                dialled: selector.dialled == nil ? [] : dialled(cluster), using: &generator)
            return StepTargets(cluster: cluster, nodes: nodes)
        }
    }

    /// While no traffic runs.
    package static func unknownCarrier(of traffic: String) throws(ClusterError) -> String {
        throw ClusterError(.noTargets, "the node that carries \(traffic) then, which only a run can tell")
    }

    /// Before a run, which reads what its clients dial.
    package static func unknownTargets(of cluster: String) throws(ClusterError) -> Set<String> {
        throw ClusterError(.noTargets, "the nodes of \(cluster) that clients dial then, which only a run can tell")
    }

    /// Every node that a step may work on, whatever the seed picks and wherever pods run.
    package static func candidates(
        _ action: Action, observers: [String: ClusterObserver], peering: any Peering
    ) -> StepTargets? {
        if case .nodePools(let pools, let cluster)? = action.scope {
            return StepTargets(cluster: cluster, nodes: (try? members(of: pools, cluster, observers)) ?? [])
        }
        guard case .select(let cluster, let selector)? = action.nodeTargets, let observer = observers[cluster] else {
            return nil
        }
        var generator = SeededGenerator(seed: 0)
        let found = try? TargetResolver.resolve(
            selector.widest, nodes: observer.nodes, hosts: { all(of: $0, observer, peering) }, using: &generator)
        return StepTargets(cluster: cluster, nodes: found ?? [])
    }

    private static func observer(
        of cluster: String, _ observers: [String: ClusterObserver]
    ) throws(ClusterError) -> ClusterObserver {
        guard let observer = observers[cluster] else { throw ClusterError(.unsupported, "no cluster \(cluster)") }
        return observer
    }

    private static func members(
        of pools: [String], _ cluster: String, _ observers: [String: ClusterObserver]
    ) throws(ClusterError) -> [NodeTarget] {
        try observer(of: cluster, observers).nodes
            .filter { pools.contains(NodeView($0).nodePool ?? "") }
            .map { NodeTarget($0) }
    }

    /// Nodes that run ready pods of it.
    private static func hosts(of hosting: Hosting, _ observer: ClusterObserver, _ peering: any Peering) -> Set<String> {
        guard let place = peering.place(of: hosting) else { return [] }
        let ready = observer.pods(at: place).map { PodView($0) }.filter { $0.isReady && !$0.isBeingDeleted }
        return Set(ready.compactMap(\.node))
    }

    private static func all(of hosting: Hosting, _ observer: ClusterObserver, _ peering: any Peering) -> Set<String> {
        guard let place = peering.place(of: hosting) else { return [] }
        return Set(observer.pods(at: place).compactMap { PodView($0).node })
    }
}

extension NodeTarget {
    package init(_ node: JSONValue) {
        self.init(name: node.name, uid: node.uid, isCordoned: NodeView(node).isCordoned)
    }
}
