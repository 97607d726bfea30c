import QuakeKube
import QuakeRecord

/// Nodes with gateways can be named to peers.
enum GatewayNodeNoInternalIP: AuditRule {
    static let declaration = RuleDeclaration(
        "gateway-node-no-internal-ip", .peering, .error,
        practice: "Each node that runs a gateway pod has an InternalIP.",
        why: "Via NodePort peers dial the InternalIP of the gateways' nodes and no other address.",
        remedy: "Set the kubelet's --node-ip, or keep gateways off nodes without an InternalIP.", methods: [.nodePort])

    static func findings(at site: AuditSite) throws -> [Finding] {
        let nodes = try site.nodes()
        return try site.gateways().flatMap { workload in
            workload.byNode.keys.sorted().compactMap { name -> Finding? in
                guard let node = nodes.first(where: { $0.name == name }), node.internalIP == nil else { return nil }
                return finding(
                    "node \(name) runs a pod of \(workload.title) and has no InternalIP", at: site,
                    [Evidence(node.object, "status.addresses")])
            }
        }
    }
}
