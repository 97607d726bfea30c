import QuakeKube

/// A drain would pass now.
enum BudgetUsedUp: AuditRule {
    static let declaration = RuleDeclaration(
        "budget-used-up", .budget, .warning,
        practice: "The budget of the gateway and that of istiod allow a disruption now.",
        why: "A drain that begins now waits until more pods are healthy.",
        remedy: "Find out which pods are not healthy before you drain a node.")

    static func findings(at site: AuditSite) throws -> [Finding] {
        try site.singleBudgets().compactMap { workload, budget in
            // What never allows one is another rule's.
            guard budget.spare > 0, let allowed = budget.object[path: "status.disruptionsAllowed"]?.intValue,
                allowed == 0, budget.object[path: "status.expectedPods"]?.intValue ?? 0 > 0
            else { return nil }
            return finding(
                "PodDisruptionBudget \(budget.object.namespace)/\(budget.object.name) allows no disruption of "
                    + "\(workload.title) now", at: site,
                ["disruptionsAllowed", "currentHealthy", "desiredHealthy"].map {
                    Evidence(budget.object, "status.\($0)")
                })
        }
    }
}
