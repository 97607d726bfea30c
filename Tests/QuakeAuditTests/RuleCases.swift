import QuakeAudit
import QuakeKube
import Testing

/// How a good pair is made to break one practice, what shows it, and what the rule cannot do without.
struct RuleCase: Sendable, CustomTestStringConvertible {
    var rule: String
    var mesh = "standin"
    /// Where it is found.
    var cluster = "west"
    /// Of the evidence: the end of the field, and a part of the value.
    var field: String
    var value: String
    /// Without it the rule is not checked.
    var needs: AuditResource
    var change: @Sendable (inout World) -> Void

    init(
        _ rule: String, on mesh: String = "standin", in cluster: String = "west", _ field: String, _ value: String,
        needs: AuditResource, _ change: @escaping @Sendable (inout World) -> Void
    ) {
        (self.rule, self.mesh, self.cluster) = (rule, mesh, cluster)
        (self.field, self.value, self.needs, self.change) = (field, value, needs, change)
    }

    var testDescription: String { "\(rule), \(mesh), \(field) = \(value)" }

    /// A finding of the rule, in its cluster, has the evidence.
    func isShown(by findings: [Finding]) -> Bool {
        let evidence = findings.filter { $0.rule.id == rule && $0.cluster == cluster }.flatMap(\.evidence)
        return evidence.contains { $0.field.hasSuffix(field) && $0.value.contains(value) }
    }

    private static let gateway = "istio-eastwest"
    private static let remote = "istio-remote-peer-west"

    static let all = gateways + budgets + pools + peering + solo + istio + istiod + detection + customisation

    static let gateways: [RuleCase] = [
        RuleCase("gateway-missing", on: "istio", "spec.gatewayClassName", "none is", needs: .deployments) {
            $0.remove(.gateways)
        },
        RuleCase("gateway-missing", on: "solo", "spec.gatewayClassName", "istio-eastwest", needs: .gateways) {
            $0.remove(.deployments, gateway)
        },
        RuleCase("gateway-not-programmed", on: "istio", "Programmed].status", "False", needs: .gateways) {
            $0.edit(.gateways, gateway) {
                $0.set([["type": "Programmed", "status": "False"]], at: "status", "conditions")
            }
        },
        RuleCase("gateway-no-ready-endpoint", "endpoints", "0 ready of 2", needs: .endpointSlices) {
            $0.edit(.endpointSlices) { slice in
                for index in 0...1 { slice["endpoints"]?[index]?["conditions"] = ["ready": false] }
            }
        },
        RuleCase("gateway-no-ready-endpoint", "gateway-name]", "istio-eastwest", needs: .services) {
            $0.remove(.services, gateway)
        },
        RuleCase("gateway-single-replica", "spec.replicas", "1", needs: .autoscalers) {
            $0.edit(.deployments, gateway) { $0.set(1, at: "spec", "replicas") }
        },
        RuleCase("gateway-single-replica", on: "istio", "spec.minReplicas", "1", needs: .autoscalers) {
            $0.add(.autoscalers, World.autoscaler(1))
        },
        RuleCase("gateway-anti-affinity-missing", "podAntiAffinity", "absent", needs: .deployments) {
            $0.pod(of: gateway) {
                $0["affinity"] = nil
                $0["topologySpreadConstraints"] = nil
            }
        },
        RuleCase("gateway-anti-affinity-selector", "labelSelector", "other", needs: .deployments) {
            $0.pod(of: gateway) {
                $0["affinity"]?["podAntiAffinity"]?["requiredDuringSchedulingIgnoredDuringExecution"]?[0]?[
                    "labelSelector"] = ["matchLabels": ["app": "other"]]
            }
        },
        RuleCase("gateway-pods-on-one-node", "spec.nodeName", "west-w1", needs: .pods) {
            $0.move("gateway-2", to: "w1")
        },
        RuleCase("gateway-pods-share-node", "spec.nodeName", "west-w1", needs: .pods) { world in
            world.items(.pods, in: "west") { pods in
                guard var third = pods.first(where: { $0.name == "gateway-1" }) else { return }
                third.set("gateway-3", at: "metadata", "name")
                pods.append(third)
            }
        },
        RuleCase("gateway-topology-key-missing", "metadata.labels[rack]", "absent", needs: .nodes) {
            $0.pod(of: gateway) {
                $0["affinity"]?["podAntiAffinity"]?["requiredDuringSchedulingIgnoredDuringExecution"]?[0]?[
                    "topologyKey"] = "rack"
            }
        },
        RuleCase("gateway-too-few-nodes", "spec.replicas", "4", needs: .nodes) {
            $0.edit(.deployments, gateway) { $0.set(4, at: "spec", "replicas") }
        },
        RuleCase("gateway-no-room-for-surge", "spec.replicas", "3", needs: .nodes) {
            $0.edit(.deployments, gateway) { $0.set(3, at: "spec", "replicas") }
        },
        RuleCase("gateway-no-zone-spread", "topologyKey of its rules", "kubernetes.io/hostname", needs: .nodes) {
            $0.pod(of: gateway) { $0["topologySpreadConstraints"] = nil }
        },
        RuleCase("gateway-no-eligible-node", "nodeSelector", "nowhere", needs: .nodes) {
            $0.pod(of: gateway) { $0["nodeSelector"] = ["disk": "nowhere"] }
        },
        RuleCase("gateway-on-control-plane", "tolerations", "Exists", needs: .nodes) {
            $0.pod(of: gateway) {
                $0["tolerations"] = [["operator": "Exists"]]
                $0["affinity"]?["nodeAffinity"] = nil
            }
        },
        RuleCase("gateway-on-cordoned-node", "spec.unschedulable", "true", needs: .nodes) {
            $0.edit(.nodes, "west-w1") { $0.set(true, at: "spec", "unschedulable") }
        },
        RuleCase("gateway-grace-period", "terminationGracePeriodSeconds", "2", needs: .deployments) {
            $0.pod(of: gateway) { $0["terminationGracePeriodSeconds"] = 2 }
        },
        RuleCase("gateway-grace-period", "preStop", "25 s", needs: .deployments) {
            $0.pod(of: gateway) { $0["containers"]?[0]?["lifecycle"]?["preStop"] = ["sleep": ["seconds": 25]] }
        },
        RuleCase("gateway-no-prestop", "preStop", "absent", needs: .deployments) {
            $0.pod(of: gateway) { $0["containers"]?[0]?["lifecycle"] = nil }
        },
    ]

    static let budgets: [RuleCase] = [
        RuleCase("budget-missing", "template.metadata.labels", "istio-eastwest", needs: .budgets) {
            $0.remove(.budgets, gateway)
        },
        RuleCase("istiod-budget-missing", "template.metadata.labels", "istiod", needs: .budgets) {
            $0.remove(.budgets, "istiod")
        },
        RuleCase("budget-overlap", "spec.selector", "istiod", needs: .budgets) { world in
            world.items(.budgets, in: "west") { budgets in
                guard var other = budgets.last else { return }
                other.set("other", at: "metadata", "name")
                budgets.append(other)
            }
        },
        RuleCase("budget-blocks-every-drain", "spec.minAvailable", "100%", needs: .budgets) {
            $0.limit(gateway, "minAvailable", "100%")
        },
        RuleCase("budget-blocks-every-drain", "spec.minAvailable", "2", needs: .budgets) {
            $0.limit("istiod", "minAvailable", 2)
        },
        RuleCase("budget-blocks-every-drain", "spec.maxUnavailable", "0", needs: .budgets) {
            $0.limit(gateway, "maxUnavailable", 0)
        },
        RuleCase("budget-protects-nothing", "spec.maxUnavailable", "100%", needs: .budgets) {
            $0.limit(gateway, "maxUnavailable", "100%")
        },
        RuleCase("budget-unhealthy-pods", "unhealthyPodEvictionPolicy", "absent", needs: .budgets) {
            $0.edit(.budgets, gateway) { $0["spec"]?["unhealthyPodEvictionPolicy"] = nil }
        },
        RuleCase("budget-used-up", "disruptionsAllowed", "0", needs: .budgets) {
            $0.edit(.budgets, gateway) { $0.set(0, at: "status", "disruptionsAllowed") }
        },
        RuleCase("gateway-object-orphaned", on: "istio", "podDisruptionBudget", "absent", needs: .configmaps) {
            $0.edit(.configmaps, "eastwest-defaults") { $0["data"]?["podDisruptionBudget"] = nil }
        },
        RuleCase("gateway-object-orphaned", on: "solo", "horizontalPodAutoscaler", "absent", needs: .autoscalers) {
            $0.add(.autoscalers, World.autoscaler(2))
        },
    ]

    static let pools: [RuleCase] = [
        RuleCase("nodepool-equal-expiry", "spec.template.spec.expireAfter", "696h", needs: .nodepools) {
            $0.edit(.nodepools, "pool-a") { $0.set("696h", at: "spec", "template", "spec", "expireAfter") }
        },
        RuleCase("nodeclaims-expire-together", "expireAfter", "2026-11-30T00:05:00Z", needs: .nodeclaims) {
            $0.edit(.nodeclaims, "west-claim-0") {
                $0.set("696h", at: "spec", "expireAfter")
                $0.set("2026-11-01T00:05:00Z", at: "metadata", "creationTimestamp")
            }
        },
        RuleCase("nodepool-expiry-without-budget", "expireAfter", "720h", needs: .nodepools) {
            $0.remove(.budgets, gateway)
        },
        RuleCase("nodepool-grace-overrides-budget", "terminationGracePeriod", "30s", needs: .nodepools) {
            $0.edit(.nodepools, "pool-b") {
                $0.set("30s", at: "spec", "template", "spec", "terminationGracePeriod")
            }
        },
        RuleCase("nodepool-v1beta1-fields", "spec.disruption.expireAfter", "240h", needs: .nodepools) {
            $0.edit(.nodepools, "pool-b") { $0.set("240h", at: "spec", "disruption", "expireAfter") }
        },
    ]
}

extension World {
    /// The limit of a budget, in place of the one that it has.
    mutating func limit(_ budget: String, _ key: String, _ value: JSONValue) {
        edit(.budgets, budget) {
            $0["spec"]?["maxUnavailable"] = nil
            $0["spec"]?[key] = value
        }
    }
}
