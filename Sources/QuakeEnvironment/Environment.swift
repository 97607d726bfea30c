package import QuakeKube

/// Where clusters run, as `--env`, journals and archives name it.
package enum EnvironmentName: String, Sendable, CaseIterable {
    case embedded, kind, kubeconfig
}

/// What an environment offers beside what goes through any cluster's API.
package enum EnvironmentCapability: Sendable, Hashable, CaseIterable {
    /// A prober can run in a pod.
    case runsProbers
    /// Its nodes share this machine: what starves them starves the prober.
    case sharesHost
    /// Its nodes get images out of this machine's container engine.
    case loadsImages
    /// `clusters up` makes its clusters, and `clusters down` deletes them.
    case keepsClusters
}

/// A place where clusters run, and what can be done to them there.
///
/// A run names one. Beside that, each cluster is asked for in all of them: what can be done to a cluster follows from what
/// it is, not from what it was called.
package protocol Environment: Sendable {
    var name: EnvironmentName { get }
    var capabilities: Set<EnvironmentCapability> { get }
    /// Makes clusters that live as long as a run; `nil` where clusters must be there already.
    var host: (any ClusterHost)? { get }
    /// Whether a context's cluster is one of its own, so that it may be broken without being allowed by name.
    ///
    /// - Throws: where the cluster does not answer, and only its answer tells.
    func owns(_ context: Kubeconfig.Context) async throws(KubeError) -> Bool
    /// Refuses contexts, of a run that names this environment, of clusters that are not its own.
    ///
    /// - Parameter contexts: cluster → context.
    func verify(_ contexts: [String: Kubeconfig.Context]) async throws
    /// What can be done to a cluster here; `nil` where it is not one of its own.
    func site(of context: Kubeconfig.Context, _ kube: KubeClient) async throws -> ClusterSite?
    /// The same of a cluster whose API server need not answer: its control plane may be what is to be started.
    ///
    /// - Parameter trace: what its run's journal tells of it.
    func survivor(of context: Kubeconfig.Context, _ kube: KubeClient, _ trace: ClusterTrace) async throws
        -> ClusterSite?
    /// What it takes on this machine, and whether that is there.
    func needs() async -> [EnvironmentNeed]
}

extension Environment {
    package var host: (any ClusterHost)? { nil }

    package func verify(_ contexts: [String: Kubeconfig.Context]) async throws {}

    package func survivor(
        of context: Kubeconfig.Context, _ kube: KubeClient, _ trace: ClusterTrace
    ) async throws -> ClusterSite? { nil }

    package func needs() async -> [EnvironmentNeed] { [] }
}

/// What makes clusters that live as long as a run.
package protocol ClusterHost: Sendable {
    /// Refuses what shapes no clusters, before anything is started.
    func check(_ shapes: WantedShapes) throws
    /// Makes the clusters, calls `body` with the path of their kubeconfig once they are ready, and ends them.
    ///
    /// - Parameters:
    ///   - folder: holds the kubeconfig, and what the clusters say.
    ///   - lost: told where they die under `body`, which is then cancelled.
    func withClusters<Result: Sendable>(
        _ shapes: WantedShapes, in folder: String, lost: @escaping @Sendable (String) -> Void,
        _ body: @escaping @Sendable (String) async throws -> Result
    ) async throws -> Result
}

/// What a run's journal tells of one of its clusters.
package struct ClusterTrace: Sendable, Equatable {
    /// `nil` for a name that this version does not know.
    package var environment: EnvironmentName?
    /// Whether the journal tells the machines of its nodes from others of the same name.
    package var knowsMachines: Bool

    package init(environment: EnvironmentName?, knowsMachines: Bool) {
        self.environment = environment
        self.knowsMachines = knowsMachines
    }
}

/// Something that an environment takes on this machine.
package struct EnvironmentNeed: Sendable, Equatable {
    /// Whether something that an environment needs is there.
    package enum State: String, Sendable {
        case ok, missing, low
    }

    package var state: State
    package var name: String
    /// What was found.
    package var detail: String
    /// How to get it.
    package var hint: String?
    /// Nothing works without it.
    package var isVital: Bool

    package init(state: State, name: String, detail: String, hint: String? = nil, isVital: Bool = false) {
        self.state = state
        self.name = name
        self.detail = detail
        self.hint = hint
        self.isVital = isVital
    }
}
