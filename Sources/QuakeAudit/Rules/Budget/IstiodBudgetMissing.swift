/// The same for a control plane with several replicas.
enum IstiodBudgetMissing: AuditRule {
    static let declaration = RuleDeclaration(
        "istiod-budget-missing", .budget, .warning,
        practice: "A PodDisruptionBudget selects the pods of an istiod with several replicas.",
        why: "Drains of several nodes at once may take every istiod, and without one no node that fails is excluded.",
        remedy: "Add a PodDisruptionBudget with maxUnavailable 1.")

    static func findings(at site: AuditSite) throws -> [Finding] {
        try site.deployed(.istiod).filter { try site.minimum(of: $0).pods > 1 && site.budgets(of: $0).isEmpty }.map {
            finding(
                "no PodDisruptionBudget selects the pods of \($0.title)", at: site,
                [Evidence($0.object, "spec.template.metadata.labels")], fix: site.budgetFix($0))
        }
    }
}
