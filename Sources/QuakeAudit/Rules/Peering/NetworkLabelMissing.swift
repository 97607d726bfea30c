import QuakeBase
import QuakeKube
import QuakeRecord

/// The gateway says which network it leads to.
enum NetworkLabelMissing: AuditRule {
    static let declaration = RuleDeclaration(
        "network-label-missing", .peering, .error,
        practice: "The east-west Gateway has the label topology.istio.io/network.",
        why: "Peers choose a gateway by the network of a workload: without the label there is no way into the network.",
        remedy: "Label the Gateway with the name of its network.", meshes: [.istio, .solo])

    static func findings(at site: AuditSite) throws -> [Finding] {
        // Open-source Istio peers via NodePort only where the server's Gateway has no such label.
        if try site.mesh() == .istio, try site.methods().contains(.nodePort) { return [] }
        return try site.gateways().compactMap { workload in
            guard let gateway = workload.gateway, gateway.labels[WellKnown.network] == nil else { return nil }
            return finding(
                "\(workload.title) does not say which network it leads to", at: site,
                [Evidence(gateway, label: WellKnown.network)],
                fix: AuditFix(
                    .patch(resource: "gateway", namespace: gateway.namespace, name: gateway.name),
                    ["metadata": ["labels": [WellKnown.network: .string(site.facts.name)]]]))
        }
    }
}
