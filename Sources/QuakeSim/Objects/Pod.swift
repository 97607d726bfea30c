/// What decides where a pod may run and how it ends: of a pod's template, what the model needs.
package struct PodTemplate: Sendable, Hashable {

    /// Who says when a pod's containers have ended after SIGTERM.
    package enum Exit: Sendable, Hashable {
        /// The model does: so long after SIGTERM.
        case modelled
        /// Whoever runs it calls ``Simulation/containersEnded(_:)``; SIGKILL at the end of the grace period in any case.
        case reported
    }

    package var labels: [String: String]
    package var nodeSelector: [String: String]
    /// Required node affinity: any of the terms, each all of its requirements. Empty allows every node.
    package var nodeAffinity: [[Requirement]]
    package var antiAffinity: [PodTerm]
    package var tolerations: [Toleration]
    /// What else decides where it runs.
    package var placement = Placement()
    package var terminationGrace: Duration
    package var preStop: Duration
    package var exit: Exit
    /// Changes when anything else in the template does: what a Deployment compares revisions by.
    package var fingerprint: String

    package init(
        labels: [String: String] = [:], nodeSelector: [String: String] = [:], nodeAffinity: [[Requirement]] = [],
        antiAffinity: [PodTerm] = [], tolerations: [Toleration] = [], terminationGrace: Duration = .seconds(30),
        preStop: Duration = .zero, exit: Exit = .modelled, fingerprint: String = ""
    ) {
        self.labels = labels
        self.nodeSelector = nodeSelector
        self.nodeAffinity = nodeAffinity
        self.antiAffinity = antiAffinity
        self.tolerations = tolerations
        self.terminationGrace = terminationGrace
        self.preStop = preStop
        self.exit = exit
        self.fingerprint = fingerprint
    }
}

/// A pod.
package struct Pod: Sendable, Equatable {
    /// Raw values are Kubernetes' own.
    package enum Phase: String, Sendable {
        case pending = "Pending"
        case running = "Running"
        case succeeded = "Succeeded"
        case failed = "Failed"
    }

    /// A controller of pods.
    package struct Owner: Sendable, Hashable {
        /// Raw values are Kubernetes' own.
        package enum Kind: String, Sendable {
            case replicaSet = "ReplicaSet"
            case daemonSet = "DaemonSet"
        }

        package var kind: Kind
        package var name: String

        package init(_ kind: Kind, _ name: String) {
            self.kind = kind
            self.name = name
        }
    }

    /// A deletion that has begun.
    package struct Deletion: Sendable, Equatable {
        package var requested: SimInstant
        package var grace: Duration

        package init(requested: SimInstant, grace: Duration) {
            self.requested = requested
            self.grace = grace
        }

        /// `deletionTimestamp`.
        package var deadline: SimInstant { requested + grace }
    }

    package var key: ObjectKey
    package var template: PodTemplate
    package var owner: Owner?
    package var node: String?
    package var phase: Phase = .pending
    package var ready = false
    /// When ``ready`` last changed.
    package var readyTransition: SimInstant
    package var created: SimInstant
    package var scheduled: SimInstant?
    package var started: SimInstant?
    package var restarts = 0
    package var deletion: Deletion?
    /// Why it may not be scheduled, in the scheduler's words; `nil` once it is.
    package var unschedulableReason: String?
    /// Reason of the DisruptionTarget condition.
    package var disruption: String?
    /// Its containers run on a living machine.
    package var containersRun = false
    /// Only a node of this name may take it: a DaemonSet's pods.
    package var pinnedTo: String?
    /// Bound to ``pinnedTo`` without the scheduler: a pod that was created with `nodeName`.
    package var isAssigned = false
    /// Bumped by whatever makes its scheduled next steps void.
    var epoch = 0

    package init(key: ObjectKey, template: PodTemplate, owner: Owner? = nil, created: SimInstant) {
        self.key = key
        self.template = template
        self.owner = owner
        self.created = created
        readyTransition = created
    }

    package var isTerminating: Bool { deletion != nil }
    package var isFinished: Bool { phase == .succeeded || phase == .failed }
    /// Counts towards its controller's replicas.
    package var isActive: Bool { !isTerminating && !isFinished }
}
