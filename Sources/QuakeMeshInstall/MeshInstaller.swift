import FoundationEssentials
import QuakeBase
package import QuakeKube
package import QuakeMesh

/// Installs and removes the stand-in, the same way in every environment.
package struct MeshInstaller: Sendable {
    /// Cluster name → its API server.
    package var clusters: [String: KubeClient]
    /// How long everything may take to be ready.
    package var timeout: Duration

    /// Gives LoadBalancer Services their addresses; `nil` where the cluster does.
    package var loadBalancers: (any LoadBalancerMaker)?
    /// Which probers go into each cluster too; `nil`: none.
    package var probers: ProberLayout?

    package init(
        clusters: [String: KubeClient], loadBalancers: (any LoadBalancerMaker)? = nil,
        probers: ProberLayout? = nil, timeout: Duration = .seconds(180)
    ) {
        self.clusters = clusters
        self.loadBalancers = loadBalancers
        self.probers = probers
        self.timeout = timeout
    }

    /// Applies everything, peers each cluster with each other one, and waits until all of it is ready. Safe to repeat.
    ///
    /// - Parameter token: what balancers prove themselves with, unless a cluster has one from an earlier installation.
    /// - Throws: ``MeshError`` that names what was awaited.
    package func install(token: String) async throws {
        let deadline = ContinuousClock.now + timeout
        let token = try await knownToken() ?? token
        var manifests: [String: MeshManifests] = [:]
        for (name, kube) in clusters.sorted(by: { $0.key < $1.key }) {
            let nodes = try await kube.list(.nodes, labels: WellKnown.controlPlaneRole).items
            let own = MeshManifests(
                cluster: name, tunings: MeshTunings(labels: nodes.first?.labels ?? [:]), token: token)
            manifests[name] = own
            try await defineGateways(name, kube, deadline)
            for object in own.server + own.gateways { try await kube.apply(object) }
            if probers != nil { try await kube.apply(own.proberNamespace) }
            for object in try await proberObjects(own, kube) { try await kube.apply(object) }
            for (namespace, service) in MeshNames.balanced {
                try await loadBalancers?.provide(
                    LoadBalancerFront(
                        cluster: name, namespace: namespace, service: service, kube: kube, tunings: own.tunings))
            }
        }
        for (client, own) in manifests.sorted(by: { $0.key < $1.key }) {
            guard let kube = clusters[client] else { continue }
            for (peer, peerKube) in clusters.sorted(by: { $0.key < $1.key }) where peer != client {
                let gateway = try await address(
                    MeshNames.gatewayNamespace, MeshNames.gateway, of: peer, peerKube, deadline)
                let istiod = try await address(
                    MeshNames.systemNamespace, MeshNames.istiodService, of: peer, peerKube, deadline)
                for object in own.balancer(peer: peer, gatewayAddress: gateway, istiodAddress: istiod) {
                    try await kube.apply(object)
                }
            }
        }
        for (name, kube) in clusters.sorted(by: { $0.key < $1.key }) { try await ready(name, kube, deadline) }
    }

    /// Where the cluster has no Gateway API, it gets definitions of the kinds that istiod reads.
    private func defineGateways(
        _ cluster: String, _ kube: KubeClient, _ deadline: ContinuousClock.Instant
    ) async throws {
        func isServed() async throws(KubeError) -> Bool {
            try await kube.servedKinds(of: "gateway.networking.k8s.io/v1")?["Gateway"] != nil
        }
        if try await isServed() { return }
        for definition in MeshManifests.gatewayDefinitions { try await kube.apply(definition) }
        do {
            try await poll(until: "Gateways served", within: Self.left(deadline), every: .milliseconds(200)) {
                () -> Look<Void> in
                try await isServed() ? .met(()) : .notYet("they are not served yet")
            }
        } catch let timeout as PollTimeout {
            throw MeshError(.timeout, "\(cluster): Gateways are defined and not served: \(timeout.last)")
        }
    }

    /// Deletes the class, and the definitions that ``install(token:)`` made. What others have made stays.
    private func removeGateways(_ kube: KubeClient) async throws {
        let own = MeshManifests(cluster: "", tunings: MeshTunings(), token: "").gateways.filter {
            $0.kind == "GatewayClass"
        }
        for object in own + MeshManifests.gatewayDefinitions {
            let path = try ResourcePath(manifest: object)
            guard let found = try await kube.find(path), found.labels[WellKnown.managedBy] == "peerquake" else {
                continue
            }
            try await ignoringAbsence { try await kube.delete(path) }
        }
    }

    private func proberObjects(_ own: MeshManifests, _ kube: KubeClient) async throws -> [JSONValue] {
        guard let probers else { return [] }
        let nodes = try await kube.list(.nodes).items
        return own.prober(probers, replicas: probers.replicas(nodes: nodes), nodes: probers.spread(over: nodes.count))
    }

    /// Applies what a mesh that is there already carries for a plan, and waits until it is ready. Safe to repeat.
    ///
    /// - Parameter backends: names of the clusters whose own backend answers.
    /// - Throws: ``MeshError`` that names what was awaited.
    package func installGuests(of distribution: IstioDistribution, backends: Set<String>) async throws {
        let deadline = ContinuousClock.now + timeout
        for (name, kube) in clusters.sorted(by: { $0.key < $1.key }) {
            let own = MeshManifests(cluster: name, tunings: MeshTunings(), token: "")
            let guests = own.guests(
                of: distribution, servesBackend: backends.contains(name), probers: try await proberObjects(own, kube))
            for object in guests { try await kube.apply(object) }
        }
        for (name, kube) in clusters.sorted(by: { $0.key < $1.key }) { try await ready(name, kube, deadline) }
    }

    /// The token of an earlier installation. Pods read it at their start: with another one, those that are there would be
    /// turned away by those that come.
    private func knownToken() async throws -> String? {
        for (_, kube) in clusters.sorted(by: { $0.key < $1.key }) {
            do throws(KubeError) {
                let secret = try await kube.get(.secret(MeshNames.systemNamespace, MeshNames.tokenSecret))
                let text = secret[path: "data.token"]?.stringValue ?? ""
                if let data = Data(base64Encoded: text), !data.isEmpty { return String(decoding: data, as: UTF8.self) }
            } catch {
                guard error.code == .notFound else { throw error }
            }
        }
        return nil
    }

    /// Deletes everything that ``install(token:)`` made.
    package func remove() async throws {
        for (name, kube) in clusters {
            try await loadBalancers?.remove(cluster: name)
            for namespace in [MeshNames.backendNamespace, MeshNames.gatewayNamespace, MeshNames.systemNamespace] {
                try await ignoringAbsence { try await kube.delete(.namespace(namespace)) }
            }
            for role in ["peerquake-istiod", "peerquake-loadbalancer"] {
                try await ignoringAbsence { try await kube.delete(.clusterRole(role)) }
                try await ignoringAbsence { try await kube.delete(.clusterRoleBinding(role)) }
            }
            try await ignoringAbsence { try await kube.delete(.priorityClass(MeshNames.proberPriority)) }
            try await removeGateways(kube)
        }
        let deadline = ContinuousClock.now + timeout
        for (name, kube) in clusters { try await awaitAbsence(name, kube, deadline) }
    }

    /// A namespace that is on its way out takes nothing new.
    private func awaitAbsence(_ cluster: String, _ kube: KubeClient, _ deadline: ContinuousClock.Instant) async throws {
        for namespace in [MeshNames.backendNamespace, MeshNames.gatewayNamespace, MeshNames.systemNamespace] {
            let what = "\(cluster): namespace \(namespace)"
            do {
                try await poll(until: "\(what) gone", within: Self.left(deadline), every: .milliseconds(200)) {
                    () -> Look<Void> in
                    do {
                        let object = try await kube.get(.namespace(namespace))
                        return .notYet(object[path: "status.phase"]?.stringValue ?? "no phase")
                    } catch let error as KubeError where error.code == .notFound {
                        return .met(())
                    }
                }
            } catch let timeout as PollTimeout {
                throw MeshError(.timeout, "\(what) is still there: \(timeout.last)")
            }
        }
    }

    /// Waits that share a deadline look once at least, even where an earlier one took all the time.
    private static func left(_ deadline: ContinuousClock.Instant) -> Duration {
        max(ContinuousClock.now.duration(to: deadline), .zero)
    }

    private func ignoringAbsence(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let error as KubeError where error.code == .notFound {}
    }

    private func address(
        _ namespace: String, _ service: String, of cluster: String, _ kube: KubeClient,
        _ deadline: ContinuousClock.Instant
    ) async throws -> String {
        let what = "\(cluster): Service \(namespace)/\(service)"
        do {
            return try await poll(until: "\(what) address", within: Self.left(deadline), every: .milliseconds(200)) {
                () -> Look<String> in
                let object = try await kube.get(.service(namespace, service))
                let balancer = object.at("status", "loadBalancer")
                if let address = balancer?.at("ingress", 0, "ip")?.stringValue { return .met(address) }
                return .notYet(balancer?.text() ?? "none")
            }
        } catch let timeout as PollTimeout {
            throw MeshError(
                .timeout, "\(what) got no load balancer's address; its status.loadBalancer: \(timeout.last)")
        }
    }

    private func ready(_ cluster: String, _ kube: KubeClient, _ deadline: ContinuousClock.Instant) async throws {
        do {
            try await poll(until: "\(cluster): the mesh", within: Self.left(deadline), every: .milliseconds(100)) {
                () -> Look<Void> in
                let unready = try await Self.unready(kube)
                return unready.isEmpty ? .met(()) : .notYet(unready.joined(separator: ", "))
            }
        } catch let timeout as PollTimeout {
            throw MeshError(.timeout, "\(cluster): not ready in time: \(timeout.last)")
        }
    }

    /// Deployments of the mesh, as `namespace/name`, with the scheduler's reason where a pod has no node.
    private static func unready(_ kube: KubeClient) async throws -> [String] {
        var unready: [String] = []
        for namespace in [MeshNames.backendNamespace, MeshNames.gatewayNamespace, MeshNames.systemNamespace] {
            for object in try await kube.list(.deployments(namespace)).items where !isReady(object) {
                unready.append("\(namespace)/\(object.name)\(try await unscheduled(of: object, kube))")
            }
        }
        return unready
    }

    /// ` (0/1 nodes are available: 1 Insufficient cpu.)`; empty where all its pods have a node.
    private static func unscheduled(of deployment: JSONValue, _ kube: KubeClient) async throws -> String {
        let labels = (deployment[path: "spec.selector.matchLabels"]?.stringMembers ?? [:]).map { "\($0)=\($1)" }
        let selector = labels.sorted().joined(separator: ",")
        for pod in try await kube.list(.pods(deployment.namespace), labels: selector).items
        where PodView(pod).node == nil {
            let conditions = pod[path: "status.conditions"]?.arrayValue ?? []
            let scheduled = conditions.first { $0["type"]?.stringValue == "PodScheduled" }
            if let words = scheduled?["message"]?.stringValue { return " (\(words))" }
        }
        return ""
    }

    /// Rolled out, with every replica available.
    package static func isReady(_ deployment: JSONValue) -> Bool {
        let wanted = deployment[path: "spec.replicas"]?.intValue ?? 1
        let observed = deployment[path: "status.observedGeneration"]?.intValue ?? 0
        return observed >= deployment.metadata["generation"]?.intValue ?? 0
            && deployment[path: "status.updatedReplicas"]?.intValue ?? 0 == wanted
            && deployment[path: "status.availableReplicas"]?.intValue ?? 0 == wanted
            && deployment[path: "status.replicas"]?.intValue ?? 0 == wanted
    }
}
