import QuakeBase
import QuakeKube

/// Tells when a restarted node's kubelet is back. Its Ready condition does not: a restart shorter than the grace period
/// never shows there.
enum NodeReturn {
    /// `renewTime` of its Lease as it is now.
    static func renewal(of node: String, _ cluster: Cluster) async throws -> String {
        LeaseView(try await cluster.kube.get(.nodeLease(node))).renewed
    }

    /// Waits until the Lease is renewed after `last`, and the node is Ready.
    ///
    /// - Throws: `.timeout` with what was seen.
    static func await(_ node: String, after last: String, _ cluster: Cluster) async throws {
        let what = "\(cluster.name): \(node)"
        do {
            try await poll(until: "\(what) back", within: .seconds(180), every: .milliseconds(100)) {
                () -> Look<Void> in
                let renewed = try await renewal(of: node, cluster)
                let status = NodeView(try await cluster.kube.get(.node(node))).readiness ?? "absent"
                if renewed != last, status == "True" { return .met(()) }
                return .notYet("Ready=\(status), \(renewed == last ? "no renewal" : "renewed")")
            }
        } catch let timeout as PollTimeout {
            throw ClusterError(.timeout, "\(what) is not back 180 s after its restart; seen: \(timeout.last)")
        }
    }
}
