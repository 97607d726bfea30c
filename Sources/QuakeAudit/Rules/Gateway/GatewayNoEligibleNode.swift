/// Node affinity matches something.
enum GatewayNoEligibleNode: AuditRule {
    static let declaration = RuleDeclaration(
        "gateway-no-eligible-node", .gateway, .error,
        practice: "The gateway's node affinity, node selector and tolerations match at least one node.",
        why: "A gateway that no node may run stays Pending; one that runs already is lost at its next restart.",
        remedy: "Compare the affinity's labels with kubectl get nodes --show-labels.")

    static func findings(at site: AuditSite) throws -> [Finding] {
        try site.deployed(.gateway).compactMap { workload in
            let count = try site.nodes().count
            guard count > 0, try workload.eligible().isEmpty else { return nil }
            return finding(
                "none of \(count) nodes may run \(workload.title)", at: site,
                ["affinity.nodeAffinity", "nodeSelector", "tolerations"].map {
                    Evidence(workload.object, "spec.template.spec.\($0)")
                })
        }
    }
}
