import QuakeBase
import QuakeKube
import QuakeRecord

/// The server's Gateway keeps out of the way.
enum IstioNetworkLabelLeft: AuditRule {
    static let declaration = RuleDeclaration(
        "istio-network-label-left", .peering, .error,
        practice:
            "Where open-source Istio is reached via NodePort, the server's Gateway has no label topology.istio.io/network.",
        why:
            "With the label the clients also know the gateway's own address for that network, and istiod uses one of both in no "
            + "defined order.",
        remedy: "Remove the label topology.istio.io/network from the server's east-west Gateway.", meshes: [.istio],
        methods: [.nodePort])

    static func findings(at site: AuditSite) throws -> [Finding] {
        try site.gateways().compactMap { workload in
            guard let gateway = workload.gateway, gateway.labels[WellKnown.network] != nil else { return nil }
            return finding(
                "\(workload.title) is reached via NodePort and still announces its own address", at: site,
                [Evidence(gateway, label: WellKnown.network)],
                fix: AuditFix(
                    .patch(resource: "gateway", namespace: gateway.namespace, name: gateway.name),
                    ["metadata": ["labels": [WellKnown.network: .null]]]))
        }
    }
}
