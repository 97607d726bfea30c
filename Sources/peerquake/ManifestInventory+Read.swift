import QuakeBase
import QuakeCluster
import QuakeKube
import QuakeManifests
import QuakeMesh

extension ManifestInventory {
    /// Reads what proposals rest on, by list calls alone. What the server does not have, or does not show, is left
    /// empty; nodes are needed.
    ///
    /// - Throws: where the API server cannot be reached, or does not let the nodes be listed.
    static func read(_ context: Kubeconfig.Context) async throws(KubeError) -> ManifestInventory {
        let kube = KubeClient(context)
        func list(_ path: ResourcePath, labels: String? = nil) async throws(KubeError) -> [JSONValue] {
            do throws(KubeError) {
                return try await kube.list(path, labels: labels).items
            } catch {
                guard error.code == .notFound || error.code == .forbidden else { throw error }
                return []
            }
        }
        func kind(_ group: String, _ resource: String) -> ResourcePath {
            ResourcePath(group: group, resource: resource)
        }
        let version = try await kube.serverVersion()
        let managers = try await list(.pods("kube-system"), labels: "component=kube-controller-manager")
        let flags = managers.first.map(NodeMonitoring.flags(of:)) ?? [:]
        var inventory = ManifestInventory(
            context: context.name, version: version, nodes: try await kube.list(.nodes).items,
            gracePeriod: NodeMonitoring.gracePeriod(flags, version: version),
            monitorPeriod: NodeMonitoring.monitorPeriod(flags))
        inventory.leases = try await list(.leases("kube-node-lease"))
        // The stand-in's Gateway is of a class that Solo has.
        inventory.gateways = try await list(kind("gateway.networking.k8s.io", "gateways"))
            .filter { $0.labels[WellKnown.managedBy] != "peerquake" }
        inventory.deployments = try await list(.deployments(), labels: WellKnown.gatewayName)
        inventory.configMaps = try await list(.configMaps(MeshNames.systemNamespace), labels: WellKnown.gatewayDefaults)
        inventory.nodePools = try await list(kind("karpenter.sh", "nodepools"))
        inventory.budgets = try await list(.podDisruptionBudgets())
        inventory.balancers = try await list(.services(), labels: MeshNames.peerLabel)
        return inventory
    }
}
