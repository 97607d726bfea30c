package import QuakeKube
package import QuakePlan

/// A node that an action works on, pinned by its uid.
package struct NodeTarget: Sendable, Hashable, Codable {
    package var name: String
    package var uid: String
    package var isCordoned: Bool

    package init(name: String, uid: String, isCordoned: Bool) {
        self.name = name
        self.uid = uid
        self.isCordoned = isCordoned
    }
}

/// Turns selectors into nodes. Pure, but for the objects that it is given.
package enum TargetResolver {
    /// The nodes that every criterion selects, `count` of them by the generator's choice, in the order of their names.
    ///
    /// - Parameters:
    ///   - hosts: the nodes that run ready pods of a part of the mesh or a workload.
    ///   - carrier: the node that carries the traffic of ``NodeSelector/carrying``; only used where that names one.
    ///   - dialled: the nodes that clients dial, or what they dial that is no node; only used where ``NodeSelector/dialled``
    ///     asks for it.
    /// - Throws: `.noTargets`, with what there is.
    package static func resolve(
        _ selector: NodeSelector, nodes: [JSONValue], hosts: (Hosting) -> Set<String>,
        carrier: String? = nil, dialled: Set<String> = [], using generator: inout some RandomNumberGenerator
    ) throws(ClusterError) -> [NodeTarget] {
        if let unknown = selector.names.first(where: { name in !nodes.contains { $0.name == name } }) {
            throw ClusterError(
                .noTargets, "no node \"\(unknown)\"; there are: \(nodes.map(\.name).sorted().joined(separator: ", "))")
        }
        var chosen = nodes.filter { matches($0, selector, hosts) && !selector.exclude.contains($0.name) }
            .sorted { $0.name < $1.name }
        if let traffic = selector.carrying {
            chosen = chosen.filter { $0.name == carrier }
            guard !chosen.isEmpty else {
                throw ClusterError(
                    .noTargets, "\(carrier ?? "the node") carries \(traffic), and does not match the selector")
            }
        }
        if let wanted = selector.dialled {
            chosen = chosen.filter { dialled.contains($0.name) == wanted }
            guard !chosen.isEmpty else {
                throw ClusterError(
                    .noTargets,
                    "no node that clients \(wanted ? "dial" : "do not dial") matches the selector; they dial "
                        + "\(dialled.isEmpty ? "nothing" : dialled.sorted().joined(separator: ", "))")
            }
        }
        guard !chosen.isEmpty else { throw ClusterError(.noTargets, "no node matches the selector") }
        if let count = selector.count {
            guard chosen.count >= count else {
                throw ClusterError(.noTargets, "\(chosen.count) nodes match the selector, and \(count) are wanted")
            }
            chosen = Array(chosen.shuffled(using: &generator).prefix(count)).sorted { $0.name < $1.name }
        }
        return chosen.map { NodeTarget($0) }
    }

    private static func matches(
        _ node: JSONValue, _ selector: NodeSelector, _ hosts: (Hosting) -> Set<String>
    ) -> Bool {
        let (node, labels) = (NodeView(node), node.labels)
        if !selector.names.isEmpty, !selector.names.contains(node.name) { return false }
        if !selector.labels.allSatisfy({ labels[$0.key] == $0.value }) { return false }
        if let role = selector.role, node.isControlPlane != (role == "control-plane") { return false }
        if let zone = selector.zone, node.zone != zone { return false }
        if let pool = selector.nodePool, node.nodePool != pool { return false }
        if let hosting = selector.hosting, !hosts(hosting).contains(node.name) { return false }
        return true
    }
}
