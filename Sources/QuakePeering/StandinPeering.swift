import QuakeBase
package import QuakeCluster
import QuakeKube
import QuakeMesh
package import QuakePlan
import QuakeRecord

/// The stand-in mesh behind the seam.
package struct StandinPeering: TargetViews {
    /// Where a prober outside the clusters finds the mesh.
    package enum Reach: Sendable {
        /// At the pods' own addresses: the prober is on their network.
        case pods
        /// At a node's address and the Service's nodePort, where a pod of it runs.
        case nodePorts
    }

    private let reach: Reach

    package init(reach: Reach = .pods) { self.reach = reach }

    package func place(of hosting: Hosting) -> WorkloadPlace? {
        switch hosting {
        case .gateway:
            WorkloadPlace(
                namespace: MeshNames.gatewayNamespace, labels: [WellKnown.gatewayName: MeshNames.gateway],
                service: MeshNames.gateway, kind: "deployment", name: MeshNames.gateway)
        case .istiod:
            WorkloadPlace(
                namespace: MeshNames.systemNamespace, labels: ["app": MeshNames.istiod],
                service: MeshNames.istiodService, kind: "deployment", name: MeshNames.istiod)
        case .backend:
            WorkloadPlace(
                namespace: MeshNames.backendNamespace, labels: ["app": MeshNames.backend], service: MeshNames.backend,
                kind: "deployment", name: MeshNames.backend)
        case .workload(let namespace, let kind, let name):
            WorkloadPlace(workload: name, kind: kind, namespace: namespace)
        }
    }

    package func route(from client: Cluster, to peer: String) async throws -> (host: String, port: Int) {
        // The balancer's pod itself: a hop in between would hide from its dials which connection asked for them.
        try await endpoint(MeshNames.systemNamespace, MeshNames.balancer(peer), MeshPort.balancer, client)
    }

    package func localRoute(in cluster: Cluster) async throws -> (host: String, port: Int) {
        try await endpoint(MeshNames.backendNamespace, MeshNames.backend, MeshPort.echo, cluster)
    }

    private func endpoint(
        _ namespace: String, _ service: String, _ port: Int, _ cluster: Cluster
    ) async throws -> (host: String, port: Int) {
        let slices = try await cluster.kube.list(
            .endpointSlices(namespace), labels: "\(WellKnown.serviceName)=\(service)"
        ).items
        let ready = ObjectFacts.readyEndpoints(slices).sorted { $0.address < $1.address }
        guard let first = ready.first else {
            throw ClusterError(
                .failed, "\(cluster.name): Service \(namespace)/\(service) has no ready endpoint",
                hint: "Is the mesh installed? peerquake mesh install --mesh standin")
        }
        switch reach {
        case .pods: return (first.address, port)
        case .nodePorts:
            let node = try await cluster.kube.get(.node(first.node))
            let object = try await cluster.kube.get(.service(namespace, service))
            guard let address = NodeView(node).internalIP,
                let nodePort = object.at("spec", "ports", 0, "nodePort")?.intValue
            else {
                throw ClusterError(.failed, "\(cluster.name): Service \(namespace)/\(service) has no nodePort")
            }
            return (address, nodePort)
        }
    }

    // MARK: - The method

    private func service(_ peer: String) -> ResourcePath {
        .service(MeshNames.systemNamespace, MeshNames.balancer(peer))
    }

    package func method(from client: Cluster, to peer: String) async throws -> PeeringMethod {
        Self.method(try await client.kube.get(service(peer)))
    }

    private static func method(_ service: JSONValue) -> PeeringMethod {
        service.annotations[MeshNames.methodAnnotation] == "nodeport" ? .nodePort : .loadBalancer
    }

    package func switching(from client: Cluster, to peer: String, method: PeeringMethod) async throws -> [Mutation] {
        let path = service(peer)
        let object = try await client.kube.get(path)
        let before = object.annotations[MeshNames.methodAnnotation]
        let wanted = method == .nodePort ? "nodeport" : "loadbalancer"
        guard before != wanted else { return [] }
        let kube = client.kube
        return [
            Mutation(
                cluster: client.name, action: "setting", about: "peer with \(peer) via \(method.rawValue)",
                objectUID: object.uid,
                inverse: .patch(
                    path: path.path, uid: object.uid, patch: Self.annotating(before.map { .string($0) } ?? .null))
            ) { try await kube.patch(path, Self.annotating(.string(wanted))) }
        ]
    }

    private static func annotating(_ value: JSONValue) -> JSONValue {
        ["metadata": ["annotations": [MeshNames.methodAnnotation: value]]]
    }

    // MARK: - Records

    /// Via NodePort the balancer of a client has the targets that istiod streams; via LoadBalancer it has one address, and
    /// who knows of the gateways is the health check, where it looks at them: under externalTrafficPolicy Local.
    package func targetViews(of cluster: Cluster, from others: [Cluster]) async throws -> [TargetView] {
        var views: [TargetView] = []
        for client in others {
            let peering: PeeringMethod
            do throws(KubeError) {
                peering = Self.method(try await client.kube.get(service(cluster.name)))
            } catch {
                guard error.code == .notFound else { throw error }
                continue
            }
            let view =
                peering == .nodePort
                ? TargetView(.targets(client: client.name))
                : try await LoadBalancerRecords.view(of: cluster, MeshNames.gatewayNamespace, MeshNames.gateway)
            if !views.contains(view) { views.append(view) }
        }
        return views
    }

    package func recordAgents(in cluster: Cluster) async throws -> [RecordAgent] {
        let pods = try await cluster.kube.list(.pods(MeshNames.systemNamespace), timeout: Self.patience).items
        let balancers = pods.filter { pod in
            pod.labels["app"]?.hasPrefix(MeshNames.balancer("")) == true
                && PodView(pod).phase ?? "Running" == "Running"
        }
        let loadBalancer = try await Self.loadBalancer(of: cluster)
        return balancers.flatMap { pod in ["/dials", "/targets"].map { Self.agent(pod, $0, cluster) } }
            + [loadBalancer].compactMap(\.self)
    }

    /// Of one reading.
    private static let patience = Duration.seconds(5)

    /// Read through the API server's proxy.
    private static func agent(_ pod: JSONValue, _ path: String, _ cluster: Cluster) -> RecordAgent {
        RecordAgent(
            key: "\(cluster.name)/\(pod.uid)\(path)", cluster: cluster.name, name: "\(path.dropFirst()) of \(pod.name)"
        ) { cursor in
            try LoadBalancerRecords.decoded(
                try await cluster.kube.podProxyGet(
                    MeshNames.systemNamespace, pod.name, port: MeshPort.admin, path: "\(path)?cursor=\(cursor)",
                    timeout: patience))
        }
    }

    /// Read at its address; `nil` before it has one.
    private static func loadBalancer(of cluster: Cluster) async throws -> RecordAgent? {
        try await LoadBalancerRecords.agent(
            of: cluster, MeshNames.gatewayNamespace, MeshNames.gateway, port: MeshPort.admin)
    }

    // MARK: - Facts

    package func facts(of clusters: [Cluster]) async throws -> MeshFacts {
        var mesh = MeshFacts(words: [.mesh: "standin"])
        var facts = ["mesh": "standin", "via NodePort": "the addresses of all gateway nodes"]
        var modes: Set<String> = []
        for cluster in clusters {
            let nodes = try await cluster.kube.list(.nodes, labels: WellKnown.controlPlaneRole).items
            let tunings = MeshTunings(labels: nodes.first?.labels ?? [:])
            facts["\(cluster.name) load balancer's health check"] =
                "every \(tunings.checkInterval), time-out \(tunings.checkTimeout), out after \(tunings.checkThreshold)"
            facts["\(cluster.name) source ports"] =
                tunings.sourcePortRest == "0s"
                ? "of the kernel's choice"
                : "rest \(tunings.sourcePortRest) before they lead to the same destination again (on embedded clusters, "
                    + "which track no connections, of the kernel's choice)"
            facts["\(cluster.name) istiod keepalive"] = "\(tunings.keepalive) + \(tunings.keepaliveTimeout)"
            if let mode = try await Self.tunnelMode(of: cluster) {
                modes.insert(mode)
                facts["\(cluster.name) tunnels"] = mode
                facts["\(cluster.name) tunnel times"] = Self.tunnelTimes(tunings, mode)
            }
            let service = try await cluster.kube.get(.service(MeshNames.gatewayNamespace, MeshNames.gateway))
            facts["\(cluster.name) externalTrafficPolicy"] =
                ServiceView(service).externalTrafficPolicy ?? "Cluster"
            mesh.healthCheckOut[cluster.name] = tunings.healthCheckOut
            // A tunnel with a connection of its own has nothing to give up: none outlives its client's connection.
            let isShared = facts["\(cluster.name) tunnels"] == TunnelMode.shared.rawValue
            mesh.tunnelGiveUp[cluster.name] = isShared ? tunings.tunnelGiveUp : .zero
        }
        let mode = modes.count == 1 ? modes.first : "mixed"
        facts["tunnels"] = mode
        mesh.words[.tunnels] = mode
        mesh.texts = facts
        return mesh
    }

    /// Of the balancers that a cluster has; `nil` where it has none. One that an earlier version installed has no
    /// annotation, and opens one connection per tunnel.
    private static func tunnelMode(of cluster: Cluster) async throws -> String? {
        let services = try await cluster.kube.list(
            .services(MeshNames.systemNamespace), labels: MeshNames.peerLabel
        ).items
        guard !services.isEmpty else { return nil }
        let modes = Set(services.map { $0.annotations[MeshNames.tunnelsAnnotation] ?? TunnelMode.single.rawValue })
        return modes.count == 1 ? modes.first : "mixed"
    }

    private static func tunnelTimes(_ tunings: MeshTunings, _ mode: String) -> String {
        guard mode == TunnelMode.shared.rawValue else { return "TCP and CONNECT 10s" }
        return "connect time-out \(tunings.tunnelConnectTimeout), ping every \(tunings.tunnelPingInterval), given up "
            + "\(tunings.tunnelPingTimeout) after an unanswered one, released after \(tunings.tunnelIdleRelease) unused, "
            + "at most \(tunings.tunnelStreams) streams a connection"
            + (tunings.innerTunnels == "true" ? "" : ", no inner connections")
    }
}

extension MeshTunings {
    /// A node that dies just after it passed a check is out after threshold × (interval + time-out); `nil` where one of them
    /// cannot be read.
    var healthCheckOut: Duration? {
        guard let interval = GoDuration.parse(checkInterval), let timeout = GoDuration.parse(checkTimeout),
            let threshold = Int(checkThreshold)
        else { return nil }
        return (interval + timeout) * threshold
    }

    /// A connection whose peer falls silent just after a pong is given up after the interval to the next ping and its
    /// time-out; `nil` where one of them cannot be read.
    var tunnelGiveUp: Duration? {
        guard let interval = GoDuration.parse(tunnelPingInterval), let timeout = GoDuration.parse(tunnelPingTimeout)
        else { return nil }
        return interval + timeout
    }
}
