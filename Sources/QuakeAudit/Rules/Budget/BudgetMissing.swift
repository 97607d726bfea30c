import QuakeBase

/// A budget keeps drains from taking all replicas at once.
enum BudgetMissing: AuditRule {
    static let declaration = RuleDeclaration(
        "budget-missing", .budget, .warning,
        practice: "A PodDisruptionBudget selects the gateway's pods.",
        why:
            "Drains of several nodes at once, as in upgrades and node expiry, may take every replica before one is back.",
        remedy: "Add a PodDisruptionBudget with maxUnavailable 1.")

    static func findings(at site: AuditSite) throws -> [Finding] {
        try site.deployed(.gateway).filter { try site.budgets(of: $0).isEmpty }.map { workload in
            finding(
                "no PodDisruptionBudget selects the pods of \(workload.title)", at: site,
                [Evidence(workload.object, "spec.template.metadata.labels")], fix: site.budgetFix(workload))
        }
    }
}
