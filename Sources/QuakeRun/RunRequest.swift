package import QuakeArchive
package import QuakeCluster
package import QuakePlan
package import QuakeProbe
import QuakeTimeline

/// Everything that a run needs to know before it begins.
package struct RunRequest: Sendable {
    package var plan: Plan
    /// Names the run everywhere: `20260131T021500Z-quickstart-7f3a`.
    package var id: String
    /// `embedded`, `kind` or `kubeconfig`.
    package var environment: String
    package var kubeconfig: String
    /// Whether the clusters' nodes share this machine: what starves them starves the prober.
    package var sharesHost = false
    /// Cluster → context.
    package var contexts: [String: String]
    package var clusters: [String: Cluster]
    package var peering: any Peering
    package var archive: ArchiveWriter
    package var clock: RunClock
    package var interruption: Interruption
    package var lanes: LiveLanes
    package var repetition = Repetition.asPlanned
    /// Called when a trial and its healing are over, with the moment that it began at; whether another one is wanted.
    package var trialEnded: @Sendable (Trial, RunInstant) async -> Bool = { _, _ in true }
    /// Where requests come from; `nil`: from this process.
    package var remoteProber: (@Sendable (RunClock, any ProbeSink) async throws -> any TrafficProber)?
    package var meshLogs = MeshLogs.unchanged
    /// Told of each event as it is recorded; it must not block.
    package var listener: @Sendable (Event) -> Void

    package init(
        plan: Plan, id: String, environment: String, kubeconfig: String, contexts: [String: String],
        clusters: [String: Cluster], peering: any Peering, archive: ArchiveWriter, clock: RunClock,
        interruption: Interruption, lanes: LiveLanes, listener: @escaping @Sendable (Event) -> Void
    ) {
        self.plan = plan
        self.id = id
        self.environment = environment
        self.kubeconfig = kubeconfig
        self.contexts = contexts
        self.clusters = clusters
        self.peering = peering
        self.archive = archive
        self.clock = clock
        self.interruption = interruption
        self.lanes = lanes
        self.listener = listener
    }
}
