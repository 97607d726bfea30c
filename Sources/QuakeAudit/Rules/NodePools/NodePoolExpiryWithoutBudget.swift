/// Expiry meets a budget.
enum NodePoolExpiryWithoutBudget: AuditRule {
    static let declaration = RuleDeclaration(
        "nodepool-expiry-without-budget", .nodepools, .warning,
        practice: "Where nodes that run gateways expire, a PodDisruptionBudget selects the gateway's pods.",
        why: "Expiry drains as many nodes as are due: only a PodDisruptionBudget keeps it from taking all replicas.",
        remedy: "Add a PodDisruptionBudget with maxUnavailable 1.")

    static func findings(at site: AuditSite) throws -> [Finding] {
        try site.deployed(.gateway).compactMap { workload in
            let pools = try site.pools(of: workload).filter { site.expiry(of: $0).text != "Never" }
            guard !pools.isEmpty, try site.budgets(of: workload).isEmpty else { return nil }
            return finding(
                "nodes with pods of \(workload.title) expire, and no PodDisruptionBudget selects the pods", at: site,
                pools.map { Evidence($0, site.expiry(of: $0).field, site.expiry(of: $0).text) },
                fix: site.budgetFix(workload))
        }
    }
}
