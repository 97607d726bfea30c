package import QuakePlan

/// What a run asks rights for.
package enum RightsNeed: Sendable, Hashable {
    /// Every run.
    case run
    /// Every run, of the mesh's own namespaces.
    case mesh
    /// Without it a run does less, and does not fail.
    case nothing
    /// The stand-in's records.
    case standin
    /// Probers in pods.
    case podProber
    /// Istio as the mesh under test.
    case istio
    /// A peering method, or a traffic policy, that a plan sets on a Service.
    case serviceSetting
    /// A peering method that a plan sets on Istio's gateways.
    case gatewaySetting
    /// The Gateways that NodePort peering of open-source Istio makes, and what it reads before.
    case gatewayCreation
    /// The configuration of ztunnels, through port-forwards to them.
    case ztunnel
    /// The Telemetry that switches the access log of Istio's gateways on.
    case meshLogs
    /// The kubelets' Leases.
    case nodeLeases
    /// And what includes it.
    case cordon
    case eviction
    /// Reading the controllers of pods that a drain leaves alone.
    case controllers
    /// Pods of all namespaces, by their node.
    case allPods
    case podDeletion
    /// Pods that an action makes of a Deployment's template, and deletes.
    case madePods
    /// Changes of a kind of workload, by its plural.
    case workload(String)
    /// Objects of manifests, by group and plural.
    case manifest(group: String, resource: String)
    /// The expiry of nodes where Karpenter is, and where it is not.
    case karpenter, karpenterStandin
}

/// A need of one action.
package struct RightsAsk: Sendable, Equatable {
    package var need: RightsNeed
    /// Rights in these alone are enough; empty: they are needed in all of the cluster.
    package var namespaces: Set<String>

    package init(_ need: RightsNeed, in namespaces: Set<String> = []) {
        self.need = need
        self.namespaces = namespaces
    }

    /// Reading the kubelets' Leases.
    package static let nodeLeases = RightsAsk(.nodeLeases, in: ["kube-node-lease"])
}

/// Where an action is to be done.
package struct RightsPlace: Sendable {
    package var cluster: Cluster
    package var peering: any Peering
    /// Files that the plan names.
    package var attachments: Attachments

    package init(cluster: Cluster, peering: any Peering, attachments: Attachments) {
        self.cluster = cluster
        self.peering = peering
        self.attachments = attachments
    }

    /// Changes of one workload; none where the mesh has no such part.
    func workload(_ hosting: Hosting) -> [RightsAsk] {
        peering.place(of: hosting).map { [RightsAsk(.workload($0.kind + "s"), in: [$0.namespace])] } ?? []
    }
}
