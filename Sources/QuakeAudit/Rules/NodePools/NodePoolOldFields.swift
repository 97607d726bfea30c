import QuakeKube

/// Fields are those of karpenter.sh/v1.
enum NodePoolOldFields: AuditRule {
    static let declaration = RuleDeclaration(
        "nodepool-v1beta1-fields", .nodepools, .error,
        practice: "NodePools use the fields of karpenter.sh/v1.",
        why:
            "In v1 the expiry is spec.template.spec.expireAfter; under spec.disruption it is not read, and the default of 720h "
            + "is in force.",
        remedy:
            "Move spec.disruption.expireAfter to spec.template.spec.expireAfter, and use apiVersion karpenter.sh/v1.")

    static func findings(at site: AuditSite) throws -> [Finding] {
        let field = "spec.disruption.expireAfter"
        return try site.items(.nodepools).compactMap { pool in
            let isOld = pool.apiVersion.hasSuffix("v1beta1")
            guard isOld || pool[path: field] != nil else { return nil }
            let age = pool[path: field] ?? "720h"
            return finding(
                "NodePool \(pool.name) has fields of v1beta1", at: site,
                [Evidence(pool, "apiVersion"), Evidence(pool, field)],
                fix: AuditFix(
                    .patch(resource: "nodepool", namespace: "", name: pool.name),
                    ["spec": ["disruption": ["expireAfter": .null], "template": ["spec": ["expireAfter": age]]]]))
        }
    }
}
