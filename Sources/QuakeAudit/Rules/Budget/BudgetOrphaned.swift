import QuakeBase
import QuakeKube

/// What istiod made for a gateway is still asked for.
enum BudgetOrphaned: AuditRule {
    static let declaration = RuleDeclaration(
        "gateway-object-orphaned", .budget, .warning,
        practice:
            "Each PodDisruptionBudget and HorizontalPodAutoscaler that istiod made for a gateway is still named by a "
            + "ConfigMap.",
        why:
            "istiod makes them from a ConfigMap and never deletes them: after the key is removed the object stays in force.",
        remedy: "Delete the object, or write its key into the class's ConfigMap again.", meshes: [.istio, .solo])

    private static let kinds: [(AuditResource, key: String)] = [
        (.budgets, "podDisruptionBudget"), (.autoscalers, "horizontalPodAutoscaler"),
    ]

    static func findings(at site: AuditSite) throws -> [Finding] {
        let defaults = try site.defaultsInForce()
        let maps = try site.items(.configmaps)
        return try site.gateways().flatMap { workload -> [Finding] in
            guard let gateway = workload.gateway else { return [] }
            let own = GatewayDefaults.parameters(of: gateway)
            let named = maps.first { $0.namespace == gateway.namespace && $0.name == own }
            let ofClass = defaults[gateway[path: "spec.gatewayClassName"]?.stringValue ?? ""]
            return try kinds.flatMap { resource, key -> [Finding] in
                guard ![named, ofClass].contains(where: { $0?.at("data", key) != nil }) else { return [] }
                return try site.items(resource).filter {
                    $0.namespace == gateway.namespace && $0.owner("Gateway") == gateway.name
                }.map { object in
                    finding(
                        "no ConfigMap has the key \(key) that \(object.title) was made from", at: site,
                        [Evidence(object, "metadata.ownerReferences")]
                            + [ofClass].compactMap { $0 }.map { Evidence($0, "data.\(key)", "absent") },
                        fix: AuditFix(
                            .removal,
                            [
                                "apiVersion": .string(resource.path.apiVersion), "kind": .string(resource.kind),
                                "metadata": ["name": .string(object.name), "namespace": .string(object.namespace)],
                            ]))
                }
            }
        }
    }
}
