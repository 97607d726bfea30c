import QuakeKube
import QuakePlan

/// The class is there.
enum DefaultsNoSuchClass: AuditRule {
    static let declaration = RuleDeclaration(
        "defaults-no-such-class", .customisation, .error,
        practice: "The label gateway.istio.io/defaults-for-class of a ConfigMap names a GatewayClass that there is.",
        why:
            "istiod reads the ConfigMap for Gateways of that class alone: with a name that nothing has, it has no effect.",
        remedy: "Name the class of the east-west Gateway: istio-east-west, or istio-eastwest with Solo.",
        meshes: [.istio, .solo])

    static func findings(at site: AuditSite) throws -> [Finding] {
        let classes = try site.items(.gatewayclasses).map(\.name).sorted()
        return try site.defaultsMaps().compactMap { map in
            let name = map.labels[GatewayDefaults.label] ?? ""
            guard !classes.contains(name) else { return nil }
            let near = Suggestion.nearest(to: name, among: classes)
            return finding(
                "ConfigMap \(map.namespace)/\(map.name) is for class \(name), and there is no such GatewayClass",
                at: site,
                [
                    Evidence(map, label: GatewayDefaults.label),
                    Evidence(
                        ["kind": "GatewayClass", "metadata": ["name": "(all)"]], "metadata.name",
                        classes.isEmpty ? "none" : classes.joined(separator: ", ")),
                ],
                fix: near.map { near in
                    AuditFix(
                        .patch(resource: "configmap", namespace: map.namespace, name: map.name),
                        ["metadata": ["labels": [GatewayDefaults.label: .string(near)]]])
                })
        }
    }
}
