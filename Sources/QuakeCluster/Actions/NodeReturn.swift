import QuakeKube

/// Tells when a restarted node's kubelet is back. Its Ready condition does not: a restart shorter than the grace period
/// never shows there.
enum NodeReturn {
    /// `renewTime` of its Lease as it is now.
    static func renewal(of node: String, _ cluster: Cluster) async throws -> String {
        let lease = try await cluster.kube.get(.nodeLease(node))
        return lease[path: "spec.renewTime"]?.stringValue ?? ""
    }

    /// Waits until the Lease is renewed after `last`, and the node is Ready.
    ///
    /// - Throws: `.timeout` with what was seen.
    static func await(_ node: String, after last: String, _ cluster: Cluster, log: any ActionLog) async throws {
        let deadline = ContinuousClock.now + .seconds(180)
        var seen = "nothing"
        while ContinuousClock.now < deadline {
            let renewed = try await renewal(of: node, cluster)
            let status = try await cluster.kube.get(.node(node)).condition("Ready") ?? "absent"
            if renewed != last, status == "True" { return }
            seen = "Ready=\(status), \(renewed == last ? "no renewal" : "renewed")"
            try await log.pause(.milliseconds(100))
        }
        throw ClusterError(.timeout, "\(cluster.name): \(node) is not back 180 s after its restart; seen: \(seen)")
    }
}
