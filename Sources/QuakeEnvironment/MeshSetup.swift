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

/// What balancers prove themselves with to their peers' istiod.
enum PeeringToken {
    static func random() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<4).map { _ in String(generator.next(), radix: 16) }.joined()
    }
}
