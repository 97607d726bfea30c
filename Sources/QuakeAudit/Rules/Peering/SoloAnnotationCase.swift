import QuakeKube
import QuakeMesh

/// Solo's annotations are written as its control plane reads them.
enum SoloAnnotationCase: AuditRule {
    static let declaration = RuleDeclaration(
        "solo-annotation-case", .peering, .error,
        practice: "Values of Solo's data-plane-service-type annotations are nodeport or loadbalancer, in lower case.",
        why: "Another spelling, as NodePort, is left aside in silence, and traffic takes the load balancer.",
        remedy: "Write the annotation's value in lower case.", meshes: [.solo], side: .client)

    static func findings(at site: AuditSite) throws -> [Finding] {
        let own = try site.gateways().compactMap(\.gateway).map { ($0, IstioNames.ownType) }
        let remote = try site.facts.remotes.get().map { ($0, IstioNames.preferredType) }
        return (own + remote).compactMap { gateway, key in
            guard let value = gateway.annotations[key], !["nodeport", "loadbalancer"].contains(value) else {
                return nil
            }
            let lower = value.lowercased()
            let isKnown = ["nodeport", "loadbalancer"].contains(lower)
            return finding(
                "Gateway \(gateway.namespace)/\(gateway.name) has a data plane type that is not read: \(value)",
                at: site,
                [Evidence(gateway, annotation: key)],
                fix: isKnown
                    ? AuditFix(
                        .patch(resource: "gateway", namespace: gateway.namespace, name: gateway.name),
                        ["metadata": ["annotations": [key: .string(lower)]]]) : nil)
        }
    }
}
