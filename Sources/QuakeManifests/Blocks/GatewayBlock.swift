import QuakeBase
import QuakeKube
import QuakeMesh
import QuakeRecord

/// The gateway's pods: how many, where, and how they end. Istio and Solo take it as a ConfigMap, the stand-in as a
/// patch.
///
/// Of the ConfigMap (istio/istio 1.27.9 to 1.29.0, `pilot/pkg/config/kube/gateway/deploymentcontroller.go`): istiod
/// looks for it in its own namespace by the label `gateway.istio.io/defaults-for-class`, takes the oldest of
/// several, merges each key as a strategic merge patch into the object that it makes, and refuses every key but
/// `deployment`, `service`, `serviceAccount`, `horizontalPodAutoscaler` and `podDisruptionBudget`.
struct GatewayBlock {
    /// In s, of the pod; 2 in Istio 1.27 (`files/waypoint.yaml`), Kubernetes' 30 from 1.28.
    private static let gracePeriod = 30
    /// In s: kube-proxies learn within it that an endpoint terminates.
    private static let preStop = 5

    let parameters: ManifestParameters

    func blocks() -> [ManifestBlock] {
        guard parameters.mesh == .standin else { return [configMap] }
        return [deploymentPatch] + (parameters.peering == .nodePort ? [servicePatch] : [])
    }

    private var deploymentPatch: ManifestBlock {
        ManifestBlock(
            kind: .patch, file: "gateway-deployment-patch.yaml",
            usage: parameters.kubectl(
                "-n \(parameters.gatewayNamespace) patch deployment \(parameters.gateway) --patch-file "
                    + "gateway-deployment-patch.yaml"),
            reasons: reasons, body: patch)
    }

    private var servicePatch: ManifestBlock {
        ManifestBlock(
            kind: .patch, file: "gateway-service-patch.yaml",
            usage: parameters.kubectl(
                "-n \(parameters.gatewayNamespace) patch service \(parameters.gateway) --patch-file "
                    + "gateway-service-patch.yaml"),
            reasons: serviceReasons, body: ["spec": ["externalTrafficPolicy": "Local"]])
    }

    private var configMap: ManifestBlock {
        var data = parameters.cluster?.defaults?.data ?? [:]
        data["deployment"] = patch.yamlText
        data["podDisruptionBudget"] =
            parameters.budgetPlace == .configmap
            ? JSONValue.object(["spec": BudgetBlock.limits(parameters.budget)]).yamlText : nil
        if parameters.peering == .nodePort {
            let present = data["service"].flatMap { try? JSONValue.manifests($0, file: "service") }?.first
            var service = present ?? [:]
            service.set("Local", at: "spec", "externalTrafficPolicy")
            data["service"] = service.yamlText
        }
        let name = parameters.cluster?.defaults?.name ?? "\(parameters.gatewayClass)-defaults"
        return ManifestBlock(
            kind: .configMap, file: "gateway-defaults.yaml",
            usage: parameters.kubectl("apply -f gateway-defaults.yaml"),
            reasons: [
                "istiod merges each key into what it makes for every Gateway of class \(parameters.gatewayClass). "
                    + "Of several ConfigMaps with this label the oldest one is in force, so keep to one."
            ] + reasons + (parameters.peering == .nodePort ? serviceReasons : []) + budgetReasons,
            body: [
                "apiVersion": "v1", "kind": "ConfigMap",
                "metadata": [
                    "name": .string(name), "namespace": .string(parameters.systemNamespace),
                    "labels": [WellKnown.gatewayDefaults: .string(parameters.gatewayClass)],
                ], "data": JSONValue(data),
            ])
    }

    // MARK: - The Deployment

    private var patch: JSONValue {
        var pod: JSONValue = [
            "terminationGracePeriodSeconds": .int(Int64(Self.gracePeriod)),
            "affinity": ["nodeAffinity": nodeAffinity, "podAntiAffinity": antiAffinity],
        ]
        if let name = preStopContainer {
            pod["containers"] = [
                [
                    "name": .string(name),
                    "lifecycle": ["preStop": ["sleep": ["seconds": .int(Int64(Self.preStop))]]],
                ]
            ]
        }
        return [
            "spec": [
                "replicas": .int(Int64(parameters.replicas)),
                "strategy": [
                    "type": "RollingUpdate",
                    "rollingUpdate": hasSpareNode
                        ? ["maxSurge": 1, "maxUnavailable": 0] : ["maxSurge": 0, "maxUnavailable": 1],
                ],
                "template": ["spec": pod],
            ]
        ]
    }

    /// Whether a rolling update finds a domain without a gateway. Only a cluster can tell.
    private var hasSpareNode: Bool {
        guard let cluster = parameters.cluster else { return false }
        let nodes = cluster.eligible(without: parameters.exclusions)
        return cluster.domains(parameters.requiredKey, of: nodes).known > parameters.replicas
    }

    /// `nil` where its name is not known, or the cluster's Kubernetes has no `sleep` (from 1.30).
    private var preStopContainer: String? {
        (parameters.cluster?.minor ?? 30) >= 30 ? parameters.gatewayContainer : nil
    }

    private var nodeAffinity: JSONValue {
        let expressions = parameters.exclusions.map { label -> JSONValue in
            guard let value = label.value else { return ["key": .string(label.key), "operator": "DoesNotExist"] }
            return ["key": .string(label.key), "operator": "NotIn", "values": [.string(value)]]
        }
        return [
            "requiredDuringSchedulingIgnoredDuringExecution": [
                "nodeSelectorTerms": [["matchExpressions": .array(expressions)]]
            ]
        ]
    }

    private var antiAffinity: JSONValue {
        func term(_ key: String) -> JSONValue {
            [
                "labelSelector": ["matchLabels": [WellKnown.gatewayName: .string(parameters.gateway)]],
                "topologyKey": .string(key),
            ]
        }
        var rules: JSONValue = ["requiredDuringSchedulingIgnoredDuringExecution": [term(parameters.requiredKey)]]
        let others = parameters.topologyKeys.dropFirst()
        if !others.isEmpty {
            rules["preferredDuringSchedulingIgnoredDuringExecution"] = .array(
                others.map { ["weight": 100, "podAffinityTerm": term($0)] })
        }
        return rules
    }

    // MARK: - Reasons

    private var reasons: [String] {
        var all = [
            "replicas: with \(parameters.replicas), the others carry the traffic while a node is drained, restarted "
                + "or dead.",
            "podAntiAffinity: required, so that no two of them share a \(Self.domain(parameters.requiredKey)). The "
                + "replicas beyond the number of those stay Pending.",
        ]
        for key in parameters.topologyKeys.dropFirst() {
            all.append("podAntiAffinity: preferred by \(key), so that they are in different ones where there is room.")
        }
        all.append(
            "nodeAffinity: no gateway runs where the node's label is \(list(parameters.exclusions)). Cloud load "
                + "balancers leave control planes out, and an upgrade of one would take a gateway with it.")
        all.append(
            hasSpareNode
                ? "strategy: a new pod is ready before an old one goes; there is a free node for it."
                : "strategy: a rolling update takes a pod away before it makes one. With required anti-affinity and "
                    + "no free node the new one would stay Pending and the update would stall.")
        all.append(
            "terminationGracePeriodSeconds: open connections are cut 5 s before its end, so \(Self.gracePeriod) s "
                + "leave \(Self.gracePeriod - 5 - (preStopContainer == nil ? 0 : Self.preStop)) s to drain. Istio "
                + "1.27 has 2 s.")
        all.append(preStopReason)
        return all
    }

    private var preStopReason: String {
        if preStopContainer != nil {
            return "preStop: for \(Self.preStop) s the pod still accepts connections, until every node has learned "
                + "that it terminates. The sleep action needs Kubernetes 1.30."
        }
        if parameters.gatewayContainer != nil {
            return "preStop: left out, because its sleep action needs Kubernetes 1.30."
        }
        return "preStop: left out, because the name of the gateway's container is not known; --gateway-container or "
            + "--for says it, and a wrong name would add a container."
    }

    private var serviceReasons: [String] {
        let count = parameters.replicas
        return [
            "externalTrafficPolicy: with Local, peers reach a gateway on the node that they dial. With Cluster, a "
                + "healthy node may forward to the gateway of a node that has just failed, and of \(count) gateway "
                + "nodes one that fails costs 1 - (\(count - 1)/\(count))^2 of new connections instead of 1/\(count)."
        ]
    }

    private var budgetReasons: [String] {
        parameters.budgetPlace == .configmap
            ? BudgetBlock.reasons(parameters) + [
                "podDisruptionBudget: istiod makes it from this key and never deletes it; delete it by hand after "
                    + "you remove the key."
            ] : []
    }

    private func list(_ labels: [NodeLabel]) -> String { labels.map(\.description).joined(separator: " or ") }

    /// What a topology key's value names.
    static func domain(_ key: String) -> String {
        switch key {
        case WellKnown.hostname: "node"
        case WellKnown.zone: "zone"
        case WellKnown.region: "region"
        default: "value of \(key)"
        }
    }
}
