import QuakeRecord

/// Required rules leave room.
enum IstiodTooFewNodes: AuditRule {
    static let declaration = RuleDeclaration(
        "istiod-too-few-nodes", .istiod, .error,
        practice:
            "With required anti-affinity or a DoNotSchedule spread, istiod has no more replicas than eligible nodes.",
        why: "The pods in excess stay Pending, and a rollout of istiod stalls.",
        remedy: "Add nodes, ask for fewer replicas, or make the rule a preference.", methods: [.nodePort])

    static func findings(at site: AuditSite) throws -> [Finding] {
        try site.deployed(.istiod).compactMap { workload in
            let wanted = max(workload.replicas, try site.minimum(of: workload).pods)
            guard let found = try Spreading.crowded(workload, replicas: wanted) else { return nil }
            return finding(
                "\(workload.title) asks for \(wanted) replicas and may run \(found.room)", at: site, found.evidence,
                fix: Spreading.fix(workload, at: site))
        }
    }
}
