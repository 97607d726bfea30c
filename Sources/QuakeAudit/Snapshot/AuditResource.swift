package import QuakeKube

/// A kind of object that an audit lists. Raw values are the plurals of URLs, and keys of saved snapshots.
package enum AuditResource: String, Sendable, CaseIterable, Codable {
    case nodes, pods, services, deployments, configmaps, leases, gateways, gatewayclasses, nodepools, nodeclaims
    case budgets = "poddisruptionbudgets"
    case autoscalers = "horizontalpodautoscalers"
    case endpointSlices = "endpointslices"

    /// The whole collection, in all namespaces.
    package var path: ResourcePath {
        switch self {
        case .nodes: .nodes
        case .pods: .pods()
        case .services: .services()
        case .configmaps: .configMaps()
        case .deployments: .deployments()
        case .leases: .leases("kube-node-lease")
        case .budgets: .podDisruptionBudgets()
        case .endpointSlices: .endpointSlices()
        case .autoscalers: ResourcePath(group: "autoscaling", version: "v2", resource: rawValue)
        case .gateways, .gatewayclasses: ResourcePath(group: "gateway.networking.k8s.io", resource: rawValue)
        case .nodepools, .nodeclaims: ResourcePath(group: "karpenter.sh", resource: rawValue)
        }
    }

    /// `kind` of each object, which lists leave out.
    package var kind: String {
        switch self {
        case .nodes: "Node"
        case .pods: "Pod"
        case .services: "Service"
        case .deployments: "Deployment"
        case .configmaps: "ConfigMap"
        case .leases: "Lease"
        case .gateways: "Gateway"
        case .gatewayclasses: "GatewayClass"
        case .nodepools: "NodePool"
        case .nodeclaims: "NodeClaim"
        case .budgets: "PodDisruptionBudget"
        case .autoscalers: "HorizontalPodAutoscaler"
        case .endpointSlices: "EndpointSlice"
        }
    }
}
