/// The selector of its rules selects the gateway's own pods.
enum GatewayAntiAffinitySelector: AuditRule {
    static let declaration = RuleDeclaration(
        "gateway-anti-affinity-selector", .gateway, .error,
        practice: "The selector of the gateway's anti-affinity or topology spread matches the gateway's own pods.",
        why: "A selector that matches other pods keeps nothing apart, though the manifest looks as if it did.",
        remedy: "Select the labels that the pod template has, for example gateway.networking.k8s.io/gateway-name.")

    static func findings(at site: AuditSite) throws -> [Finding] {
        try Spreading.misses(.gateway, at: site).map { workload, rule in
            finding(
                "a rule of \(workload.title) does not select its own pods", at: site,
                Spreading.evidence(workload, rule), fix: Spreading.fix(workload, at: site))
        }
    }
}
