import QuakeBase
import QuakeCluster
import QuakeKube

/// Healthy nodes stay Ready.
enum GracePeriodBelowRenewal: AuditRule {
    static let declaration = RuleDeclaration(
        "node-grace-period-below-renewal", .detection, .warning,
        practice: "--node-monitor-grace-period is longer than the interval in which kubelets renew their leases.",
        why:
            "A shorter one declares healthy nodes NotReady between two renewals: they flap, and with them the targets of peers.",
        remedy: "Set --node-monitor-grace-period to several renewals, 10 s each by default.")

    static func findings(at site: AuditSite) throws -> [Finding] {
        let monitor = try NodeMonitor(site)
        let leases = try site.items(.leases)
        guard let longest = leases.max(by: { ($0.seconds ?? 0) < ($1.seconds ?? 0) }), let seconds = longest.seconds
        else { throw Unchecked("there are no node leases, which would show how often kubelets renew them") }
        // A kubelet renews its lease each quarter of its length.
        let renewal = Duration.seconds(seconds) / 4
        guard monitor.grace <= renewal else { return [] }
        return [
            finding(
                "the grace period, \(monitor.grace.flagText), is not longer than a renewal, \(renewal.flagText)",
                at: site,
                [monitor.evidence, Evidence(longest, "spec.leaseDurationSeconds")])
        ]
    }
}

extension JSONValue {
    fileprivate var seconds: Int? { LeaseView(self).seconds }
}
