import QuakeKube

/// One address, as only one is used.
enum IstioRemoteSeveralAddresses: AuditRule {
    static let declaration = RuleDeclaration(
        "istio-remote-several-addresses", .peering, .warning,
        practice: "A Gateway of class istio-remote of open-source Istio has one address.",
        why:
            "Of several, istiod uses one in no defined order (istio/istio#56960): they do not back each other up, and which one "
            + "traffic takes may change with a restart.",
        remedy: "Keep one address in spec.addresses, or put a load balancer in front of several nodes.",
        meshes: [.istio], side: .client)

    static func findings(at site: AuditSite) throws -> [Finding] {
        try site.facts.remotes.get().filter { $0.addresses.count > 1 }.map { remote in
            finding(
                "Gateway \(remote.namespace)/\(remote.name) has \(remote.addresses.count) addresses", at: site,
                [Evidence(remote, "spec.addresses", remote.addresses.joined(separator: ", "))],
                fix: AuditFix(
                    .patch(resource: "gateway", namespace: remote.namespace, name: remote.name),
                    ["spec": ["addresses": .array(Array((remote[path: "spec.addresses"]?.arrayValue ?? []).prefix(1)))]]
                ))
        }
    }
}
