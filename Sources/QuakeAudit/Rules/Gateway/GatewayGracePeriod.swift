import QuakeKube
import QuakeSim

/// There is time to drain.
enum GatewayGracePeriod: AuditRule {
    /// From SIGTERM, ztunnel and Envoy cut what is open 5 s before the end of the grace period.
    private static let reserve = 5
    /// For connections that are open to end.
    private static let least = 10

    static let declaration = RuleDeclaration(
        "gateway-grace-period", .gateway, .warning,
        practice: "The gateway's grace period leaves at least 10 s to drain, less its preStop and the last 5 s.",
        why:
            "Connections that are open are cut 5 s before the grace period ends, and the preStop hook comes off it first.",
        remedy: "Set terminationGracePeriodSeconds to 30 or more, and above the length of preStop.")

    static func findings(at site: AuditSite) throws -> [Finding] {
        try site.deployed(.gateway).compactMap { workload in
            let spec = workload.spec
            let grace = spec["terminationGracePeriodSeconds"]?.intValue ?? 30
            let preStop = Int(workload.template.preStop.components.seconds)
            let left = grace - preStop - reserve
            guard left < least else { return nil }
            let field = "spec.template.spec.terminationGracePeriodSeconds"
            let patch: JSONValue = [
                "spec": [
                    "template": ["spec": ["terminationGracePeriodSeconds": .int(Int64(max(30, preStop + 25)))]]
                ]
            ]
            return finding(
                "\(workload.title) has \(max(0, left)) s to drain", at: site,
                [
                    Evidence(workload.object, field, "\(grace)"),
                    Evidence(workload.object, "spec.template.spec.containers[*].lifecycle.preStop", "\(preStop) s"),
                ], fix: site.fix(workload, patch: patch))
        }
    }
}
