import QuakeKube

/// Every node where a gateway may run has the key that its rules go by.
enum GatewayTopologyKeyMissing: AuditRule {
    static let declaration = RuleDeclaration(
        "gateway-topology-key-missing", .gateway, .error,
        practice: "Every node where the gateway may run has a label of each topologyKey of its rules.",
        why:
            "A node without the label belongs to no domain: anti-affinity does not hold there, and a required spread lets "
            + "no pod run there.",
        remedy: "Label the nodes, or use kubernetes.io/hostname, which every node has.")

    static func findings(at site: AuditSite) throws -> [Finding] {
        try site.deployed(.gateway).flatMap { workload -> [Finding] in
            let nodes = try workload.eligible()
            return workload.effectiveRules.compactMap { rule in
                let without = nodes.filter { $0.labels[rule.topologyKey] == nil }
                guard !without.isEmpty else { return nil }
                return finding(
                    "\(without.count) of \(nodes.count) nodes for \(workload.title) lack the label \(rule.topologyKey): "
                        + Spreading.names(without), at: site,
                    [Evidence(workload.object, "\(rule.field).topologyKey", rule.topologyKey)]
                        + without.prefix(5).map { Evidence($0.object, label: rule.topologyKey) })
            }
        }
    }
}
