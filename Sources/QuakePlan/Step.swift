/// A place in a plan file, 1-based, as editors count.
package struct SourcePosition: Sendable, Hashable, Codable {
    package var line: Int
    package var column: Int

    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }
}

/// One action of a plan, or several at once, with what proves it and how long its effect is held.
package struct Step: Sendable, Equatable {
    /// As written, else made from the action and its place: `kill-node-2`. Unique within a plan.
    package var id: String
    package var body: Body
    /// Proves that the fault was injected; unmet in time it ends the run with exit code 4.
    package var until: Awaited?
    /// From when `until` is met (else from the action's end) to the next step; zero while its formula's facts are not known.
    package var hold: Duration
    /// What the hold was worked out from; `nil` where it is written as it is.
    package var holdFormula: Formula?
    /// The formula names facts that are not known.
    package var isHoldOpen: Bool
    /// The plan's author says that this step may cut all traffic: lifts the last-gateway and etcd-quorum guards.
    package var expectOutage: Bool
    /// Whether a fault is preceded by a seeded random wait that gives it a random phase in the lease's rhythm.
    package var phase: Phase
    package var position: SourcePosition

    /// What a step does.
    package indirect enum Body: Sendable, Equatable {
        case action(Action)
        case parallel([Step])
    }

    /// `random`: a seeded wait precedes the fault; `fixed`: none does.
    package enum Phase: String, Sendable, Codable, CaseIterable {
        case random, fixed
    }

    package init(
        id: String, body: Body, until: Awaited? = nil, hold: Duration = .zero,
        holdFormula: Formula? = nil, isHoldOpen: Bool = false, expectOutage: Bool = false,
        phase: Phase = .random, position: SourcePosition = SourcePosition(line: 1, column: 1)
    ) {
        self.id = id
        self.body = body
        self.until = until
        self.hold = hold
        self.holdFormula = holdFormula
        self.isHoldOpen = isHoldOpen
        self.expectOutage = expectOutage
        self.phase = phase
        self.position = position
    }
}

/// A condition and how long it is waited for.
package struct Awaited: Sendable, Equatable {
    package var condition: Condition
    package var within: Duration

    package init(condition: Condition, within: Duration) {
        self.condition = condition
        self.within = within
    }
}

/// The closed list of what `until` and `wait-for` can await.
package enum Condition: Sendable, Equatable {
    case node(NodeState)
    case pods(Hosting, PodState, count: Int)
    case endpoints(Hosting, ready: Int)
    case drain(DrainState)
    /// Of the workloads that the step itself rolls out.
    case rollout(RolloutState)

    /// What a node can be awaited as. Raw values are those of plans.
    package enum NodeState: String, Sendable, Codable, CaseIterable {
        case ready = "Ready"
        case notReady = "NotReady"
        case gone = "Gone"
    }

    /// What pods can be awaited as. Raw values are the keys of plans.
    package enum PodState: String, Sendable, Codable, CaseIterable {
        case ready, pending
    }

    /// What a drain can be awaited as. Raw values are those of plans.
    package enum DrainState: String, Sendable, Codable, CaseIterable {
        case finished, blocked
    }

    /// What a rollout can be awaited as. Raw values are those of plans.
    package enum RolloutState: String, Sendable, Codable, CaseIterable {
        case complete
    }
}

/// What a target runs: a part of the mesh, whichever mesh is installed, or a workload by name.
package enum Hosting: Sendable, Hashable, CustomStringConvertible {
    /// Kinds of workloads that a plan may name.
    package static let kinds = ["deployment", "daemonset", "statefulset", "replicaset", "pod"]

    case gateway, istiod, backend
    /// `namespace/kind/name`, kind in lower case and singular (`deployment`).
    case workload(namespace: String, kind: String, name: String)

    package var description: String {
        switch self {
        case .gateway: "gateway"
        case .istiod: "istiod"
        case .backend: "backend"
        case .workload(let namespace, let kind, let name): "\(namespace)/\(kind)/\(name)"
        }
    }
}

/// Selects nodes of one cluster: every criterion given must match, then `exclude` removes, then `count` picks.
package struct NodeSelector: Sendable, Equatable {
    package var names: [String]
    package var labels: [String: String]
    /// `control-plane` or `worker`.
    package var role: String?
    /// Value of `topology.kubernetes.io/zone`.
    package var zone: String?
    /// Value of `karpenter.sh/nodepool`.
    package var nodePool: String?
    package var hosting: Hosting?
    /// The name of a traffic: the node whose gateway carries its newest tunnel when the step begins.
    package var carrying: String?
    /// Whether clients of the cluster dial the node itself when the step begins, as they do via NodePort; `nil` for either.
    package var dialled: Bool?
    package var exclude: [String]
    /// How many, chosen by the seed; `nil` for all.
    package var count: Int?

    package init(
        names: [String] = [], labels: [String: String] = [:], role: String? = nil, zone: String? = nil,
        nodePool: String? = nil, hosting: Hosting? = nil, carrying: String? = nil, dialled: Bool? = nil,
        exclude: [String] = [], count: Int? = nil
    ) {
        self.names = names
        self.labels = labels
        self.role = role
        self.zone = zone
        self.nodePool = nodePool
        self.hosting = hosting
        self.carrying = carrying
        self.dialled = dialled
        self.exclude = exclude
        self.count = count
    }

    /// Everything that it may select: whatever the seed picks, whichever gateway carries a traffic, and whichever nodes are
    /// dialled.
    package var widest: NodeSelector {
        var widest = self
        widest.count = nil
        // What is dialled or carries a traffic runs a gateway.
        if carrying != nil || dialled == true { widest.hosting = hosting ?? .gateway }
        widest.carrying = nil
        widest.dialled = nil
        return widest
    }
}

/// The nodes that an action works on.
package enum NodeTargets: Sendable, Equatable {
    case select(cluster: String, NodeSelector)
    /// Those of an earlier step.
    case step(String)
}
