import QuakeBase
import QuakeKube

/// What the rules on gateways and those on istiod have in common about how pods are kept apart.
enum Spreading {
    typealias Found = (workload: Workload, evidence: [Evidence])

    private static let affinity = "spec.template.spec.affinity.podAntiAffinity"
    private static let spread = "spec.template.spec.topologySpreadConstraints"

    /// Workloads without any rule.
    static func missing(_ role: Workload.Role, at site: AuditSite) throws -> [Found] {
        try site.deployed(role).filter { $0.spreadRules.isEmpty }.map { workload in
            (workload, [Evidence(workload.object, affinity), Evidence(workload.object, spread)])
        }
    }

    /// Rules whose selector leaves the workload's own pods out.
    static func misses(_ role: Workload.Role, at site: AuditSite) throws -> [(workload: Workload, rule: SpreadRule)] {
        try site.deployed(role).flatMap { workload in
            workload.spreadRules.filter { !$0.matchesOwnPods }.map { (workload, $0) }
        }
    }

    /// The selector, and the labels that it does not select.
    static func evidence(_ workload: Workload, _ rule: SpreadRule) -> [Evidence] {
        [
            Evidence(workload.object, "\(rule.field).labelSelector"),
            Evidence(workload.object, "spec.template.metadata.labels"),
        ]
    }

    /// Workloads of which more pods are asked for than required rules let run at once.
    ///
    /// - Parameter more: pods in addition to the replicas.
    static func crowded(
        _ workload: Workload, replicas: Int
    ) throws -> (room: Int, evidence: [Evidence])? {
        guard let room = try workload.room(), replicas > room.pods else { return nil }
        return (
            room.pods,
            [
                Evidence(workload.object, "spec.replicas", "\(workload.replicas)"),
                Evidence(workload.object, "\(room.rule.field).topologyKey", room.rule.topologyKey),
                Evidence(
                    ["kind": "Node", "metadata": ["name": "(eligible)"]],
                    "metadata.labels[\(room.rule.topologyKey)]",
                    "room for \(room.pods): \(try names(workload.eligible()))"),
            ]
        )
    }

    /// A few names, and how many more there are.
    static func names(_ nodes: [NodeView]) -> String {
        let names = nodes.map(\.name).sorted()
        return (names.prefix(5) + (names.count > 5 ? ["and \(names.count - 5) more"] : [])).joined(separator: ", ")
    }

    /// Required anti-affinity by hostname that selects the workload's own pods: for istiod preferred, which lets it run
    /// where there are too few nodes.
    static func fix(_ workload: Workload, at site: AuditSite, key: String = WellKnown.hostname) -> AuditFix? {
        let selector = workload.deployment?[path: "spec.selector"] ?? [:]
        let term: JSONValue = ["labelSelector": selector, "topologyKey": .string(key)]
        let rule: JSONValue
        if workload.role == .gateway, key == WellKnown.hostname {
            rule = ["requiredDuringSchedulingIgnoredDuringExecution": [term]]
        } else {
            rule = ["preferredDuringSchedulingIgnoredDuringExecution": [["weight": 100, "podAffinityTerm": term]]]
        }
        let affinity: JSONValue = ["affinity": ["podAntiAffinity": rule]]
        return site.fix(workload, patch: ["spec": ["template": ["spec": affinity]]], helm: affinity)
    }
}
