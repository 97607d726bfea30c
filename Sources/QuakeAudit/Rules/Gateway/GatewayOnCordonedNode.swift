import QuakeKube

/// No replica is on a node that is about to go.
enum GatewayOnCordonedNode: AuditRule {
    static let declaration = RuleDeclaration(
        "gateway-on-cordoned-node", .gateway, .warning,
        practice: "No gateway pod is on a cordoned node.",
        why: "A cordoned node is usually drained next, and a pod that leaves it may find no other place.",
        remedy: "Make the node schedulable again, or finish its drain.")

    static func findings(at site: AuditSite) throws -> [Finding] {
        let cordoned = Dictionary(
            try site.nodes().filter(\.isCordoned).map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        return try site.gateways().flatMap { workload in
            workload.placed.compactMap { pod -> Finding? in
                guard let node = cordoned[pod.node ?? ""] else { return nil }
                return finding(
                    "pod \(pod.name) of \(workload.title) is on node \(node.name), which is cordoned", at: site,
                    [Evidence(node.object, "spec.unschedulable"), Evidence(pod.object, "spec.nodeName")],
                    fix: AuditFix(
                        .patch(resource: "node", namespace: "", name: node.name), ["spec": ["unschedulable": false]]))
            }
        }
    }
}
