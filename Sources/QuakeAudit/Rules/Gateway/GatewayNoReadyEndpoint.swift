import QuakeBase
import QuakeKube
import QuakeMesh

/// Somebody answers behind the gateway's Service.
enum GatewayNoReadyEndpoint: AuditRule {
    static let declaration = RuleDeclaration(
        "gateway-no-ready-endpoint", .gateway, .error,
        practice: "The gateway's Service has at least one ready endpoint.",
        why: "Every connection from another cluster is refused or dropped as long as there is none.",
        remedy: "Find out why no gateway pod is Ready: kubectl describe pods of the gateway.")

    static func findings(at site: AuditSite) throws -> [Finding] {
        let slices = try site.items(.endpointSlices)
        return try site.gateways().compactMap { workload in
            let services = try site.facts.services().filter { $0.namespace == workload.namespace }
            guard let service = services.first else {
                return finding(
                    "\(workload.title) has no Service", at: site,
                    [Evidence(workload.object, "metadata.labels[\(WellKnown.gatewayName)]", workload.gatewayName)])
            }
            let own = slices.filter {
                $0.namespace == service.namespace && $0.labels[WellKnown.serviceName] == service.name
            }
            guard ObjectFacts.readyEndpoints(own).isEmpty else { return nil }
            let all = own.flatMap { EndpointView.all(of: $0) }.count
            return finding(
                "\(workload.title) has no ready endpoint", at: site,
                [Evidence(service, "endpoints", "0 ready of \(all)")])
        }
    }
}
