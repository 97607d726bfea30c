import QuakeBase
import QuakeKube
import QuakeRecord

/// NodePort peering is between networks.
enum FlatNetwork: AuditRule {
    static let declaration = RuleDeclaration(
        "flat-network", .peering, .error,
        practice: "Clusters that peer via NodePort are on different networks.",
        why: "In a flat network pods reach each other themselves, and NodePort peering does not apply there.",
        remedy: "Give each cluster its own topology.istio.io/network, or peer without NodePort.",
        meshes: [.istio, .solo], methods: [.nodePort])

    static func findings(at site: AuditSite) throws -> [Finding] {
        func networks(_ facts: ClusterFacts) throws -> [(network: String, gateway: JSONValue)] {
            try facts.gateways.get().compactMap { workload in
                workload.gateway.flatMap { gateway in gateway.labels[WellKnown.network].map { ($0, gateway) } }
            }
        }
        let own = try networks(site.facts)
        return try site.outgoing.get().filter { $0.method == .nodePort }.flatMap { peering -> [Finding] in
            guard let facts = peering.facts else { return [] }
            return try networks(facts).filter { other in own.contains { $0.network == other.network } }.map { other in
                finding(
                    "\(site.name) and \(peering.server) are both on network \(other.network) and peer via NodePort",
                    at: site,
                    (own.map(\.gateway) + [other.gateway]).map { Evidence($0, label: WellKnown.network) },
                    fix: own.first.map { first in
                        AuditFix(
                            .patch(
                                resource: "gateway", namespace: first.gateway.namespace, name: first.gateway.name),
                            ["metadata": ["labels": [WellKnown.network: .string(site.facts.name)]]])
                    })
            }
        }
    }
}
