import QuakeKube
import QuakePlan

/// What a plan must say that it expects before it is done.
enum Guards {
    /// Whether these nodes may go. Those that this run took down before, or is about to beside this, count as gone
    /// though they look Ready for a while.
    ///
    /// - Parameter gracefully: they are drained, so that their gateways move while this goes on: for others beside it
    ///   they do not count as gone.
    /// - Throws: `.guarded` if they run the last ready gateways, or a majority of the control planes.
    static func check(_ context: ActionContext, gracefully: Bool = false) throws(ClusterError) {
        let nodes = Set(context.nodes.map(\.name))
        let gone = context.log.doom(gracefully ? [] : nodes, of: context.cluster.name).union(nodes)
        guard !context.expectOutage, let observer = context.observer else { return }
        try checkGateways(nodes, gone, observer, context)
        try checkQuorum(nodes, gone, observer, context)
    }

    /// The same for what is drained before: its gateways have moved, and only etcd's quorum is at stake.
    static func checkQuorum(of nodes: [NodeTarget], _ context: ActionContext) throws(ClusterError) {
        guard !context.expectOutage, let observer = context.observer else { return }
        let names = Set(nodes.map(\.name))
        try checkQuorum(names, context.log.doom([], of: context.cluster.name).union(names), observer, context)
    }

    private static func checkGateways(
        _ nodes: Set<String>, _ gone: Set<String>, _ observer: ClusterObserver, _ context: ActionContext
    ) throws(ClusterError) {
        guard let hosts = lastGateways(on: nodes, gone: gone, observer, context.peering) else { return }
        throw refusal(of: context.action, hosts.intersection(nodes), also(hosts, nodes))
    }

    /// The nodes of all ready gateways, where none is left beside nodes that go; `nil` where one is, or none runs on these.
    static func lastGateways(
        on nodes: Set<String>, gone: Set<String>, _ observer: ClusterObserver, _ peering: any Peering
    ) -> Set<String>? {
        guard let place = peering.place(of: .gateway) else { return nil }
        let hosts = Set(observer.pods(at: place).map { PodView($0) }.filter(\.isReady).compactMap(\.node))
        return !hosts.isDisjoint(with: nodes) && hosts.isSubset(of: gone) ? hosts : nil
    }

    static func refusal(of action: String, _ nodes: Set<String>, _ also: String = "") -> ClusterError {
        ClusterError(
            .guarded, "\(action): the last ready gateways run on \(words(nodes))\(also)",
            hint: "If that is what you mean, say `expectOutage: true`.")
    }

    private static func checkQuorum(
        _ nodes: Set<String>, _ gone: Set<String>, _ observer: ClusterObserver, _ context: ActionContext
    ) throws(ClusterError) {
        let planes = Set(observer.nodes.map { NodeView($0) }.filter(\.isControlPlane).map(\.name))
        let left = planes.subtracting(gone).count
        guard !planes.isDisjoint(with: nodes), left * 2 <= planes.count else { return }
        throw ClusterError(
            .guarded,
            "\(context.action): \(left) of \(planes.count) control planes would be left\(also(planes.intersection(gone), nodes)): etcd has no quorum",
            hint: "If that is what you mean, say `expectOutage: true`.")
    }

    private static func words(_ nodes: Set<String>) -> String { nodes.sorted().joined(separator: ", ") }

    /// Names what is gone beside the nodes in question.
    private static func also(_ gone: Set<String>, _ nodes: Set<String>) -> String {
        let others = gone.subtracting(nodes)
        return others.isEmpty ? "" : " (\(words(others)) \(others.count == 1 ? "is" : "are") down already)"
    }
}
