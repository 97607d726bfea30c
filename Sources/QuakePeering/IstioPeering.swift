import QuakeBase
package import QuakeCluster
import QuakeKube
package import QuakeMesh
package import QuakePlan

/// Istio's ambient multicluster behind the seam: the open-source one, and Solo's.
///
/// Its proxies keep no records of their dials, and requests must come from pods that the mesh carries. What open-source
/// Istio's proxies may dial is read from their configuration, and what its gateways carry from their counters.
package struct IstioPeering: TargetViews {
    package let distribution: IstioDistribution
    /// Where the east-west gateways stand; the same in every cluster.
    private let gateway: (namespace: String, name: String)
    private let clusters: [String: Cluster]
    /// How long a method may take to be programmed.
    private let patience: Duration
    private let views: ZtunnelViews
    private let targets = ZtunnelTargetReaders()
    private let logs = PodReaders { ZtunnelLog($0, $1, from: SystemClock.unix) }
    private let pushes = PodReaders { cluster, pod in
        FollowedLog(cluster, pod, from: SystemClock.unix) { line in
            IstiodPushLine(line).map { AgentRecord(at: $0.at, .push($0.push(by: pod.name))) }
        }
    }
    private let loads: PodReaders<GatewayLoad>
    /// Cluster → whether Peerquake's own load balancer stands before its gateways, once that was asked.
    private let balanced = OwnLoadBalancers()

    package init(
        _ distribution: IstioDistribution, clusters: [String: Cluster],
        gatewayNamespace: String = MeshNames.gatewayNamespace,
        gatewayName: String = MeshNames.gateway, patience: Duration = .seconds(120)
    ) {
        let admin = PodLoopback(port: ProxyLevels.port)
        self.init(
            distribution, clusters: clusters, gatewayNamespace: gatewayNamespace, gatewayName: gatewayName,
            patience: patience, ztunnels: ZtunnelAdmin(admin), gateways: EnvoyAdmin(admin))
    }

    /// - Parameters:
    ///   - ztunnels: how their configuration is read.
    ///   - gateways: how is read what they carry.
    init(
        _ distribution: IstioDistribution, clusters: [String: Cluster], gatewayNamespace: String, gatewayName: String,
        patience: Duration, ztunnels: any ZtunnelReading, gateways: any GatewayReading
    ) {
        self.distribution = distribution
        self.clusters = clusters
        gateway = (gatewayNamespace, gatewayName)
        self.patience = patience
        views = ZtunnelViews(ztunnels)
        loads = PodReaders { GatewayLoad($0, $1, gateways) }
    }

    private var nodePort: IstioNodePort {
        IstioNodePort(clusters, gatewayPlace, views, patience: patience)
    }

    /// The mesh whose east-west gateways the clusters have; `nil` where they have none.
    ///
    /// - Throws: ``ClusterError`` where the clusters' gateways are not of one class, namespace and name.
    package static func find(in clusters: [String: Cluster]) async throws -> IstioPeering? {
        try await find(in: clusters, patience: .seconds(120))
    }

    static func find(
        in clusters: [String: Cluster], patience: Duration, ztunnels: (any ZtunnelReading)? = nil,
        gateways: (any GatewayReading)? = nil
    ) async throws -> IstioPeering? {
        var found: [(distribution: IstioDistribution, namespace: String, name: String, cluster: String)] = []
        for (name, cluster) in clusters.sorted(by: { $0.key < $1.key }) {
            for object in try await IstioObjects.list(IstioObjects.gateways(), in: cluster)
            // The stand-in's are of a class that Solo has.
            where object.labels[WellKnown.managedBy] != "peerquake" {
                let own = object[path: "spec.gatewayClassName"]?.stringValue
                guard let distribution = IstioDistribution.allCases.first(where: { $0.gatewayClass == own }) else {
                    continue
                }
                found.append((distribution, object.namespace, object.name, name))
            }
        }
        guard let first = found.first else { return nil }
        for other in found
        where other.distribution != first.distribution || other.namespace != first.namespace || other.name != first.name
        {
            throw ClusterError(
                .unsupported,
                "east-west gateways differ: \(first.namespace)/\(first.name) of class \(first.distribution.gatewayClass) "
                    + "in \(first.cluster), \(other.namespace)/\(other.name) of \(other.distribution.gatewayClass) in "
                    + other.cluster)
        }
        let admin = PodLoopback(port: ProxyLevels.port)
        return IstioPeering(
            first.distribution, clusters: clusters, gatewayNamespace: first.namespace, gatewayName: first.name,
            patience: patience, ztunnels: ztunnels ?? ZtunnelAdmin(admin), gateways: gateways ?? EnvoyAdmin(admin))
    }

    package func place(of hosting: Hosting) -> WorkloadPlace? {
        switch hosting {
        case .gateway: gatewayPlace
        case .istiod:
            WorkloadPlace(
                namespace: MeshNames.systemNamespace, labels: ["app": MeshNames.istiod], service: MeshNames.istiod,
                kind: "deployment", name: MeshNames.istiod)
        case .backend, .workload: StandinPeering().place(of: hosting)
        }
    }

    private var gatewayPlace: WorkloadPlace {
        WorkloadPlace(
            namespace: gateway.namespace, labels: [WellKnown.gatewayName: gateway.name], service: gateway.name,
            kind: "deployment", name: gateway.name)
    }

    // MARK: - Routes

    package func route(from client: Cluster, to peer: String) async throws -> (host: String, port: Int) {
        switch distribution {
        case .istio:
            // A global Service has its ClusterIP in each cluster, endpoints or none.
            let path = ResourcePath.service(MeshNames.backendNamespace, MeshNames.backend)
            let object = try await client.kube.get(path)
            guard let address = ServiceView(object).clusterIP, address.contains("."),
                let port = object.at("spec", "ports", 0, "port")?.intValue
            else { throw ClusterError(.failed, "\(client.name): Service demo/echo has no IPv4 ClusterIP") }
            return (address, port)
        case .solo:
            let host = "\(MeshNames.backend).\(MeshNames.backendNamespace).mesh.internal"
            let entries = try await IstioObjects.list(IstioObjects.serviceEntries, in: client)
            let own = entries.first { entry in
                (entry[path: "spec.hosts"]?.arrayValue ?? []).contains(.string(host))
            }
            guard let own, let address = IstioObjects.address(of: own) else {
                throw ClusterError(
                    .failed, "\(client.name): no ServiceEntry gives \(host) an IPv4 address",
                    hint: "Is the backend's Service labelled solo.io/service-scope=global?")
            }
            return (address, own.at("spec", "ports", 0, "number")?.intValue ?? MeshPort.echo)
        }
    }

    package func localRoute(in cluster: Cluster) async throws -> (host: String, port: Int) {
        try await StandinPeering(reach: .pods).localRoute(in: cluster)
    }

    // MARK: - The method

    package func refusal(
        of method: PeeringMethod, to peer: String, for clients: Set<String>
    ) async throws -> ClusterError? {
        guard distribution == .istio, method == .nodePort else { return nil }
        return try await nodePort.refusal(to: peer, for: clients)
    }

    package func method(from client: Cluster, to peer: String) async throws -> PeeringMethod {
        guard distribution == .solo else { return try await nodePort.method(from: client, to: peer) }
        let object = try await peerGateway(of: peer, in: client)
        return object.annotations[IstioObjects.preferredType] == "nodeport" ? .nodePort : .loadBalancer
    }

    package func switching(from client: Cluster, to peer: String, method: PeeringMethod) async throws -> [Mutation] {
        guard distribution == .solo else {
            return try await nodePort.switching(from: client, to: peer, method: method)
        }
        guard let server = clusters[peer] else { throw ClusterError(.failed, "no cluster \(peer)") }
        let local = try await server.kube.get(IstioObjects.gateways(gateway.namespace).named(gateway.name))
        let remote = try await peerGateway(of: peer, in: client)
        if method == .nodePort { try requireNodePortReady(remote, client) }
        let wanted = method == .nodePort ? "nodeport" : nil
        let about = "peer with \(peer) via \(method.rawValue)"
        // The server publishes its nodes first, so that the client never prefers what is not there.
        let wait = PeeringWait(client: client, peer: peer, gateway: remote, method: method, patience: patience)
        let changes = [
            Self.annotating(local, IstioObjects.ownType, wanted, server, about) {},
            Self.annotating(remote, IstioObjects.preferredType, wanted, client, about) {
                try await wait.untilProgrammed()
            },
        ].compactMap { $0 }
        return method == .nodePort ? changes : changes.reversed()
    }

    /// `nil` where it says so already.
    private static func annotating(
        _ object: JSONValue, _ key: String, _ value: String?, _ cluster: Cluster, _ about: String,
        after: @escaping @Sendable () async throws -> Void
    ) -> Mutation? {
        let before = object.annotations[key]
        guard before != value else { return nil }
        let path = IstioObjects.gateways(object.namespace).named(object.name)
        func patch(_ value: String?) -> JSONValue {
            ["metadata": ["annotations": [key: value.map { .string($0) } ?? .null]]]
        }
        let (kube, change) = (cluster.kube, patch(value))
        return Mutation(
            cluster: cluster.name, action: "setting", about: about, objectUID: object.uid,
            inverse: .patch(path: path.path, uid: object.uid, patch: patch(before))
        ) {
            try await kube.patch(path, change)
            try await after()
        }
    }

    private func peerGateway(of peer: String, in client: Cluster) async throws -> JSONValue {
        let all = try await IstioObjects.list(IstioObjects.gateways(), in: client)
        let own = all.first { object in
            object[path: "spec.gatewayClassName"]?.stringValue == "istio-remote"
                && (object.labels[WellKnown.cluster] == peer || object.name == "istio-remote-peer-\(peer)")
        }
        guard let own else {
            throw ClusterError(
                .failed, "\(client.name): no Gateway of class istio-remote leads to \(peer)",
                hint: "Link the clusters: istioctl multicluster link, as scripts/install-solo does.")
        }
        return own
    }

    /// Without these the control plane leaves the annotation aside and says nothing.
    private func requireNodePortReady(_ remote: JSONValue, _ client: Cluster) throws {
        var absent: [String] = []
        if remote.annotations[WellKnown.gatewayServiceAccount] == nil {
            absent.append("annotation \(WellKnown.gatewayServiceAccount)")
        }
        if remote.labels[WellKnown.cluster] == nil { absent.append("label \(WellKnown.cluster)") }
        guard !absent.isEmpty else { return }
        throw ClusterError(
            .unsupported,
            "\(client.name): Gateway \(remote.name) cannot peer via NodePort without \(absent.joined(separator: " and "))"
        )
    }

    // MARK: - Logs

    package func loggingMore(in cluster: Cluster) async throws -> [Mutation] {
        guard distribution == .istio else {
            throw ClusterError(.unsupported, "--mesh-logs: how Solo's proxies log is not changed yet")
        }
        return try await IstioLogging(cluster, gatewayPlace, views).changes()
    }

    package func logs(of cluster: Cluster, since start: Int64) async -> [(about: String, text: String)] {
        guard distribution == .istio else { return [] }
        return await IstioLogging(cluster, gatewayPlace, views).texts(since: start)
    }

    // MARK: - Records and facts

    /// Of open-source Istio what the ztunnels of the probers' nodes may dial, which connections they ended with an error,
    /// what the gateways carry and what istiod pushes. They keep no record of a dial.
    package func recordAgents(in cluster: Cluster) async throws -> [RecordAgent] {
        guard distribution == .istio else { return [] }
        let peers = clusters.values.filter { $0.name != cluster.name }.sorted { $0.name < $1.name }
        let reader = targets.reader(of: cluster, peers: peers, views)
        let others = try await ownLoadBalancer(of: cluster) + gatewayLoads(of: cluster) + istiodPushes(of: cluster)
        let own = RecordAgent(
            key: "\(cluster.name)/ztunnel/targets", cluster: cluster.name, name: "targets of ztunnel"
        ) { try await reader.page(from: $0) }
        // Where none is ready, the reading of targets says so.
        guard let found = try? await views.found(in: cluster) else { return [own] + others }
        return [own] + others
            + found.ztunnels.map { pod in
                let log = logs.reader(of: pod, in: cluster)
                log.follow(found.probers)
                return RecordAgent(
                    key: "\(cluster.name)/\(pod.uid)/log", cluster: cluster.name, name: "access log of \(pod.name)"
                ) { try await log.page(from: $0) }
            }
    }

    /// What each istiod of the cluster pushes, by its own log.
    private func istiodPushes(of cluster: Cluster) async throws -> [RecordAgent] {
        let pods = try await views.pods(in: MeshNames.systemNamespace, of: cluster).filter { pod in
            pod.labels["app"] == MeshNames.istiod && PodView(pod).isReady && !pod.isBeingDeleted
        }
        return pods.map { pod in
            let log = pushes.reader(of: pod, in: cluster)
            return RecordAgent(
                key: "\(cluster.name)/\(pod.uid)/pushes", cluster: cluster.name, name: "pushes of \(pod.name)"
            ) { try await log.page(from: $0) }
        }
    }

    private func gatewayLoads(of cluster: Cluster) async throws -> [RecordAgent] {
        let pods = try await views.pods(in: gateway.namespace, of: cluster).filter { pod in
            gatewayPlace.labels.allSatisfy { pod.labels[$0] == $1 } && PodView(pod).isReady && !pod.isBeingDeleted
        }
        return pods.map { pod in
            let load = loads.reader(of: pod, in: cluster)
            return RecordAgent(
                key: "\(cluster.name)/\(pod.uid)/load", cluster: cluster.name, name: "load of gateway \(pod.name)"
            ) { try await load.page(from: $0) }
        }
    }

    /// None where the load balancer is another one.
    private func ownLoadBalancer(of cluster: Cluster) async throws -> [RecordAgent] {
        let place = gatewayPlace
        guard try await balanced.contains(cluster, place) else { return [] }
        let agent = try await LoadBalancerRecords.agent(
            of: cluster, place.namespace, place.name, port: MeshPort.loadBalancerAdmin)
        return [agent].compactMap(\.self)
    }

    package var targetObstacle: String? {
        distribution == .istio ? nil : "what this mesh's clients know of its gateways cannot be read yet"
    }

    /// Via NodePort none: istiod keeps to the address that a Gateway names. Via LoadBalancer the health check of Peerquake's own
    /// load balancer, where it looks at gateways.
    package func targetViews(of cluster: Cluster, from others: [Cluster]) async throws -> [TargetView] {
        var views: [TargetView] = []
        for client in others {
            let view: TargetView
            switch try await method(from: client, to: cluster.name) {
            case .nodePort:
                view = TargetView(
                    .targets(client: client.name),
                    obstacle: "open-source Istio keeps to the node's address that the Gateway in \(client.name) names, "
                        + "whichever nodes run gateways")
            case .loadBalancer:
                view =
                    try await balanced.contains(cluster, gatewayPlace)
                    ? try await LoadBalancerRecords.view(of: cluster, gateway.namespace, gateway.name)
                    : TargetView(
                        .healthCheck, obstacle: "what the load balancer of \(cluster.name) knows cannot be read")
            }
            if !views.contains(view) { views.append(view) }
        }
        return views
    }

    /// ztunnel pings a shared tunnel each 10 s, and gives it up 20 s after a ping that is not answered (1.27).
    private static let tunnelGiveUp = Duration.seconds(30)

    package func facts(of clusters: [Cluster]) async throws -> MeshFacts {
        var facts = [
            "mesh": distribution.rawValue,
            "dials": "of the proxies not recorded: this mesh's own dials cannot be seen from outside",
            "via NodePort": distribution == .istio
                ? "one address, of the node that the client's Gateway names: no other one takes its place"
                : "the addresses of all gateway nodes",
        ]
        for cluster in clusters {
            let istiod = try await cluster.kube.get(.deployment(MeshNames.systemNamespace, MeshNames.istiod))
            facts["\(cluster.name) istiod"] = IstioObjects.image(of: istiod)
            let ztunnel = try? await cluster.kube.get(.daemonSet(MeshNames.systemNamespace, "ztunnel"))
            facts["\(cluster.name) ztunnel"] = ztunnel.map { IstioObjects.image(of: $0) }
            let service = try await cluster.kube.get(.service(gateway.namespace, gateway.name))
            facts["\(cluster.name) externalTrafficPolicy"] =
                ServiceView(service).externalTrafficPolicy ?? "Cluster"
        }
        return MeshFacts(
            texts: facts, words: [.mesh: distribution.rawValue, .tunnels: "shared"],
            tunnelGiveUp: Dictionary(uniqueKeysWithValues: clusters.map { ($0.name, Self.tunnelGiveUp) }),
            knowsCarriers: distribution == .istio, recordsTargets: distribution == .istio)
    }
}

/// Which clusters have Peerquake's own load balancer before their gateways: asked once of each.
private actor OwnLoadBalancers {
    private var known: [String: Bool] = [:]

    func contains(_ cluster: Cluster, _ place: WorkloadPlace) async throws -> Bool {
        if let known = known[cluster.name] { return known }
        let isOwn = try await LoadBalancerRecords.isOwn(
            of: cluster, place.namespace, place.name, port: MeshPort.loadBalancerAdmin)
        known[cluster.name] = isOwn
        return isOwn
    }
}
