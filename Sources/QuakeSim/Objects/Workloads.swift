/// A Deployment with its status.
package struct Deployment: Sendable, Equatable {
    package enum Strategy: Sendable, Equatable {
        case rollingUpdate(maxUnavailable: Amount, maxSurge: Amount)
        case recreate
    }

    package var key: ObjectKey
    package var replicas: Int
    package var selector: LabelSelector
    package var template: PodTemplate
    package var strategy: Strategy
    package var generation: Int
    package var created: SimInstant

    package var observedGeneration = 0
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

    package init(
        key: ObjectKey, replicas: Int = 1, selector: LabelSelector, template: PodTemplate,
        strategy: Strategy = .rollingUpdate(maxUnavailable: .percent(25), maxSurge: .percent(25)), generation: Int = 1,
        created: SimInstant
    ) {
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
    package var created: SimInstant
    package var status = Status()

    package struct Status: Sendable, Equatable {
        package var replicas = 0
        package var ready = 0

        package init() {}
    }
}

/// A DaemonSet with its status.
package struct DaemonSet: Sendable, Equatable {
    package var key: ObjectKey
    package var selector: LabelSelector
    package var template: PodTemplate
    package var generation: Int
    package var created: SimInstant
    package var status = Status()

    package struct Status: Sendable, Equatable {
        package var desired = 0
        package var current = 0
        package var ready = 0

        package init() {}
    }

    package init(
        key: ObjectKey, selector: LabelSelector, template: PodTemplate, generation: Int = 1, created: SimInstant
    ) {
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
    package enum Limit: Sendable, Equatable {
        case minAvailable(Amount)
        case maxUnavailable(Amount)
    }

    package var key: ObjectKey
    package var selector: LabelSelector
    package var limit: Limit
    package var generation: Int
    package var observedGeneration = 0
    package var status = Status()
    /// Pods evicted whose deletion the controller has not seen yet, with the moment of their eviction.
    package var disrupted: [String: SimInstant] = [:]

    package struct Status: Sendable, Equatable {
        package var currentHealthy = 0
        package var desiredHealthy = 0
        package var expectedPods = 0
        package var disruptionsAllowed = 0

        package init() {}
    }

    package init(key: ObjectKey, selector: LabelSelector, limit: Limit, generation: Int = 1) {
        self.key = key
        self.selector = selector
        self.limit = limit
        self.generation = generation
    }
}
