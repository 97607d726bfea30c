import QuakeKube

/// The InternalIPs of all nodes at one moment. A container engine may give a node another one when it starts it again, and
/// what knows the old one is broken until it learns the new one.
struct NodeAddresses: Sendable, Equatable {
    /// Cluster → node → address.
    private var known: [String: [String: String]] = [:]

    init(_ nodes: [String: [JSONValue]]) {
        for (cluster, objects) in nodes {
            for object in objects {
                known[cluster, default: [:]][object.name] = NodeView(object).internalIP
            }
        }
    }

    /// What a run says of each node that has another address now; a node that is gone or new is not meant.
    func changes(to now: NodeAddresses) -> [String] {
        known.sorted { $0.key < $1.key }.flatMap { cluster, nodes in
            nodes.sorted { $0.key < $1.key }.compactMap { node, before -> String? in
                guard let after = now.known[cluster]?[node], after != before else { return nil }
                return
                    "\(cluster): \(node) came back as \(after), and was \(before): clients that kept the old InternalIP (target sets and load balancers until they are updated, routes, certificates of a control plane) do not reach it"
            }
        }
    }
}
