import QuakeKube

/// No node has two replicas.
enum GatewayPodsShareNode: AuditRule {
    static let declaration = RuleDeclaration(
        "gateway-pods-share-node", .gateway, .warning,
        practice: "No node runs two of the gateway's replicas.",
        why: "That node's failure costs more than its share of the gateway's capacity.",
        remedy: "Make anti-affinity by kubernetes.io/hostname required, or add nodes.")

    static func findings(at site: AuditSite) throws -> [Finding] {
        try site.deployed(.gateway).flatMap { workload -> [Finding] in
            let places = workload.byNode
            guard places.count > 1 else { return [] }
            return places.filter { $0.value.count > 1 }.sorted { $0.key < $1.key }.map { node, pods in
                finding(
                    "node \(node) runs \(pods.count) of the \(workload.placed.count) pods of \(workload.title)",
                    at: site, pods.map { Evidence($0.object, "spec.nodeName", node) },
                    fix: Spreading.fix(workload, at: site))
            }
        }
    }
}
