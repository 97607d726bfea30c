import QuakeKube

/// One budget a pod, not several.
enum BudgetOverlap: AuditRule {
    static let declaration = RuleDeclaration(
        "budget-overlap", .budget, .error,
        practice: "At most one PodDisruptionBudget selects a pod of the gateway or of istiod.",
        why:
            "The API server answers every eviction of a pod with several budgets with an error: no drain gets past it.",
        remedy: "Delete all but one, or narrow their selectors.")

    static func findings(at site: AuditSite) throws -> [Finding] {
        try (site.deployed(.gateway) + site.deployed(.istiod)).compactMap { workload in
            let budgets = try site.budgets(of: workload)
            guard budgets.count > 1 else { return nil }
            let names = budgets.map(\.name).sorted().joined(separator: ", ")
            let extra: [JSONValue] = budgets.sorted { $0.name < $1.name }.dropFirst().map { budget in
                [
                    "apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
                    "metadata": ["name": .string(budget.name), "namespace": .string(budget.namespace)],
                ]
            }
            return finding(
                "\(budgets.count) budgets select the pods of \(workload.title): \(names)", at: site,
                budgets.map { Evidence($0, "spec.selector") },
                fix: extra.count == 1 ? AuditFix(.removal, extra[0]) : nil)
        }
    }
}
