/// One action of the catalogue: a value that holds what a step's body says, beside the declaration of what may stand there.
///
/// The decoder, the schema, `peerquake actions`, docs/plans.md, a plan's length, the dry run and the guards know actions by
/// this alone. What carries an action out conforms the same type to `ClusterAction`, in QuakeCluster.
package protocol PlanAction: Sendable, Equatable {
    static var declaration: ActionDeclaration { get }

    /// Reads the body of a step. Every problem is reported by the reader itself.
    ///
    /// - Returns: `nil` where something that is needed is missing or cannot be read.
    init?(reading reader: inout ActionReader)

    /// What it works on.
    var scope: ActionScope { get }
    /// A lower bound of how long it takes by what the plan alone says; see ``Plan/expectedLength``.
    var ownTime: Duration { get }
    /// Between two faults of an action that goes from node to node; `nil` where there is one fault.
    var spacing: Duration? { get }
    /// How long its step waits for each rollout that it causes, where the step has no `until`; `nil`: the workload's own
    /// `progressDeadlineSeconds`. Only of one with ``ActionTraits/rollsOut``.
    var rolloutLimit: Duration? { get }
    /// How long it may wait for its own effect, by what the plan alone says; see ``Plan/longestWaits``.
    var longestWait: Duration { get }
}

extension PlanAction {
    package var ownTime: Duration { .zero }
    package var spacing: Duration? { nil }
    package var rolloutLimit: Duration? { nil }
    package var longestWait: Duration { .zero }

    func equals(_ other: any PlanAction) -> Bool { (other as? Self).map { $0 == self } ?? false }
}

/// What an action works on.
package enum ActionScope: Sendable, Equatable {
    /// The cluster is that of the targets.
    case nodes(NodeTargets)
    /// The nodes of these NodePools.
    case nodePools([String], cluster: String)
    case workload(Hosting, cluster: String)
    case cluster(String)

    /// The cluster that the action names itself; `nil` where its targets do.
    package var cluster: String? {
        switch self {
        case .nodes: nil
        case .nodePools(_, let cluster), .workload(_, let cluster), .cluster(let cluster): cluster
        }
    }
}

/// What is to be known of an action before anybody uses it.
package struct ActionDeclaration: Sendable {
    /// Kebab-case, as in plans, events, commands and reports.
    package var name: String
    /// One sentence.
    package var summary: String
    /// A step of a plan in YAML, without the list's hyphen.
    package var example: String
    package var inverse: InverseWords
    package var traits: ActionTraits
    package var takes: TargetForm
    /// Beside those of ``takes``.
    package var ownKeys: [PlanKey]
    /// It heals what actions with all of these traits have done, and needs such a step before it; empty: it heals nothing.
    package var heals: ActionTraits
    /// The states of its own nodes that an `until` can see. A restart or an upgrade ends with its nodes Ready, an expiry
    /// with other nodes in the place of its own, and nothing but an expiry takes a node away.
    package var provableStates: [Condition.NodeState]

    package init(
        name: String, summary: String, example: String, inverse: InverseWords,
        traits: ActionTraits, takes: TargetForm, keys: [PlanKey] = [], heals: ActionTraits = [],
        provableStates: [Condition.NodeState] = [.ready]
    ) {
        self.name = name
        self.summary = summary
        self.example = example
        self.inverse = inverse
        self.traits = traits
        self.takes = takes
        self.ownKeys = keys
        self.heals = heals
        self.provableStates = provableStates
    }

    /// Every key of the body, in the order in which messages list them.
    package var keys: [PlanKey] { takes.keys + ownKeys }
}

/// What undoes an action, in words.
package struct InverseWords: Sendable, Equatable {
    /// As the catalogue says it of the action.
    package var catalogue: String
    /// As `--dry-run` says it of a step.
    package var step: String

    package init(_ catalogue: String, step: String) {
        self.catalogue = catalogue
        self.step = step
    }

    /// Nothing does, or nothing needs to.
    package static let none = InverseWords("none", step: "none")
}

/// How the body of an action names what it works on.
package enum TargetForm: Sendable, Equatable {
    /// `{cluster, nodes}`, or `{step}`: the nodes of an earlier step.
    case nodes
    /// `{cluster}`, with nodes, or `{step}`.
    case nodesOrCluster
    /// `{cluster, hosting}`; `kinds` are those that a workload may be of.
    case workload(kinds: [String])
    case cluster
    case nothing

    package var keys: [PlanKey] {
        switch self {
        case .nodes:
            [
                Self.clusterKey(.optional(otherwise: "needed unless `step` is given")),
                Self.nodesKey(.optional(otherwise: "needed unless `step` is given")), Self.stepKey,
            ]
        case .nodesOrCluster:
            [
                Self.clusterKey(.optional(otherwise: "needed unless `step` is given")),
                Self.nodesKey(.optional(otherwise: "the whole cluster")), Self.stepKey,
            ]
        case .workload(let kinds):
            [Self.clusterKey(.required), PlanKey("hosting", .hosting(kinds: kinds), .required, "The workload.")]
        case .cluster: [Self.clusterKey(.required)]
        case .nothing: []
        }
    }

    private static func clusterKey(_ need: PlanKey.Need) -> PlanKey {
        PlanKey("cluster", .cluster, need, "One of the plan's clusters.")
    }

    private static func nodesKey(_ need: PlanKey.Need) -> PlanKey {
        PlanKey("nodes", .nodes, need, "Which nodes of the cluster.")
    }

    private static let stepKey = PlanKey(
        "step", .stepReference, .optional(otherwise: "`cluster` and `nodes` say which"),
        "The nodes of an earlier step, in place of `cluster` and `nodes`.")
}
