import QuakeKube

/// istiod has accepted the Gateway and made what it asks for.
enum GatewayNotProgrammed: AuditRule {
    static let declaration = RuleDeclaration(
        "gateway-not-programmed", .gateway, .error,
        practice: "The east-west Gateway has the condition Programmed with status True.",
        why:
            "Without it istiod has not made the gateway's address and configuration, and peers cannot reach the cluster.",
        remedy: "Read the condition's message with kubectl describe gateway, and mend what it names.",
        meshes: [.istio, .solo])

    static func findings(at site: AuditSite) throws -> [Finding] {
        try site.gateways().compactMap { workload in
            guard let gateway = workload.gateway else { return nil }
            let status = gateway.condition("Programmed")
            guard status != "True" else { return nil }
            return finding(
                "Gateway \(gateway.namespace)/\(gateway.name) is not programmed", at: site,
                [Evidence(gateway, "status.conditions[Programmed].status", status ?? "absent")])
        }
    }
}
