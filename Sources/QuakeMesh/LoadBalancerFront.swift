package import QuakeKube

/// A Service that wants a load balancer.
package struct LoadBalancerFront: Sendable {
    package var cluster: String
    package var namespace: String
    package var service: String
    package var kube: KubeClient
    package var tunings: MeshTunings
    /// Where the load balancer says how it fares and whom it dials.
    package var adminPort: Int

    package init(
        cluster: String, namespace: String, service: String, kube: KubeClient, tunings: MeshTunings,
        adminPort: Int = MeshPort.admin
    ) {
        self.cluster = cluster
        self.namespace = namespace
        self.service = service
        self.kube = kube
        self.tunings = tunings
        self.adminPort = adminPort
    }

    /// The role's settings, as the agent's role `loadbalancer` reads them.
    ///
    /// - Parameter address: where it listens.
    package func environment(address: String) -> [(name: String, value: String)] {
        [
            ("PEERQUAKE_CLUSTER", cluster), ("PEERQUAKE_SERVICE", "\(namespace)/\(service)"),
            ("PEERQUAKE_ADDRESS", address), ("PEERQUAKE_CHECK_INTERVAL", tunings.checkInterval),
            ("PEERQUAKE_CHECK_TIMEOUT", tunings.checkTimeout), ("PEERQUAKE_CHECK_THRESHOLD", tunings.checkThreshold),
            ("PEERQUAKE_SOURCE_PORT_REST", tunings.sourcePortRest), ("PEERQUAKE_ADMIN_PORT", String(adminPort)),
        ]
    }
}
