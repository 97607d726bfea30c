import QuakeBase
import QuakeCluster
import QuakeKube

/// How fast the control plane notices a dead node, as its pod and the leases say.
struct NodeMonitor {
    /// The controller manager's pod.
    let pod: JSONValue
    let flags: [String: String]
    let grace: Duration
    /// What the version has where no flag is set.
    let standard: Duration

    /// - Throws: ``Unchecked`` where it cannot be seen, as in most managed clusters.
    init(_ site: AuditSite) throws(Unchecked) {
        let pods = try site.items(.pods).filter { $0.labels["component"] == "kube-controller-manager" }
        guard let pod = pods.first else {
            throw Unchecked("no pod in kube-system is a controller manager, whose flags would show it")
        }
        guard let version = site.facts.snapshot.version else { throw Unchecked("the server's version is not known") }
        self.pod = pod
        flags = NodeMonitoring.flags(of: pod)
        grace = NodeMonitoring.gracePeriod(flags, version: version)
        standard = NodeMonitoring.gracePeriod([:], version: version)
    }

    var evidence: Evidence {
        Evidence(
            pod, "spec.containers.0.command --\(NodeMonitoring.gracePeriodFlag)",
            flags[NodeMonitoring.gracePeriodFlag] ?? "absent: \(standard.flagText)")
    }
}
