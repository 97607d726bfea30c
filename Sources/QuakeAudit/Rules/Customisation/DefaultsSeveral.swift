import QuakeKube

/// One ConfigMap a class.
enum DefaultsSeveral: AuditRule {
    static let declaration = RuleDeclaration(
        "defaults-several", .customisation, .warning,
        practice: "One ConfigMap customises a class of Gateways.",
        why: "Of several the oldest wins, and the others have no effect at all.",
        remedy: "Merge them into the oldest, and delete the others.", meshes: [.istio, .solo])

    static func findings(at site: AuditSite) throws -> [Finding] {
        let oldest = try site.defaultsInForce()
        let groups = Dictionary(grouping: try site.defaultsMaps()) { $0.labels[GatewayDefaults.label] ?? "" }
        return groups.filter { $0.value.count > 1 }.sorted { $0.key < $1.key }.compactMap { name, maps in
            guard let winner = oldest[name] else { return nil }
            let rest = maps.filter { $0.name != winner.name || $0.namespace != winner.namespace }
            return finding(
                "of \(maps.count) ConfigMaps for class \(name) only the oldest, \(winner.namespace)/\(winner.name), has an "
                    + "effect", at: site,
                ([winner] + rest).map { Evidence($0, "metadata.creationTimestamp") },
                fix: rest.first.map { map in
                    AuditFix(
                        .removal,
                        [
                            "apiVersion": "v1", "kind": "ConfigMap",
                            "metadata": ["name": .string(map.name), "namespace": .string(map.namespace)],
                        ])
                })
        }
    }
}
