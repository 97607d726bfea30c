import QuakeBase
import QuakeKube

/// Where there are zones, the replicas are in several.
enum GatewayNoZoneSpread: AuditRule {
    static let declaration = RuleDeclaration(
        "gateway-no-zone-spread", .gateway, .warning,
        practice: "Where eligible nodes are in several zones, a rule spreads the gateway's pods across zones.",
        why: "A zone fails as a whole, and all gateway pods may be in one by chance.",
        remedy: "Add anti-affinity or a topology spread with topologyKey topology.kubernetes.io/zone.")

    static func findings(at site: AuditSite) throws -> [Finding] {
        try site.deployed(.gateway).compactMap { workload in
            let zones = Set(try workload.eligible().compactMap(\.zone)).sorted()
            guard zones.count > 1, !workload.effectiveRules.contains(where: { $0.topologyKey == WellKnown.zone })
            else { return nil }
            let keys = Set(workload.effectiveRules.map(\.topologyKey))
            let nodes = try site.nodes()
            let taken = workload.placed.compactMap { pod in nodes.first { $0.name == pod.node }?.zone }
            let now = taken.isEmpty ? "none" : taken.sorted().joined(separator: ", ")
            return finding(
                "no rule spreads \(workload.title) across its \(zones.count) zones", at: site,
                [
                    Evidence(
                        workload.object, "spec.template.spec: topologyKey of its rules",
                        keys.isEmpty ? "absent" : keys.sorted().joined(separator: ", ")),
                    Evidence(
                        ["kind": "Node", "metadata": ["name": "(of its pods)"]],
                        "metadata.labels[\(WellKnown.zone)]", "\(now); eligible: \(zones.joined(separator: ", "))"),
                ], fix: Spreading.fix(workload, at: site, key: WellKnown.zone))
        }
    }
}
