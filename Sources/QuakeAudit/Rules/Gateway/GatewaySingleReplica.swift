import QuakeKube

/// At least two.
enum GatewaySingleReplica: AuditRule {
    static let declaration = RuleDeclaration(
        "gateway-single-replica", .gateway, .error,
        practice: "The gateway runs at least two replicas.",
        why:
            "With one, each drain, restart or failure of its node takes all cross-cluster traffic into the cluster down.",
        remedy: "Set the replicas, or the autoscaler's minReplicas, to 2 or more.")

    static func findings(at site: AuditSite) throws -> [Finding] {
        try site.deployed(.gateway).compactMap { workload in
            let minimum = try site.minimum(of: workload)
            guard minimum.pods < 2 else { return nil }
            return finding(
                "\(workload.title) may run with \(minimum.pods == 1 ? "one replica" : "no replica")", at: site,
                [Evidence(minimum.object, minimum.field, "\(minimum.pods)")],
                cost: KillCost.words(workload, at: site), fix: Replicas.fix(workload, minimum.object, at: site))
        }
    }
}

/// Two replicas, where they are counted.
enum Replicas {
    static func fix(_ workload: Workload, _ object: JSONValue, at site: AuditSite) -> AuditFix? {
        if object.kind == AuditResource.autoscalers.kind {
            let patch: JSONValue = ["spec": ["minReplicas": 2]]
            if workload.gateway != nil {
                return site.fix(workload, "horizontalPodAutoscaler", patch: patch)
            }
            if workload.role == .istiod, (try? site.mesh()) != .standin {
                return .istiod(["autoscaleMin": 2])
            }
            return AuditFix(
                .patch(resource: "hpa", namespace: object.namespace, name: object.name), patch)
        }
        return site.fix(
            workload, patch: ["spec": ["replicas": 2]], helm: ["autoscaleEnabled": false, "replicaCount": 2])
    }
}
