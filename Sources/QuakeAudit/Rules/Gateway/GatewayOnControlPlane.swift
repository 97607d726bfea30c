import QuakeBase
import QuakeKube

/// Gateways keep off control planes.
enum GatewayOnControlPlane: AuditRule {
    static let declaration = RuleDeclaration(
        "gateway-on-control-plane", .gateway, .warning,
        practice: "The gateway's node affinity leaves control-plane nodes out.",
        why: "A control plane's upgrade would take a gateway with it, and cloud load balancers leave those nodes out.",
        remedy: "Require node-role.kubernetes.io/control-plane DoesNotExist, or remove the toleration.")

    static func findings(at site: AuditSite) throws -> [Finding] {
        try site.deployed(.gateway).compactMap { workload in
            let eligible = try workload.eligible()
            let planes = eligible.filter(\.isControlPlane)
            guard !planes.isEmpty else { return nil }
            let term: JSONValue = [
                "matchExpressions": [["key": .string(WellKnown.controlPlaneRole), "operator": "DoesNotExist"]]
            ]
            let affinity: JSONValue = [
                "nodeAffinity": ["requiredDuringSchedulingIgnoredDuringExecution": ["nodeSelectorTerms": [term]]]
            ]
            let isOnly = planes.count == eligible.count
            return finding(
                "\(workload.title) may run on control-plane nodes: \(Spreading.names(planes))", at: site,
                ["affinity.nodeAffinity", "tolerations"].map { Evidence(workload.object, "spec.template.spec.\($0)") }
                    + planes.prefix(5).map { Evidence($0.object, label: WellKnown.controlPlaneRole) },
                fix: isOnly
                    ? nil : site.fix(workload, patch: ["spec": ["template": ["spec": ["affinity": affinity]]]]))
        }
    }
}
