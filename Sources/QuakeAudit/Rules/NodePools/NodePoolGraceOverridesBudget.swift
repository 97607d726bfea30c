import QuakeKube

/// A termination grace period ends what a budget keeps.
enum NodePoolGraceOverridesBudget: AuditRule {
    static let declaration = RuleDeclaration(
        "nodepool-grace-overrides-budget", .nodepools, .warning,
        practice:
            "NodePools whose nodes run gateways have no terminationGracePeriod, or one that is long enough to replace "
            + "the gateway.",
        why: "When it has passed, Karpenter deletes the node's pods whatever their PodDisruptionBudget says.",
        remedy: "Remove terminationGracePeriod, or make it longer than a replacement node and its gateway take.")

    static func findings(at site: AuditSite) throws -> [Finding] {
        let field = "spec.template.spec.terminationGracePeriod"
        return try site.deployed(.gateway).flatMap { workload -> [Finding] in
            let budgets = try site.budgets(of: workload)
            guard !budgets.isEmpty else { return [] }
            return try site.pools(of: workload).filter { $0[path: field] != nil }.map { pool in
                finding(
                    "NodePool \(pool.name) deletes pods of \(workload.title) against their budget after "
                        + (pool[path: field]?.stringValue ?? "its terminationGracePeriod"), at: site,
                    [Evidence(pool, field)] + budgets.map { Evidence($0, "spec") },
                    fix: AuditFix(
                        .patch(resource: "nodepool", namespace: "", name: pool.name),
                        ["spec": ["template": ["spec": ["terminationGracePeriod": .null]]]]))
            }
        }
    }
}
