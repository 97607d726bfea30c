import QuakeKube
import QuakeRecord

/// Peers find the gateway at one address.
enum GatewayAddressMissing: AuditRule {
    static let declaration = RuleDeclaration(
        "gateway-address-missing", .peering, .error,
        practice: "The gateway's Service has a stable address: a load balancer's, or externalIPs.",
        why:
            "Peers get the cluster's configuration there, via NodePort too; without it peering cannot begin, and an address "
            + "that changes ends it.",
        remedy: "Give the Service the type LoadBalancer and see that something in the cluster serves it.")

    static func findings(at site: AuditSite) throws -> [Finding] {
        // Open-source Istio via NodePort dials nodes alone.
        if try site.mesh() == .istio, try site.methods() == [.nodePort] { return [] }
        return try site.facts.services().filter { service in
            let ingress = service[path: "status.loadBalancer.ingress"]?.arrayValue ?? []
            let external = service[path: "spec.externalIPs"]?.arrayValue ?? []
            return ingress.isEmpty && external.isEmpty
        }.map { service in
            finding(
                "Service \(service.namespace)/\(service.name) has no address that peers could use", at: site,
                [
                    Evidence(service, "spec.type"), Evidence(service, "status.loadBalancer.ingress"),
                    Evidence(service, "spec.externalIPs"),
                ],
                fix: ServiceView(service).type == "LoadBalancer"
                    ? nil : serviceFix(service, ["type": "LoadBalancer"], at: site))
        }
    }

    static func serviceFix(_ service: JSONValue, _ spec: JSONValue, at site: AuditSite) -> AuditFix? {
        let workload = (try? site.gateways())?.first { $0.namespace == service.namespace }
        if let workload, workload.gateway != nil { return site.fix(workload, "service", patch: ["spec": spec]) }
        return AuditFix(
            .patch(resource: "service", namespace: service.namespace, name: service.name), ["spec": spec])
    }
}
