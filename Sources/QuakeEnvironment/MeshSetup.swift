import QuakeBase
import QuakeKind
package import QuakeKube
package import QuakeMesh
package import QuakeMeshInstall
import QuakeShell
import QuakeTimeline

/// The stand-in's installation, with what each environment adds to it.
package enum MeshSetup {
    /// Installs the stand-in, with the probers that the clusters can run, and waits until it is ready.
    ///
    /// - Throws: ``Failure`` that says what did not become ready.
    package static func install(
        _ contexts: [String: Kubeconfig.Context], probers: ProberLayout, in environments: Environments = .standard
    ) async throws {
        let sites = try await loadingSites(contexts, environments)
        try await translating {
            for site in sites { try await site.loadImage?(MeshNames.image) }
            // Embedded clusters run no foreign process: their prober is the runner's.
            try await installer(contexts, sites, probers: sites.isEmpty ? nil : probers)
                .install(token: PeeringToken.random())
        }
    }

    /// What Istio's or Solo's mesh, which is there, carries for a plan.
    package static func installGuests(
        of distribution: IstioDistribution, _ contexts: [String: Kubeconfig.Context], backends: Set<String>,
        probers: ProberLayout, in environments: Environments = .standard
    ) async throws {
        let sites = try await loadingSites(contexts, environments)
        try await translating {
            for site in sites { try await site.loadImage?(MeshNames.image) }
            try await installer(contexts, [], probers: probers).installGuests(of: distribution, backends: backends)
        }
    }

    /// Gives the east-west gateways of Istio or Solo addresses, where the clusters' environment makes load balancers, while
    /// `body` installs the mesh: it waits for its Services as long as that takes.
    ///
    /// - Parameter heard: is told why a gateway gets no address from here, in words.
    package static func balancing(
        _ contexts: [String: Kubeconfig.Context], in environments: Environments = .standard,
        heard: @escaping @Sendable (String) -> Void, _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        guard let makers = try await loadingSites(contexts, environments).first?.loadBalancers else {
            return try await body()
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (name, context) in contexts {
                group.addTask {
                    do {
                        try await GatewayFront(name, KubeClient(context)).provide(makers)
                    } catch is CancellationError {
                        // The mesh is there, or its installation has failed.
                    } catch {
                        heard("\(name): the east-west gateway gets no address from here: \(error)")
                    }
                }
            }
            // What the mesh's own installation waits for is its addresses: it ends with or without them.
            defer { group.cancelAll() }
            try await body()
        }
    }

    /// Takes away the load balancers that ``balancing(_:in:heard:_:)`` has made.
    package static func removeLoadBalancers(
        _ contexts: [String: Kubeconfig.Context], in environments: Environments = .standard
    ) async throws {
        guard let makers = try await loadingSites(contexts, environments).first?.loadBalancers else { return }
        try await translating { for name in contexts.keys.sorted() { try await makers.remove(cluster: name) } }
    }

    /// Deletes the stand-in.
    package static func remove(
        _ contexts: [String: Kubeconfig.Context], in environments: Environments = .standard
    ) async throws {
        let sites = try await loadingSites(contexts, environments)
        try await translating { try await installer(contexts, sites).remove() }
    }

    private static func installer(
        _ contexts: [String: Kubeconfig.Context], _ sites: [ClusterSite], probers: ProberLayout? = nil
    ) -> MeshInstaller {
        MeshInstaller(
            clusters: contexts.mapValues { KubeClient($0) }, loadBalancers: sites.first?.loadBalancers,
            probers: probers)
    }

    /// The clusters whose nodes get their images from here.
    private static func loadingSites(
        _ contexts: [String: Kubeconfig.Context], _ environments: Environments
    ) async throws -> [ClusterSite] {
        var found: [ClusterSite] = []
        let loading = environments.all.filter { $0.capabilities.contains(.loadsImages) }
        for (name, context) in contexts.sorted(by: { $0.key < $1.key }) {
            do {
                for environment in loading {
                    if let site = try await environment.site(of: context, KubeClient(context)) { found.append(site) }
                }
            } catch let error as KubeError {
                throw Failure(.unavailable, "\(name): \(error)")
            }
        }
        return found
    }

    private static func translating(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let error as KindError {
            throw Failure(.unavailable, "\(error)")
        } catch let error as KubeError {
            throw Failure(.unavailable, "\(error)")
        } catch let error as MeshError {
            throw Failure(.unavailable, "\(error)")
        }
    }
}

/// The Service of an east-west gateway that istiod makes of its Gateway.
private struct GatewayFront: Sendable {
    private let cluster: String
    private let kube: KubeClient

    init(_ cluster: String, _ kube: KubeClient) {
        self.cluster = cluster
        self.kube = kube
    }

    /// Waits until the Service is there, and puts a load balancer before it, unless it has an address by then.
    func provide(_ makers: any LoadBalancerMaker) async throws {
        let path = ResourcePath.service(MeshNames.gatewayNamespace, MeshNames.gateway)
        let service = try await poll(
            until: "\(cluster): the Service of the east-west gateway", within: .seconds(1500), every: .seconds(1)
        ) { () -> Look<JSONValue> in
            do throws(KubeError) {
                return .met(try await kube.get(path))
            } catch {
                guard error.code == .notFound || error.isTransient else { throw error }
                return .notYet("\(error)")
            }
        }
        guard ServiceView(service).ingressIP == nil else { return }
        let nodes = try await kube.list(.nodes, labels: WellKnown.controlPlaneRole).items
        try await makers.provide(
            LoadBalancerFront(
                cluster: cluster, namespace: MeshNames.gatewayNamespace, service: MeshNames.gateway, kube: kube,
                tunings: MeshTunings(labels: nodes.first?.labels ?? [:]), adminPort: MeshPort.loadBalancerAdmin))
    }
}

/// What balancers prove themselves with to their peers' istiod.
enum PeeringToken {
    static func random() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<4).map { _ in String(generator.next(), radix: 16) }.joined()
    }
}
