import QuakeKube

/// Pods that are not Ready do not hold a drain up.
enum BudgetUnhealthyPods: AuditRule {
    static let declaration = RuleDeclaration(
        "budget-unhealthy-pods", .budget, .note,
        practice: "The budget has unhealthyPodEvictionPolicy AlwaysAllow.",
        why:
            "By default a pod that runs and is not Ready may not be evicted while the budget is not met, so a gateway that "
            + "is broken blocks the drain that could heal it.",
        remedy: "Set spec.unhealthyPodEvictionPolicy to AlwaysAllow.")

    static func findings(at site: AuditSite) throws -> [Finding] {
        try site.singleBudgets().compactMap { workload, budget in
            let field = "spec.unhealthyPodEvictionPolicy"
            guard budget.object[path: field]?.stringValue != "AlwaysAllow" else { return nil }
            return finding(
                "PodDisruptionBudget \(budget.object.namespace)/\(budget.object.name) holds pods that are not Ready",
                at: site, [Evidence(budget.object, field)],
                fix: site.budgetFix(
                    workload, budget.object, spec: ["unhealthyPodEvictionPolicy": "AlwaysAllow"]))
        }
    }
}
