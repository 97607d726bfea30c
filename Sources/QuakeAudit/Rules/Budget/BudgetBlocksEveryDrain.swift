import QuakeKube

/// A budget lets something go.
enum BudgetBlocksEveryDrain: AuditRule {
    static let declaration = RuleDeclaration(
        "budget-blocks-every-drain", .budget, .error,
        practice: "The budget of the gateway and that of istiod let at least one pod go when all are healthy.",
        why:
            "With minAvailable as high as the replicas, or maxUnavailable 0, no drain of such a node ever ends, and upgrades "
            + "hang until someone forces them.",
        remedy: "Use maxUnavailable 1 with at least two replicas.")

    static func findings(at site: AuditSite) throws -> [Finding] {
        try site.singleBudgets().compactMap { workload, budget in
            let minimum = try site.minimum(of: workload)
            guard minimum.pods > 0, budget.spare < 1 else { return nil }
            // One replica that may go is an outage at each drain: two come first.
            let fix =
                minimum.pods > 1
                ? site.budgetFix(workload, budget.object, spec: ["maxUnavailable": 1, "minAvailable": .null])
                : Replicas.fix(workload, minimum.object, at: site)
            return finding(
                "PodDisruptionBudget \(budget.object.namespace)/\(budget.object.name) blocks every drain of a node with "
                    + "\(workload.role.words)", at: site,
                [
                    Evidence(budget.object, budget.field), Evidence(minimum.object, minimum.field, "\(minimum.pods)"),
                ], fix: fix)
        }
    }
}
