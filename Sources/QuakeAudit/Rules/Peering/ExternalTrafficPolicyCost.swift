import QuakeKube
import QuakePlan

/// Whose gateway pods a node forwards to.
enum ExternalTrafficPolicyCost: AuditRule {
    static let declaration = RuleDeclaration(
        "external-traffic-policy-cluster", .peering, .note,
        practice: "Via NodePort the gateway's Service has externalTrafficPolicy Local.",
        why:
            "With Cluster a healthy node forwards to the gateway pod of a node that has failed, too, until its endpoint is "
            + "withdrawn: of N gateway nodes one that dies costs 1 - ((N-1)/N)^2 of new connections instead of 1/N.",
        remedy: "Set externalTrafficPolicy to Local: every node that is dialled has its own gateway pod.",
        methods: [.nodePort])

    static func findings(at site: AuditSite) throws -> [Finding] {
        try site.facts.services().filter { ServiceView($0).externalTrafficPolicy != "Local" }.map { service in
            let workload = try site.deployed(.gateway).first { $0.namespace == service.namespace }
            let costs = workload.map { workload in
                [false, true].compactMap { KillCost.words(workload, at: site, local: $0) }
            }
            return finding(
                "nodes forward to gateway pods of other nodes", at: site,
                [Evidence(service, "spec.externalTrafficPolicy")],
                cost: costs.flatMap { $0.isEmpty ? nil : $0.joined(separator: "; ") },
                fix: GatewayAddressMissing.serviceFix(service, ["externalTrafficPolicy": "Local"], at: site))
        }
    }
}
