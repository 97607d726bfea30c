import QuakeKube

/// A budget keeps something.
enum BudgetProtectsNothing: AuditRule {
    static let declaration = RuleDeclaration(
        "budget-protects-nothing", .budget, .warning,
        practice: "The budget of the gateway and that of istiod keep at least one pod.",
        why: "A budget that lets all pods go at once protects nothing: drains of several nodes may take every replica.",
        remedy: "Use maxUnavailable 1.")

    static func findings(at site: AuditSite) throws -> [Finding] {
        try site.singleBudgets().compactMap { workload, budget in
            let minimum = try site.minimum(of: workload)
            // A single replica is another rule's.
            guard minimum.pods > 1, budget.spare >= minimum.pods else { return nil }
            return finding(
                "PodDisruptionBudget \(budget.object.namespace)/\(budget.object.name) lets all pods of \(workload.title) go",
                at: site,
                [Evidence(budget.object, budget.field), Evidence(minimum.object, minimum.field, "\(minimum.pods)")],
                fix: site.budgetFix(workload, budget.object, spec: ["maxUnavailable": 1, "minAvailable": .null]))
        }
    }
}
