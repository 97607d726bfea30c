import QuakeBase
import QuakeMesh
package import QuakeRecord

/// What a configuration is made for.
package struct ManifestParameters: Sendable, Equatable {
    /// Where the gateway's budget is written.
    package enum BudgetPlace: String, Sendable, CaseIterable {
        /// An object that is applied, and deleted, like every other.
        case object
        /// A key of the ConfigMap, from which istiod makes one for every Gateway of the class and never deletes it.
        case configmap
    }

    package var mesh: ManifestMesh
    /// Of the Gateways that the ConfigMap customises.
    package var gatewayClass: String
    package var gatewayNamespace = MeshNames.gatewayNamespace
    package var gateway = MeshNames.gateway
    /// istiod's.
    package var systemNamespace = MeshNames.systemNamespace
    /// Of the gateway's pods; `nil` where it is not known, and then no preStop hook is written.
    package var gatewayContainer: String?
    package var replicas = 2
    /// Pods never share a domain of the first, and rather not one of the others. Not empty.
    package var topologyKeys = [WellKnown.hostname]
    /// In addition to control planes.
    package var excluded: [NodeLabel] = []
    package var budget = BudgetLimit.one
    package var budgetPlace = BudgetPlace.object
    package var peering = PeeringMethod.loadBalancer
    package var istiodReplicas = 2
    package var nodePools: [PoolExpiry] = []
    package var nodeClass = NodeClassReference.standard
    /// `--node-monitor-grace-period`; `nil` where it is left alone.
    package var gracePeriod: Duration?
    /// `nil` where the configuration is for no cluster in particular.
    package var cluster: ManifestCluster?

    package init(mesh: ManifestMesh) {
        self.mesh = mesh
        gatewayClass = mesh.distribution?.gatewayClass ?? ""
        gatewayContainer = mesh.gatewayContainer
    }

    /// `--node-monitor-grace-period` in force without one: the default of Kubernetes 1.32 and later, or what the
    /// cluster has.
    package static let standardGracePeriod = Duration.seconds(50)

    /// Every label that leaves a node out, control planes' first.
    var exclusions: [NodeLabel] {
        let own = NodeLabel(key: WellKnown.controlPlaneRole)
        return [own] + excluded.filter { $0 != own }
    }

    /// The first of ``topologyKeys``.
    var requiredKey: String { topologyKeys.first ?? WellKnown.hostname }
}
