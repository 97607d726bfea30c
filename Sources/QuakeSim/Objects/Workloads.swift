/// A Deployment with its status.
package struct Deployment: Sendable, Equatable {
    /// How pods of an old template are replaced.
    package enum Strategy: Sendable, Equatable {
        case rollingUpdate(maxUnavailable: Amount, maxSurge: Amount)
        case recreate
    }

    package var key: ObjectKey
    package var replicas: Int
    package var selector: LabelSelector
    package var template: PodTemplate
    package var strategy: Strategy
    /// How long a pod must be ready to count as available.
    package var minReady: Duration
    /// How long a rollout may stand still before it has failed; `nil` for ever.
    package var progressDeadline: Duration?
    package var isPaused: Bool
    package var generation: Int
    package var created: SimInstant

    package var observedGeneration = 0
    package var progress: Progress?
    package var status = Status()
    package var revision = 0

    /// What the controller last wrote.
    package struct Status: Sendable, Equatable {
        package var replicas = 0
        package var updated = 0
        package var ready = 0
        package var available = 0

        package init() {}
    }

    /// The Progressing condition.
    package struct Progress: Sendable, Equatable {
        /// Raw values are those of the condition in Kubernetes.
        package enum Reason: String, Sendable {
            case created = "NewReplicaSetCreated"
            case found = "FoundNewReplicaSet"
            case updated = "ReplicaSetUpdated"
            case complete = "NewReplicaSetAvailable"
            case deadlineExceeded = "ProgressDeadlineExceeded"
        }

        package var reason: Reason
        package var replicaSet: String
        /// When the rollout last came forward.
        package var updated: SimInstant
        /// When the condition last became true or false.
        package var transition: SimInstant

        package var isProgressing: Bool { reason != .deadlineExceeded }
    }

    package init(
        key: ObjectKey, replicas: Int = 1, selector: LabelSelector, template: PodTemplate,
        strategy: Strategy = .rollingUpdate(maxUnavailable: .percent(25), maxSurge: .percent(25)),
        minReady: Duration = .zero, progressDeadline: Duration? = .seconds(600), isPaused: Bool = false,
        generation: Int = 1, created: SimInstant
    ) {
        self.minReady = minReady
        self.progressDeadline = progressDeadline
        self.isPaused = isPaused
        self.key = key
        self.replicas = replicas
        self.selector = selector
        self.template = template
        self.strategy = strategy
        self.generation = generation
        self.created = created
    }
}

/// One revision of a Deployment, or a ReplicaSet of its own.
package struct ReplicaSet: Sendable, Equatable {
    package var key: ObjectKey
    /// The Deployment's name, `nil` for one of its own.
    package var owner: String?
    package var replicas: Int
    package var selector: LabelSelector
    package var template: PodTemplate
    package var revision: Int
    /// Suffix of its name and value of its pods' `pod-template-hash`.
    package var hash: String
    package var minReady: Duration = .zero
    package var created: SimInstant
    package var status = Status()

    /// What the controller last wrote.
    package struct Status: Sendable, Equatable {
        package var replicas = 0
        package var ready = 0
        package var available = 0

        package init() {}
    }

    /// One that no Deployment made.
    package init(
        key: ObjectKey, replicas: Int, selector: LabelSelector, template: PodTemplate, minReady: Duration = .zero,
        created: SimInstant
    ) {
        self.init(
            key: key, owner: nil, replicas: replicas, selector: selector, template: template, revision: 0, hash: "",
            created: created)
        self.minReady = minReady
    }

    init(
        key: ObjectKey, owner: String?, replicas: Int, selector: LabelSelector, template: PodTemplate, revision: Int,
        hash: String, created: SimInstant
    ) {
        self.key = key
        self.owner = owner
        self.replicas = replicas
        self.selector = selector
        self.template = template
        self.revision = revision
        self.hash = hash
        self.created = created
    }
}

/// A DaemonSet with its status.
package struct DaemonSet: Sendable, Equatable {
    package var key: ObjectKey
    package var selector: LabelSelector
    package var template: PodTemplate
    package var update: Update
    package var minReady: Duration
    package var generation: Int
    package var created: SimInstant
    package var status = Status()

    /// What becomes of pods of an older template.
    package enum Update: Sendable, Equatable {
        /// They stay until someone deletes them.
        case onDelete
        case rolling(maxUnavailable: Amount)
    }

    /// What the controller last wrote.
    package struct Status: Sendable, Equatable {
        package var desired = 0
        package var current = 0
        package var ready = 0
        package var available = 0
        package var updated = 0

        package init() {}
    }

    package init(
        key: ObjectKey, selector: LabelSelector, template: PodTemplate,
        update: Update = .rolling(maxUnavailable: .count(1)), minReady: Duration = .zero, generation: Int = 1,
        created: SimInstant
    ) {
        self.update = update
        self.minReady = minReady
        self.key = key
        self.selector = selector
        self.template = template
        self.generation = generation
        self.created = created
    }
}

/// A Service as far as its endpoints go; ports and addresses live at the API's edge.
package struct Service: Sendable, Equatable {
    package var key: ObjectKey
    package var selector: [String: String]
    package var publishesNotReady: Bool
    package var endpoints: [Endpoint] = []

    package init(key: ObjectKey, selector: [String: String], publishesNotReady: Bool = false) {
        self.key = key
        self.selector = selector
        self.publishesNotReady = publishesNotReady
    }
}

/// One endpoint of a Service's EndpointSlice: `serving` is the pod's readiness, `ready` is serving and not terminating.
package struct Endpoint: Sendable, Equatable {
    package var pod: ObjectKey
    package var node: String
    package var serving: Bool
    package var terminating: Bool

    package init(pod: ObjectKey, node: String, serving: Bool, terminating: Bool) {
        self.pod = pod
        self.node = node
        self.serving = serving
        self.terminating = terminating
    }

    package var ready: Bool { serving && !terminating }
}

/// A PodDisruptionBudget with its status.
package struct Budget: Sendable, Equatable {
    /// Exactly one of the two, as in Kubernetes.
    package enum Limit: Sendable, Equatable {
        case minAvailable(Amount)
        case maxUnavailable(Amount)
    }

    package var key: ObjectKey
    package var selector: LabelSelector
    package var limit: Limit
    /// `unhealthyPodEvictionPolicy: AlwaysAllow`: pods that are not ready may go whatever the limit says.
    package var unhealthyMayGo: Bool
    package var generation: Int
    package var observedGeneration = 0
    package var status = Status()
    /// Pods evicted whose deletion the controller has not seen yet, with the moment of their eviction.
    package var disrupted: [String: SimInstant] = [:]

    /// What the controller last wrote.
    package struct Status: Sendable, Equatable {
        package var currentHealthy = 0
        package var desiredHealthy = 0
        package var expectedPods = 0
        package var disruptionsAllowed = 0

        package init() {}
    }

    package init(
        key: ObjectKey, selector: LabelSelector, limit: Limit, unhealthyMayGo: Bool = false, generation: Int = 1
    ) {
        self.unhealthyMayGo = unhealthyMayGo
        self.key = key
        self.selector = selector
        self.limit = limit
        self.generation = generation
    }
}
