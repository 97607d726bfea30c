import QuakeRecord

/// Something keeps them apart.
enum IstiodNotSpread: AuditRule {
    static let declaration = RuleDeclaration(
        "istiod-not-spread", .istiod, .warning,
        practice: "Where peers come via NodePort, istiod has pod anti-affinity or topology spread constraints.",
        why: "Replicas on one node fail together, and with them the exclusion of that node.",
        remedy: "Add preferred pod anti-affinity or topology spread by kubernetes.io/hostname.", methods: [.nodePort])

    static func findings(at site: AuditSite) throws -> [Finding] {
        try Spreading.missing(.istiod, at: site).map { workload, evidence in
            finding(
                "nothing keeps the pods of \(workload.title) on different nodes", at: site, evidence,
                fix: Spreading.fix(workload, at: site))
        }
    }
}
