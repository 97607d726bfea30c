import QuakeBase
import QuakeCluster
import QuakeKube
import QuakeMesh
import QuakePlan

/// Peering through the port of one node, in open-source Istio: a Gateway of class `istio-remote` in the client's cluster, and
/// the server's Gateway without the label of its network.
///
///     there: make the client's Gateway ─► known to ztunnel ─► label off the server's ─► ztunnel dials address:nodePort
///     back:  label on the server's ─► known to ztunnel ─► label off the client's ─► ztunnel dials the server's own address
///
/// istiod takes one of several addresses in no defined order (istio/istio#56960), so there is exactly one. The condition
/// `Programmed` is True at once and says nothing: what ztunnel holds does.
struct IstioNodePort: Sendable {
    private let clusters: [String: Cluster]
    private let place: WorkloadPlace
    private let views: ZtunnelViews
    private let patience: Duration

    /// - Parameters:
    ///   - clusters: all of the run.
    ///   - place: the east-west gateway's, the same in every cluster.
    ///   - patience: for each wait.
    init(_ clusters: [String: Cluster], _ place: WorkloadPlace, _ views: ZtunnelViews, patience: Duration) {
        self.clusters = clusters
        self.place = place
        self.views = views
        self.patience = patience
    }

    /// Of the Gateway that Peerquake makes for a server.
    static func name(for server: String) -> String { "peerquake-nodeport-\(server)" }

    private func server(_ name: String) async throws -> IstioServer {
        guard let cluster = clusters[name] else { throw ClusterError(.failed, "no cluster \(name)") }
        return try await IstioServer(cluster, place)
    }

    /// The Gateways of a client that lead to a network.
    private func remotes(to network: String, in client: Cluster) async throws -> [JSONValue] {
        try await IstioObjects.list(IstioObjects.gateways(), in: client).filter { object in
            object[path: "spec.gatewayClassName"]?.stringValue == IstioNames.remoteClass
                && object.labels[WellKnown.network] == network
        }
    }

    // MARK: - What is so now

    func method(from client: Cluster, to peer: String) async throws -> PeeringMethod {
        let server = try await server(peer)
        guard server.announced == nil else { return .loadBalancer }
        let network = try await IstioServer.network(of: server.cluster)
        return try await remotes(to: network, in: client).isEmpty ? .loadBalancer : .nodePort
    }

    /// Why the clusters cannot be peered so as they are; `nil` where they can.
    ///
    /// - Parameter clients: the clusters that will get a Gateway of their own, the client among them.
    func refusal(to peer: String, for clients: Set<String>) async throws -> ClusterError? {
        let server = try await server(peer)
        do {
            let network = try await network(of: server)
            _ = try await server.nodePort()
            for other in others(than: peer) where !clients.contains(other.name) {
                guard try await remotes(to: network, in: other).isEmpty else { continue }
                return ClusterError(
                    .unsupported,
                    "\(other.name): no Gateway of class \(IstioNames.remoteClass) leads to network \(network), and the Gateway "
                        + "of \(peer) loses its label for all its clients",
                    hint: "Make one there that leads to a node of \(peer), or peer via LoadBalancer: "
                        + "--set peering=LoadBalancer.")
            }
            return nil
        } catch let error as ClusterError where error.code == .unsupported {
            return error
        }
    }

    private func others(than peer: String) -> [Cluster] {
        clusters.values.filter { $0.name != peer }.sorted { $0.name < $1.name }
    }

    /// The server's network, where its gateway's pods stay in it without the label.
    private func network(of server: IstioServer) async throws -> String {
        let global = try await server.globalNetwork()
        if let announced = server.announced, announced != global {
            throw ClusterError(
                .unsupported,
                "\(server.cluster.name): Gateway \(place.namespace)/\(place.name) has the label \(WellKnown.network)="
                    + "\(announced), and istiod's values.global.network is \"\(global)\": without the label, as NodePort needs "
                    + "it, its pods would change their network",
                hint: "Install istiod with values.global.network=\(announced).")
        }
        guard !global.isEmpty else {
            throw ClusterError(
                .unsupported, "\(server.cluster.name): istiod has no values.global.network",
                hint: "Install it with one: NodePort peering names the server's network.")
        }
        return global
    }

    // MARK: - Switching

    func switching(from client: Cluster, to peer: String, method: PeeringMethod) async throws -> [Mutation] {
        let server = try await server(peer)
        switch method {
        case .nodePort: return try await there(client, server)
        case .loadBalancer: return try await back(client, server)
        }
    }

    private func there(_ client: Cluster, _ server: IstioServer) async throws -> [Mutation] {
        let network = try await network(of: server)
        var changes: [Mutation] = []
        if try await remotes(to: network, in: client).isEmpty {
            changes.append(try await opening(client, server, network))
        }
        var isComplete = true
        for other in others(than: server.cluster.name) where other.name != client.name {
            // It gets its own before the last one of them takes the label off.
            if try await remotes(to: network, in: other).isEmpty { isComplete = false }
        }
        guard server.announced != nil, isComplete else { return changes }
        changes.append(
            labelling(
                server.cluster, server.gateway, nil, "take label \(WellKnown.network) off Gateway \(place.name)"
            ) { try await awaitNodePort(server, network) })
        return changes
    }

    /// Makes the client's Gateway, or gives the one that was made before its label back.
    private func opening(_ client: Cluster, _ server: IstioServer, _ network: String) async throws -> Mutation {
        let port = try await server.nodePort()
        let nodes = try await server.nodes()
        let path = IstioObjects.gateways(place.namespace).named(Self.name(for: server.cluster.name))
        let made: JSONValue?
        do throws(KubeError) {
            made = try await client.kube.get(path)
        } catch {
            guard error.code == .notFound else { throw error }
            made = nil
        }
        let before = made?.at("spec", "addresses", 0, "value")?.stringValue
        guard let node = nodes.first(where: { $0.address == before }) ?? nodes.first else {
            throw ClusterError(
                .failed,
                "\(server.cluster.name): no Ready node with an InternalIP runs a ready gateway pod, so there is none to dial"
            )
        }
        _ = try await views.pods(in: client)
        let about = "peer with \(server.cluster.name) via NodePort of \(node.name) (\(node.address):\(port))"
        let object = gateway(path.name ?? "", network, node, port)
        let end = ZtunnelConfig.Gateway(network: network, host: node.address, port: port)
        let wait: @Sendable () async throws -> Void = { try await awaitKnown(end, path, client, server.cluster.name) }
        guard let made else {
            var change = MadeObject(object, at: path, of: client).mutation(action: "setting", about: about)
            let create = change.apply
            change.apply = {
                try await create()
                try await wait()
            }
            return change
        }
        let spec = object["spec"] ?? [:]
        return patching(
            client, made, about, to: ["metadata": ["labels": [WellKnown.network: .string(network)]], "spec": spec],
            back: ["metadata": ["labels": [WellKnown.network: .null]], "spec": made["spec"] ?? [:]], after: wait)
    }

    private func gateway(_ name: String, _ network: String, _ node: IstioServer.Node, _ port: Int) -> JSONValue {
        [
            "apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway",
            "metadata": [
                "name": .string(name), "namespace": .string(place.namespace),
                "labels": [WellKnown.network: .string(network)],
                "annotations": [WellKnown.gatewayServiceAccount: .string(node.account)],
            ],
            "spec": [
                "gatewayClassName": .string(IstioNames.remoteClass),
                "addresses": [["type": "IPAddress", "value": .string(node.address)]],
                "listeners": [["name": "cross-network", "port": .int(Int64(port)), "protocol": "HBONE"]],
            ],
        ]
    }

    private func back(_ client: Cluster, _ server: IstioServer) async throws -> [Mutation] {
        let network = try await IstioServer.network(of: server.cluster)
        var changes: [Mutation] = []
        if server.announced == nil {
            changes.append(
                labelling(
                    server.cluster, server.gateway, network,
                    "put label \(WellKnown.network)=\(network) on Gateway \(place.name)"
                ) { try await awaitOwn(client, server, network) })
        }
        for remote in try await remotes(to: network, in: client) {
            changes.append(
                labelling(
                    client, remote, nil,
                    "peer with \(server.cluster.name) via LoadBalancer: take label "
                        + "\(WellKnown.network) off Gateway \(remote.name)"
                ) { try await awaitLoadBalancer(client, server, network) })
        }
        return changes
    }

    /// A Gateway's label of its network.
    private func labelling(
        _ cluster: Cluster, _ object: JSONValue, _ value: String?, _ about: String,
        after: @escaping @Sendable () async throws -> Void
    ) -> Mutation {
        func patch(_ value: String?) -> JSONValue {
            ["metadata": ["labels": [WellKnown.network: value.map { .string($0) } ?? .null]]]
        }
        return patching(
            cluster, object, about, to: patch(value), back: patch(object.labels[WellKnown.network]), after: after)
    }

    private func patching(
        _ cluster: Cluster, _ object: JSONValue, _ about: String, to change: JSONValue, back: JSONValue,
        after: @escaping @Sendable () async throws -> Void
    ) -> Mutation {
        let path = IstioObjects.gateways(object.namespace).named(object.name)
        let kube = cluster.kube
        return Mutation(
            cluster: cluster.name, action: "setting", about: about, objectUID: object.uid,
            inverse: .patch(path: path.path, uid: object.uid, patch: back)
        ) {
            try await kube.patch(path, change)
            try await after()
        }
    }

    // MARK: - Waiting

    /// Until the client's Gateway has its address, and ztunnel knows of it.
    private func awaitKnown(
        _ end: ZtunnelConfig.Gateway, _ path: ResourcePath, _ client: Cluster, _ server: String
    ) async throws {
        try await wait("\(client.name): Gateway \(path.name ?? "") of \(server) known to ztunnel") {
            let object = try await client.kube.get(path)
            let addresses = (object[path: "status.addresses"]?.arrayValue ?? []).compactMap { $0["value"]?.stringValue }
            guard addresses.contains(end.host) else {
                return "status.addresses of the Gateway is \(Self.words(addresses)), without \(end.host)"
            }
            return try await missing(of: [end], in: client)
        }
    }

    /// Until ztunnel knows of one of the server's own addresses.
    private func awaitOwn(_ client: Cluster, _ server: IstioServer, _ network: String) async throws {
        let name = server.cluster.name
        try await wait("\(client.name): the address of \(name)'s Gateway known to ztunnel") {
            let own = try await self.server(name).addresses
            guard !own.isEmpty else { return "the Gateway has no address" }
            return try await missing(of: Self.ends(own, network), in: client)
        }
    }

    /// What is missing of gateways of which ztunnel is to know one; empty where nothing is.
    private func missing(of ends: [ZtunnelConfig.Gateway], in client: Cluster) async throws -> String {
        for config in try await views.configs(of: client) {
            let known = config.known(in: ends[0].network)
            if ends.allSatisfy({ !known.contains($0) }) { return "ztunnel knows of \(Self.words(known))" }
        }
        return ""
    }

    /// Until every client's ztunnel dials what its Gateways say.
    private func awaitNodePort(_ server: IstioServer, _ network: String) async throws {
        for client in others(than: server.cluster.name) {
            let ends = try await remotes(to: network, in: client).flatMap { remote in
                Self.ends(remote.addresses, network, port: remote.hbonePort ?? MeshPort.gateway)
            }
            try await awaitDialled(ends, client, server, network, "via NodePort")
        }
    }

    private func awaitLoadBalancer(_ client: Cluster, _ server: IstioServer, _ network: String) async throws {
        let own = try await self.server(server.cluster.name).addresses
        try await awaitDialled(Self.ends(own, network), client, server, network, "via LoadBalancer")
    }

    private func awaitDialled(
        _ ends: [ZtunnelConfig.Gateway], _ client: Cluster, _ server: IstioServer, _ network: String, _ how: String
    ) async throws {
        try await wait("\(client.name): peering with \(server.cluster.name) \(how) in ztunnel's configuration") {
            let dialled = try await views.dialled(by: client, for: network)
            guard !dialled.isEmpty, Set(dialled).isSubset(of: ends) else {
                return "ztunnel dials \(Self.words(dialled)), and not \(Self.words(ends))"
            }
            return ""
        }
    }

    /// - Parameter missing: what is missing, in words; empty where nothing is. What it throws is seen, and it is asked again.
    private func wait(_ what: String, missing: () async throws -> String) async throws {
        do {
            try await poll(until: what, within: patience, every: .milliseconds(200)) { () -> Look<Void> in
                do {
                    let missing = try await missing()
                    return missing.isEmpty ? .met(()) : .notYet(missing)
                } catch let error as KubeError where error.code != .cancelled {
                    return .notYet("\(error)")
                } catch let error as ClusterError {
                    return .notYet("\(error)")
                }
            }
        } catch let timeout as PollTimeout {
            throw ClusterError(.timeout, "\(timeout)")
        }
    }

    private static func ends(
        _ hosts: [String], _ network: String, port: Int = MeshPort.gateway
    ) -> [ZtunnelConfig.Gateway] {
        hosts.map { ZtunnelConfig.Gateway(network: network, host: $0, port: port) }
    }

    private static func words(_ things: [some CustomStringConvertible]) -> String {
        things.isEmpty ? "nothing" : things.map(\.description).joined(separator: ", ")
    }
}

extension JSONValue {
    /// Of a Gateway of class `istio-remote`.
    fileprivate var addresses: [String] {
        (self[path: "spec.addresses"]?.arrayValue ?? []).compactMap { $0["value"]?.stringValue }
    }

    /// The port of a Gateway's listener for HBONE.
    fileprivate var hbonePort: Int? {
        (self[path: "spec.listeners"]?.arrayValue ?? []).first { $0["protocol"]?.stringValue == "HBONE" }?["port"]?
            .intValue
    }
}
