import QuakeKube
import QuakeRecord

/// The address is a node that answers.
enum IstioRemoteStaleAddress: AuditRule {
    static let declaration = RuleDeclaration(
        "istio-remote-stale-address", .peering, .error,
        practice:
            "Via NodePort each address of a Gateway of class istio-remote is the InternalIP of a Ready node that runs a "
            + "gateway pod.",
        why: "Open-source Istio checks no address: one of a node that has gone, or without a gateway, takes all new "
            + "connections until someone writes another.",
        remedy: "Write the InternalIP of a Ready node with a gateway pod, and write it again when nodes are replaced.",
        meshes: [.istio], methods: [.nodePort], side: .client)

    static func findings(at site: AuditSite) throws -> [Finding] {
        try site.outgoing.get().filter { $0.method == .nodePort }.compactMap { peering in
            let good = try NodePortServer(peering).addresses()
            let bad = peering.object.addresses.filter { !good.contains($0) }
            guard !bad.isEmpty else { return nil }
            let remote = peering.object
            return finding(
                "Gateway \(remote.namespace)/\(remote.name) leads to \(bad.joined(separator: ", ")), which is not a Ready "
                    + "node with a gateway in \(peering.server)", at: site,
                [
                    Evidence(remote, "spec.addresses", remote.addresses.joined(separator: ", ")),
                    Evidence(
                        [
                            "kind": "Node",
                            "metadata": ["name": .string("(\(peering.server), Ready, with a gateway pod)")],
                        ],
                        "status.addresses[InternalIP]", good.isEmpty ? "none" : good.joined(separator: ", ")),
                ],
                fix: good.first.map { address in
                    AuditFix(
                        .patch(resource: "gateway", namespace: remote.namespace, name: remote.name),
                        ["spec": ["addresses": [["type": "IPAddress", "value": .string(address)]]]])
                })
        }
    }
}
