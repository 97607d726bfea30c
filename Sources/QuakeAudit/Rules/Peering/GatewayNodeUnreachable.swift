import QuakeKube
import QuakeMesh
import QuakeRecord

/// Nodes with gateways can be dialled.
package enum GatewayNodeUnreachable: AuditRule {
    package static let declaration = RuleDeclaration(
        "gateway-node-unreachable", .peering, .warning,
        practice: "The nodePort of each node that runs a gateway pod answers at the node's InternalIP.",
        why:
            "Via NodePort peers dial exactly these addresses; a firewall or a private network between them shows only then.",
        remedy: "Open the nodePort between the clusters' nodes. The audit dials from where it runs, with --reach.",
        methods: [.nodePort])

    package static func findings(at site: AuditSite) throws -> [Finding] {
        guard let reach = site.facts.snapshot.reach else { throw Unchecked("nothing is dialled without --reach") }
        let nodes = try site.nodes()
        return try targets(of: site).compactMap { target in
            guard let node = nodes.first(where: { $0.internalIP == target.ip }) else { return nil }
            guard let answer = reach["\(target.ip):\(target.port)"] else {
                throw Unchecked("\(target.ip):\(target.port) was not dialled")
            }
            guard answer != "connected" else { return nil }
            return finding(
                "\(target.ip):\(target.port) of node \(node.name) does not answer: \(answer)", at: site,
                [Evidence(node.object, "status.addresses[InternalIP]", target.ip)])
        }
    }

    /// What `--reach` dials: InternalIP and nodePort of each Ready node that runs a gateway pod.
    package static func targets(of site: AuditSite) throws -> [(ip: String, port: Int)] {
        let nodes = try site.nodes()
        return try site.gateways().flatMap { workload -> [(ip: String, port: Int)] in
            let service = try site.facts.services().first { $0.namespace == workload.namespace }
            guard let port = service?.gatewayNodePort else { return [] }
            return workload.byNode.keys.sorted().compactMap { name in
                nodes.first { $0.name == name && $0.isReady }?.internalIP.map { ($0, port) }
            }
        }
    }
}

extension JSONValue {
    /// The nodePort of a gateway Service's port 15008.
    var gatewayNodePort: Int? {
        ServiceView(self).ports.first { $0["port"]?.intValue == MeshPort.gateway }?["nodePort"]?.intValue
    }
}
