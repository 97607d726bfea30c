package import QuakeKube
package import QuakePlan

/// How an action ended, and why.
package struct ActionOutcome: Sendable, Equatable {
    package var outcome: StepOutcome
    /// Empty where there is nothing to say.
    package var detail: String

    package init(_ outcome: StepOutcome, _ detail: String = "") {
        self.outcome = outcome
        self.detail = detail
    }

    package static let finished = ActionOutcome(.finished)

    /// The worst of several nodes' outcomes, by ``StepOutcome``'s order, with the reasons of all that did not finish, worst
    /// first.
    package static func worst(of outcomes: [ActionOutcome]) -> ActionOutcome {
        let bad = outcomes.enumerated().filter { $0.element.outcome != .finished }
            .sorted { ($1.element.outcome, $0.offset) < ($0.element.outcome, $1.offset) }.map(\.element)
        guard let worst = bad.first else { return .finished }
        return ActionOutcome(worst.outcome, bad.map(\.detail).filter { !$0.isEmpty }.joined(separator: "; "))
    }

    /// Says of which node this is, where a step works on several.
    func named(_ node: String, amongst count: Int) -> ActionOutcome {
        guard count > 1, outcome != .finished else { return self }
        return ActionOutcome(outcome, detail.isEmpty ? node : "\(node): \(detail)")
    }
}

/// What an action asks of the run that carries it out: the journal, the record, time.
package protocol ActionLog: Sendable {
    /// Journals the inverse, then changes the cluster.
    func mutate(_ mutation: Mutation) async throws
    /// Journals all inverses, then makes the changes one after another: nothing comes between them.
    func mutate(_ mutations: [Mutation]) async throws
    /// Undoes, by `body`, what this run did to a node, newest first, and says so in the journal.
    ///
    /// - Returns: whether this run had done anything that `matching` names.
    func undo(
        _ cluster: String, matching: @Sendable (Inverse) -> Bool, by body: @Sendable () async throws -> Void
    ) async throws -> Bool
    /// Says that a step is about to take nodes of a cluster down.
    ///
    /// - Returns: these, those that this run has killed and not brought back, and those of steps under way beside it.
    func doom(_ nodes: Set<String>, of cluster: String) -> Set<String>
    /// A fault took effect, somewhere in `interval`. `part` names a node's share of a composite action.
    func injected(cluster: String, targets: [String], part: String?, during interval: EffectInterval)
    /// A fault of several targets took effect on one of them.
    func reached(_ target: String, cluster: String, part: String?, during interval: EffectInterval)
    /// A healing change begins now.
    func changed(cluster: String, targets: [String])
    /// Keeps a command's output as evidence.
    func keep(_ result: CommandResult, about: String)
    /// Says something about what the step does that reports show.
    func note(_ text: String)
    /// What the clients of a cluster know by now.
    var arrivals: any Arrivals { get }
    /// Records what a view showed of a change.
    ///
    /// - Returns: whether it arrived in time.
    func measured(_ change: MeasuredChange) -> Bool
    /// What the step's drains have shown so far.
    var drain: DrainProgress { get }
    /// Waits, unless the run is interrupted.
    func pause(_ length: Duration) async throws
}

extension ActionLog {
    package func mutate(_ mutations: [Mutation]) async throws {
        for mutation in mutations { try await mutate(mutation) }
    }

    package func reached(_ target: String, cluster: String, part: String?, during interval: EffectInterval) {}

    package func note(_ text: String) {}
}

/// Everything that an action works with.
package struct ActionContext: Sendable {
    package var clusters: [String: Cluster]
    package var observers: [String: ClusterObserver]
    package var peering: any Peering
    package var log: any ActionLog
    /// The action's name.
    package var action: String
    /// Targets as resolved for this step.
    package var nodes: [NodeTarget]
    /// The cluster of those targets, or of the action.
    package var cluster: Cluster
    package var seed: UInt64
    package var expectOutage: Bool
    /// Files that the plan names, manifests among them.
    package var attachments: Attachments
    /// Rollouts that the action causes, for the runner to wait for.
    package var rollouts: RolloutProgress

    package init(
        clusters: [String: Cluster], observers: [String: ClusterObserver], peering: any Peering, log: any ActionLog,
        action: String, nodes: [NodeTarget], cluster: Cluster, seed: UInt64, expectOutage: Bool,
        attachments: Attachments = Attachments(), rollouts: RolloutProgress = RolloutProgress()
    ) {
        self.rollouts = rollouts
        self.clusters = clusters
        self.observers = observers
        self.peering = peering
        self.log = log
        self.action = action
        self.nodes = nodes
        self.cluster = cluster
        self.seed = seed
        self.expectOutage = expectOutage
        self.attachments = attachments
    }

    package var observer: ClusterObserver? { observers[cluster.name] }

    /// The environment's hand on the plug.
    ///
    /// - Throws: `.unsupported` where it has none.
    package func power() throws(ClusterError) -> any NodePower {
        guard let power = cluster.power else { throw .noPower(over: cluster.name, action) }
        return power
    }

    func place(of hosting: Hosting) throws(ClusterError) -> WorkloadPlace {
        guard let place = peering.place(of: hosting) else {
            throw ClusterError(.noTargets, "the mesh has no \(hosting)")
        }
        return place
    }

    /// Runs kubectl on the cluster and keeps what it said.
    func kubectl(
        _ arguments: [String], timeout: Duration = .seconds(60),
        onLine: (@Sendable (Kubectl.OutputStream, String) -> Void)? = nil
    ) async throws -> CommandResult {
        let result = try await cluster.kubectl.run(arguments, timeout: timeout, onLine: onLine)
        log.keep(result, about: "\(action) \(arguments.dropFirst().first ?? "")")
        return result
    }

    /// As above, where a failure means that the harness cannot go on.
    func succeed(_ arguments: [String]) async throws {
        let result = try await kubectl(arguments)
        guard result.succeeded else {
            throw ClusterError(.failed, "\(result.commandLine)\n\(result.standardError)")
        }
    }
}
