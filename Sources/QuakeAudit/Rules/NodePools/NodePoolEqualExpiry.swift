import QuakeKube

/// Pools expire at different ages.
enum NodePoolEqualExpiry: AuditRule {
    static let declaration = RuleDeclaration(
        "nodepool-equal-expiry", .nodepools, .warning,
        practice: "NodePools whose nodes run gateways have different expireAfter values.",
        why:
            "Nodes that were made together, as after an upgrade, then expire together, and expiry starts no replacement first.",
        remedy:
            "Stagger expireAfter, for example 720h and 696h; claims that exist keep the age that they were made with.")

    static func findings(at site: AuditSite) throws -> [Finding] {
        try site.deployed(.gateway).flatMap { workload -> [Finding] in
            let pools = try site.pools(of: workload)
            let groups = Dictionary(grouping: pools) { site.expiry(of: $0).text }
            return groups.filter { $0.key != "Never" && $0.value.count > 1 }.sorted { $0.key < $1.key }.map {
                age, same in
                let names = same.map(\.name).sorted()
                let last = same.max { $0.name < $1.name } ?? .null
                return finding(
                    "NodePools \(names.joined(separator: ", ")) with pods of \(workload.title) all expire after \(age)",
                    at: site, same.map { Evidence($0, site.expiry(of: $0).field, age) },
                    fix: AuditFix(
                        .patch(resource: "nodepool", namespace: "", name: last.name),
                        ["spec": ["template": ["spec": ["expireAfter": .string(age == "696h" ? "672h" : "696h")]]]]))
            }
        }
    }
}
