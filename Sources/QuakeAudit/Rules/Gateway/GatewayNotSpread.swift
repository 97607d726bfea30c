/// Something keeps the replicas apart.
enum GatewayNotSpread: AuditRule {
    static let declaration = RuleDeclaration(
        "gateway-anti-affinity-missing", .gateway, .warning,
        practice:
            "The gateway's pods have pod anti-affinity, or a topology spread, that keeps them on different nodes.",
        why: "Without it the scheduler may put all replicas on one node, and that node's failure takes all of them.",
        remedy: "Add pod anti-affinity with topologyKey kubernetes.io/hostname that selects the gateway's own pods.")

    static func findings(at site: AuditSite) throws -> [Finding] {
        try Spreading.missing(.gateway, at: site).map { workload, evidence in
            finding(
                "nothing keeps the pods of \(workload.title) on different nodes", at: site, evidence,
                fix: Spreading.fix(workload, at: site))
        }
    }
}
