import QuakeKube
import QuakePlan

/// Keys are those that istiod knows.
enum DefaultsUnknownKey: AuditRule {
    static let declaration = RuleDeclaration(
        "defaults-unknown-key", .customisation, .error,
        practice: "ConfigMaps that customise a class of Gateways have the keys that istiod knows.",
        why:
            "A key that istiod does not know makes the whole ConfigMap an error to it, and its other keys have no effect.",
        remedy: "Use deployment, service, serviceAccount, horizontalPodAutoscaler or podDisruptionBudget.",
        meshes: [.istio, .solo])

    static func findings(at site: AuditSite) throws -> [Finding] {
        try site.defaultsMaps().flatMap { map in
            (map["data"]?.objectValue ?? [:]).keys.sorted().filter { !GatewayDefaults.keys.contains($0) }.map { key in
                let near = Suggestion.nearest(to: key, among: GatewayDefaults.keys)
                return finding(
                    "ConfigMap \(map.namespace)/\(map.name) has the key \(key), which istiod does not know"
                        + (near.map { "; did you mean \($0)?" } ?? ""), at: site,
                    [Evidence(map, "data.\(key)", "present")],
                    fix: AuditFix(
                        .patch(resource: "configmap", namespace: map.namespace, name: map.name),
                        ["data": [key: .null]]))
            }
        }
    }
}
