package import QuakeKube
import QuakeMeshInstall
package import QuakeShell
import QuakeTimeline

/// The environments that a command knows.
package struct Environments: Sendable {
    package var all: [any Environment]

    /// - Parameter all: asked in this order for what a cluster is.
    package init(_ all: [any Environment]) { self.all = all }

    /// Peerquake's own. Kind's clusters are known by their contexts' names, so it is asked before any cluster is.
    package static let standard = Environments([KindEnvironment(), EmbeddedEnvironment(), KubeconfigEnvironment()])

    /// What is not known is anybody's cluster.
    package func named(_ name: EnvironmentName) -> any Environment {
        all.first { $0.name == name } ?? KubeconfigEnvironment()
    }

    /// What can be done to a cluster where it runs.
    package func site(of context: Kubeconfig.Context, _ kube: KubeClient) async throws -> ClusterSite {
        for environment in all {
            if let site = try await environment.site(of: context, kube) { return site }
        }
        return ClusterSite()
    }

    /// The same of a cluster whose API server need not answer; `nil` where only its answer tells.
    package func survivor(
        of context: Kubeconfig.Context, _ kube: KubeClient, _ trace: ClusterTrace
    ) async throws -> ClusterSite? {
        for environment in all {
            if let site = try await environment.survivor(of: context, kube, trace) { return site }
        }
        return nil
    }
}

/// Which clusters a run is to have.
package struct WantedClusters: Sendable {
    /// The plan's names for them.
    package var names: [String]
    /// Which contexts they are; what is not named has the context of its own name.
    package var bindings: [ClusterArgument]
    /// `nil`: where the environment makes none, KUBECONFIG or kubectl's default.
    package var kubeconfig: String?
    /// Of clusters to be made.
    package var shapes: WantedShapes
    /// Contexts that may be broken whatever they are.
    package var allowed: [String]

    package init(
        names: [String], bindings: [ClusterArgument] = [], kubeconfig: String? = nil,
        shapes: WantedShapes = .files([]), allowed: [String] = []
    ) {
        self.names = names
        self.bindings = bindings
        self.kubeconfig = kubeconfig
        self.shapes = shapes
        self.allowed = allowed
    }

    /// Cluster → context.
    func bound(by kubeconfig: String) throws -> [String: Kubeconfig.Context] {
        if !bindings.isEmpty { _ = try ClusterBinding.bind(bindings, kubeconfig: kubeconfig) }
        let given = Dictionary(bindings.map { ($0.name, $0.text) }) { $1 }
        return try ClusterBinding.bind(names.map { given[$0] ?? $0 }, kubeconfig: kubeconfig)
    }
}

extension Environments {
    /// Makes a run's clusters, with the stand-in in them, where the environment makes clusters and none are named; else
    /// binds those that run.
    ///
    /// - Parameters:
    ///   - folder: for what clusters that are made leave.
    ///   - lost: told where clusters that were made here die.
    ///   - body: gets cluster → context, and the path of their kubeconfig.
    package func withClusters<Result: Sendable>(
        _ wanted: WantedClusters, in environment: any Environment, folder: String,
        lost: @escaping @Sendable (String) -> Void,
        _ body: @escaping @Sendable ([String: Kubeconfig.Context], String) async throws -> Result
    ) async throws -> Result {
        if wanted.kubeconfig == nil, let host = environment.host {
            return try await host.withClusters(wanted.shapes, in: folder, lost: lost) { path in
                let contexts = try wanted.bound(by: path)
                try await MeshInstaller(clusters: contexts.mapValues { KubeClient($0) })
                    .install(token: PeeringToken.random())
                return try await body(contexts, path)
            }
        }
        let path = try KubeconfigPath.find(wanted.kubeconfig, folder: folder)
        let contexts = try wanted.bound(by: path)
        try await checkAllowed(contexts, wanted.allowed)
        try await environment.verify(contexts)
        return try await body(contexts, path)
    }

    /// What is no environment's own may be somebody's production.
    private func checkAllowed(_ contexts: [String: Kubeconfig.Context], _ allowed: [String]) async throws {
        for context in contexts.values.sorted(by: { $0.name < $1.name }) where !allowed.contains(context.name) {
            if try await isOwned(context) { continue }
            throw Failure(
                .usage, "context \(context.name) is neither kind nor embedded",
                hint: "If its nodes may be broken, add --allow-context \(context.name).")
        }
    }

    private func isOwned(_ context: Kubeconfig.Context) async throws -> Bool {
        do throws(KubeError) {
            for environment in all {
                if try await environment.owns(context) { return true }
            }
            return false
        } catch {
            throw Failure(.unavailable, "\(context.name): \(error)")
        }
    }
}
