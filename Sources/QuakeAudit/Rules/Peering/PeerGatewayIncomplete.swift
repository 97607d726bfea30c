import QuakeBase
import QuakeKube
import QuakeRecord

/// The client's Gateway of a peer says what NodePort needs.
enum PeerGatewayIncomplete: AuditRule {
    static let declaration = RuleDeclaration(
        "peer-gateway-incomplete", .peering, .error,
        practice:
            "A Gateway of class istio-remote that peers via NodePort names the gateway's service account, and with Solo "
            + "its cluster.",
        why:
            "The client's control plane needs both to know who answers at a node; without them the Gateway is left aside in "
            + "silence.",
        remedy: "Add the annotation gateway.istio.io/service-account and the label topology.istio.io/cluster.",
        meshes: [.istio, .solo], methods: [.nodePort], side: .client)

    static func findings(at site: AuditSite) throws -> [Finding] {
        let isSolo = try site.mesh() == .solo
        return try site.outgoing.get().filter { $0.method == .nodePort }.compactMap { peering in
            let remote = peering.object
            var evidence: [Evidence] = []
            var metadata: JSONValue = [:]
            let account = try peering.facts.flatMap {
                try $0.gateways.get().first?.spec["serviceAccountName"]?.stringValue
            }
            let given = remote.annotations[WellKnown.gatewayServiceAccount]
            if given == nil || account != nil && given != account {
                evidence.append(Evidence(remote, annotation: WellKnown.gatewayServiceAccount))
                if let account {
                    metadata.set(.string(account), at: "annotations", WellKnown.gatewayServiceAccount)
                }
            }
            if isSolo, remote.labels[WellKnown.cluster] == nil {
                evidence.append(Evidence(remote, label: WellKnown.cluster))
                metadata.set(.string(peering.facts?.id ?? peering.server), at: "labels", WellKnown.cluster)
            }
            guard !evidence.isEmpty else { return nil }
            return finding(
                "Gateway \(remote.namespace)/\(remote.name) does not say who answers in \(peering.server)", at: site,
                evidence,
                fix: metadata == [:]
                    ? nil
                    : AuditFix(
                        .patch(resource: "gateway", namespace: remote.namespace, name: remote.name),
                        ["metadata": metadata]))
        }
    }
}
