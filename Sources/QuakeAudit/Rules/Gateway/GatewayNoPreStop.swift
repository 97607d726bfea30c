import QuakeKube

/// Endpoints are withdrawn before the gateway stops to listen.
enum GatewayNoPreStop: AuditRule {
    static let declaration = RuleDeclaration(
        "gateway-no-prestop", .gateway, .note,
        practice:
            "A preStop hook of some seconds lets every node learn that the pod terminates before it stops to listen.",
        why:
            "SIGTERM and the withdrawal of the endpoint begin at once: nodes that learn it later still send connections "
            + "to a pod that has stopped.",
        remedy: "Add lifecycle.preStop.sleep of 5 s (Kubernetes 1.30 and later).")

    static func findings(at site: AuditSite) throws -> [Finding] {
        try site.deployed(.gateway).compactMap { workload in
            let containers = workload.spec["containers"]?.arrayValue ?? []
            guard !containers.contains(where: { $0[path: "lifecycle.preStop"] != nil }) else { return nil }
            let patched = containers.prefix(1).map { container -> JSONValue in
                ["name": container["name"] ?? "", "lifecycle": ["preStop": ["sleep": ["seconds": 5]]]]
            }
            return finding(
                "\(workload.title) has no preStop hook", at: site,
                [Evidence(workload.object, "spec.template.spec.containers[*].lifecycle.preStop", "absent")],
                fix: site.fix(
                    workload, patch: ["spec": ["template": ["spec": ["containers": .array(Array(patched))]]]]))
        }
    }
}
