import QuakeBase
import QuakeKube

/// Brings back a node that was expired: as it was, where its Node is still the same one; else as a fresh one.
struct NodeRenewal: Sendable {
    var cluster: Cluster
    var node: String
    /// Of the Node that expired.
    var uid: String
    /// Labels of that Node, without those of its expiry.
    var labels: [String: String]
    /// Whether a fresh Node is cordoned, as the old one was.
    var cordons = false

    /// Idempotent. Returns when the node is Ready.
    func complete() async throws {
        try await Inverse.renewNode(node: node, uid: uid, labels: labels, isCordoned: cordons).revert(on: cluster)
    }

    /// Gives the Node that is there now what the old one had.
    ///
    /// - Throws: `.timeout` while none is registered.
    func mend() async throws {
        let found: JSONValue
        do throws(KubeError) {
            found = try await cluster.kube.get(.node(node))
        } catch {
            guard error.code == .notFound else { throw error }
            throw ClusterError(.timeout, "\(cluster.name): \(node) has not registered yet")
        }
        try await cluster.kube.patch(.node(node), change(of: found))
    }

    /// Labels that the fresh Node lacks, and what the expiry left on the old one.
    private func change(of found: JSONValue) -> JSONValue {
        var wanted: [String: JSONValue] = labels.filter { found.labels[$0.key] != $0.value }
            .mapValues { .string($0) }
        let exclusion = WellKnown.excludeFromLoadBalancers
        if labels[exclusion] == nil, found.labels[exclusion] != nil { wanted[exclusion] = .null }
        let taints = NodeView(found).taints.filter { $0["key"]?.stringValue != WellKnown.disrupted }
        var change: JSONValue = [
            "metadata": ["labels": .object(wanted)], "spec": ["taints": taints.isEmpty ? .null : .array(taints)],
        ]
        if cordons, found.uid != uid { change.set(true, at: "spec", "unschedulable") }
        return change
    }
}
