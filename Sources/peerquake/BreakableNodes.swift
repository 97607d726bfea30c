import QuakeBase
import QuakeCluster
import QuakeKube
import QuakePlan

/// The nodes that a plan may break, as things stand before it begins: probers keep off them.
enum BreakableNodes {
    /// Cluster → names of nodes. What is chosen at random counts whole, and a selector that selects nothing yet counts
    /// nothing.
    static func of(
        _ plan: Plan, _ clusters: [String: Cluster], _ peering: any Peering
    ) async throws -> [String: Set<String>] {
        var broken: [String: Set<String>] = [:]
        let actions = plan.cells.flatMap { Capabilities.actions(of: $0.steps) }
        for (name, cluster) in clusters {
            let nodes = try await cluster.kube.list(.nodes).items
            for action in actions where action.traits.contains(.breaksNodes) {
                broken[name, default: []].formUnion(try await names(action, in: cluster, nodes, peering))
            }
        }
        return broken
    }

    private static func names(
        _ action: Action, in cluster: Cluster, _ nodes: [JSONValue], _ peering: any Peering
    ) async throws -> [String] {
        if case .nodePools(let pools, cluster: cluster.name)? = action.scope {
            return nodes.filter { node in
                NodeView(node).nodePool.map { pools.contains($0) } ?? false
            }.map(\.name)
        }
        guard case .select(cluster.name, let written)? = action.nodeTargets else { return [] }
        let selector = written.widest
        var hosts: Set<String> = []
        if let hosting = selector.hosting, let place = peering.place(of: hosting) {
            let pods = try await cluster.kube.list(.pods(place.namespace), labels: place.selector).items
                .filter(place.includes)
            hosts = Set(pods.compactMap { PodView($0).node })
        }
        var generator = SeededGenerator(seed: 0)
        let found = try? TargetResolver.resolve(
            selector, nodes: nodes, hosts: { [hosts] _ in hosts }, using: &generator)
        return (found ?? []).map(\.name)
    }
}
