import QuakeKube
import QuakeSim

/// A kind of object that the embedded API serves.
package struct ResourceKind: Sendable, Hashable {
    package var group: String
    package var version: String
    /// The plural of URLs; unique among the kinds served, so that it names a kind.
    package var resource: String
    package var kind: String
    package var namespaced: Bool
    package var shortNames: [String]
    package var categories: [String]
    /// Name → kind of the subresources served.
    package var subresources: [String]

    init(
        _ group: String, _ resource: String, _ kind: String, namespaced: Bool = true, short: [String] = [],
        categories: [String] = [], subresources: [String] = [], version: String = "v1"
    ) {
        self.group = group
        self.version = version
        self.resource = resource
        self.kind = kind
        self.namespaced = namespaced
        shortNames = short
        self.categories = categories
        self.subresources = subresources
    }

    package var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }
    var singular: String { kind.lowercased() }
    /// `nodes`, `deployments.apps`: how messages name it.
    var qualified: String { group.isEmpty ? resource : "\(resource).\(group)" }

    package static func == (a: ResourceKind, b: ResourceKind) -> Bool { a.resource == b.resource && a.group == b.group }
    package func hash(into hasher: inout Hasher) { hasher.combine(resource) }

    static let nodes = ResourceKind("", "nodes", "Node", namespaced: false, short: ["no"], subresources: ["status"])
    static let namespaces = ResourceKind(
        "", "namespaces", "Namespace", namespaced: false, short: ["ns"], subresources: ["status"])
    static let pods = ResourceKind(
        "", "pods", "Pod", short: ["po"], categories: ["all"], subresources: ["status", "eviction", "proxy"])
    static let services = ResourceKind(
        "", "services", "Service", short: ["svc"], categories: ["all"], subresources: ["status"])
    static let deployments = ResourceKind(
        "apps", "deployments", "Deployment", short: ["deploy"], categories: ["all"], subresources: ["status", "scale"])
    static let replicaSets = ResourceKind(
        "apps", "replicasets", "ReplicaSet", short: ["rs"], categories: ["all"], subresources: ["status", "scale"])
    static let daemonSets = ResourceKind(
        "apps", "daemonsets", "DaemonSet", short: ["ds"], categories: ["all"], subresources: ["status"])
    static let endpointSlices = ResourceKind("discovery.k8s.io", "endpointslices", "EndpointSlice")
    static let leases = ResourceKind("coordination.k8s.io", "leases", "Lease")
    static let budgets = ResourceKind(
        "policy", "poddisruptionbudgets", "PodDisruptionBudget", short: ["pdb"], subresources: ["status"])
    static let priorityClasses = ResourceKind(
        "scheduling.k8s.io", "priorityclasses", "PriorityClass", namespaced: false, short: ["pc"])
    static let autoscalers = ResourceKind(
        "autoscaling", "horizontalpodautoscalers", "HorizontalPodAutoscaler", short: ["hpa"], categories: ["all"],
        subresources: ["status"], version: "v2")
    static let gateways = ResourceKind(
        "gateway.networking.k8s.io", "gateways", "Gateway", short: ["gtw"], categories: ["gateway-api"],
        subresources: ["status"])
    static let gatewayClasses = ResourceKind(
        "gateway.networking.k8s.io", "gatewayclasses", "GatewayClass", namespaced: false, short: ["gc"],
        categories: ["gateway-api"], subresources: ["status"])
    static let nodePools = ResourceKind("karpenter.sh", "nodepools", "NodePool", namespaced: false)
    static let nodeClaims = ResourceKind("karpenter.sh", "nodeclaims", "NodeClaim", namespaced: false)
    static let events = ResourceKind("", "events", "Event", short: ["ev"])

    /// Everything that is served, in the order of discovery.
    package static let all: [ResourceKind] = [
        nodes, namespaces, pods, services,
        ResourceKind("", "configmaps", "ConfigMap", short: ["cm"]),
        ResourceKind("", "secrets", "Secret"),
        ResourceKind("", "serviceaccounts", "ServiceAccount", short: ["sa"]),
        events,
        deployments, replicaSets, daemonSets, endpointSlices, leases, budgets, priorityClasses, autoscalers,
        ResourceKind("rbac.authorization.k8s.io", "roles", "Role"),
        ResourceKind("rbac.authorization.k8s.io", "rolebindings", "RoleBinding"),
        ResourceKind("rbac.authorization.k8s.io", "clusterroles", "ClusterRole", namespaced: false),
        ResourceKind("rbac.authorization.k8s.io", "clusterrolebindings", "ClusterRoleBinding", namespaced: false),
        // Stored and shown: what they define is served, or not, whether or not they are there.
        ResourceKind(
            "apiextensions.k8s.io", "customresourcedefinitions", "CustomResourceDefinition", namespaced: false,
            short: ["crd", "crds"]),
        gateways, gatewayClasses,
        nodePools, nodeClaims,
    ]

    static func find(group: String, version: String, resource: String) -> ResourceKind? {
        all.first { $0.group == group && $0.version == version && $0.resource == resource }
    }

    /// What field selectors of the kind may name.
    var selectableFields: Set<String> {
        let own: Set<String> =
            switch self {
            case .pods:
                [
                    "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName",
                    "spec.hostNetwork", "status.phase", "status.podIP", "status.podIPs", "status.nominatedNodeName",
                ]
            case .nodes: ["spec.unschedulable"]
            case .namespaces: ["status.phase"]
            case .services: ["spec.clusterIP", "spec.type"]
            case .replicaSets: ["status.replicas"]
            case .events:
                [
                    "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid",
                    "involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason",
                    "reportingComponent", "source", "type",
                ]
            default: resource == "secrets" ? ["type"] : []
            }
        return own.union(["metadata.name", "metadata.namespace"])
    }

    var path: ResourcePath { ResourcePath(group: group, version: version, resource: resource) }
}
