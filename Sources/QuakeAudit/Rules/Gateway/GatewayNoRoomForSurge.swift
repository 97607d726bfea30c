import QuakeKube

/// A rolling update finds a node.
enum GatewayNoRoomForSurge: AuditRule {
    static let declaration = RuleDeclaration(
        "gateway-no-room-for-surge", .gateway, .warning,
        practice:
            "With required anti-affinity or a DoNotSchedule spread, there is an eligible node more than replicas, or a "
            + "rollout may take a pod away first.",
        why:
            "A rolling update first makes a pod and then removes one: without a free node the new pod stays Pending and the "
            + "rollout stalls.",
        remedy: "Add a node, or set maxUnavailable to 1 with maxSurge 0.")

    static func findings(at site: AuditSite) throws -> [Finding] {
        try site.deployed(.gateway).compactMap { workload in
            let (surge, unavailable) = workload.rollout
            guard surge > 0, unavailable == 0, try Spreading.crowded(workload, replicas: workload.replicas) == nil,
                let found = try Spreading.crowded(workload, replicas: workload.replicas + 1)
            else { return nil }
            return finding(
                "a rolling update of \(workload.title) needs room for \(workload.replicas + 1) pods and there is room "
                    + "for \(found.room)", at: site,
                found.evidence + [
                    Evidence(workload.object, "spec.strategy.rollingUpdate.maxUnavailable")
                ],
                fix: site.fix(
                    workload,
                    patch: ["spec": ["strategy": ["rollingUpdate": ["maxSurge": 0, "maxUnavailable": 1]]]]))
        }
    }
}
