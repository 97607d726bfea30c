import QuakeBase
import QuakeCluster
import QuakeRecord

/// Another grace period than the default is a decision.
enum GracePeriodNotDefault: AuditRule {
    static let declaration = RuleDeclaration(
        "node-grace-period-changed", .detection, .note,
        practice:
            "--node-monitor-grace-period is the version's default (40 s up to Kubernetes 1.31, 50 s from 1.32), or chosen "
            + "on purpose.",
        why:
            "A shorter one excludes failed nodes sooner and takes brief disconnections for failures; a longer one does the "
            + "opposite. Via NodePort new connections fail until then.",
        remedy: "Measure both with the plans grace-period-sweep and node-blip.", methods: [.nodePort])

    static func findings(at site: AuditSite) throws -> [Finding] {
        let monitor = try NodeMonitor(site)
        guard monitor.grace != monitor.standard else { return [] }
        return [
            finding(
                "a node that fails is NotReady after about \(monitor.grace.flagText), and not \(monitor.standard.flagText)",
                at: site, [monitor.evidence])
        ]
    }
}
