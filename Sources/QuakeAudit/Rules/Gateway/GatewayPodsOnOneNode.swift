import QuakeKube

/// The replicas are on more than one node now.
enum GatewayPodsOnOneNode: AuditRule {
    static let declaration = RuleDeclaration(
        "gateway-pods-on-one-node", .gateway, .error,
        practice: "The gateway's replicas run on at least two nodes now.",
        why:
            "Rules of placement are read when a pod is scheduled: pods that came together before stay together, and one node "
            + "takes them all.",
        remedy:
            "Restart the Deployment once its anti-affinity is in force, so that the scheduler places its pods again.")

    static func findings(at site: AuditSite) throws -> [Finding] {
        try site.deployed(.gateway).compactMap { workload in
            let places = workload.byNode
            guard places.count == 1, let (node, pods) = places.first, pods.count > 1 else { return nil }
            return finding(
                "all \(pods.count) pods of \(workload.title) are on node \(node)", at: site,
                pods.map { Evidence($0.object, "spec.nodeName", node) },
                cost: KillCost.words(workload, at: site),
                fix: workload.effectiveRules.isEmpty ? Spreading.fix(workload, at: site) : nil)
        }
    }
}
