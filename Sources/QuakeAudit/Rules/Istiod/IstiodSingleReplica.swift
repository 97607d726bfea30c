import QuakeRecord

/// At least two.
enum IstiodSingleReplica: AuditRule {
    static let declaration = RuleDeclaration(
        "istiod-single-replica", .istiod, .error,
        practice: "Where peers come via NodePort, istiod runs at least two replicas.",
        why:
            "istiod excludes a node that fails: with the only istiod on it, exclusion waits for a replacement, 5 min and more.",
        remedy: "Set istiod's replicas, or its autoscaler's minimum, to 2 or more.", methods: [.nodePort])

    static func findings(at site: AuditSite) throws -> [Finding] {
        try site.deployed(.istiod).compactMap { workload in
            let minimum = try site.minimum(of: workload)
            guard minimum.pods < 2 else { return nil }
            return finding(
                "\(workload.title) may run with \(minimum.pods == 1 ? "one replica" : "no replica")", at: site,
                [Evidence(minimum.object, minimum.field, "\(minimum.pods)")],
                fix: Replicas.fix(workload, minimum.object, at: site))
        }
    }
}
