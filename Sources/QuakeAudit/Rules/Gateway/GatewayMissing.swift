import QuakeKube
import QuakeMesh

/// There is a gateway, and something that runs it.
package enum GatewayMissing: AuditRule {
    package static let declaration = RuleDeclaration(
        "gateway-missing", .gateway, .error,
        practice: "Each cluster that peers has an east-west gateway with a Deployment.",
        why: "Cross-cluster traffic and the peers' configuration both come through the gateway.",
        remedy: "Install the mesh's east-west gateway in the cluster.")

    package static func findings(at site: AuditSite) throws -> [Finding] {
        let gateways = try site.gateways()
        if gateways.isEmpty {
            let classes = IstioDistribution.allCases.map(\.gatewayClass).joined(separator: " or ")
            return [
                finding(
                    "no east-west gateway is there", at: site,
                    [
                        Evidence(
                            ["kind": "Gateway", "metadata": ["name": "(all namespaces)"]], "spec.gatewayClassName",
                            "none is \(classes), and no Deployment is the stand-in's")
                    ])
            ]
        }
        return gateways.filter { $0.deployment == nil }.map { gateway in
            finding(
                "no Deployment runs \(gateway.title)", at: site,
                [Evidence(gateway.object, "spec.gatewayClassName")])
        }
    }
}
