/// Required rules leave room for the replicas.
enum GatewayTooFewNodes: AuditRule {
    static let declaration = RuleDeclaration(
        "gateway-too-few-nodes", .gateway, .error,
        practice:
            "With required anti-affinity or a DoNotSchedule spread, the gateway has no more replicas than eligible nodes.",
        why: "The pods in excess stay Pending, and the failure of a node is not made up for.",
        remedy: "Add nodes, ask for fewer replicas, or make the rule a preference.")

    static func findings(at site: AuditSite) throws -> [Finding] {
        try site.deployed(.gateway).compactMap { workload in
            guard let found = try Spreading.crowded(workload, replicas: workload.replicas) else { return nil }
            return finding(
                "\(workload.title) asks for \(workload.replicas) replicas and may run \(found.room)", at: site,
                found.evidence)
        }
    }
}
