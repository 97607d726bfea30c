import QuakeBase

/// A taint of a node.
package struct Taint: Sendable, Hashable {
    /// Raw values are Kubernetes' own.
    package enum Effect: String, Sendable {
        case noSchedule = "NoSchedule"
        case preferNoSchedule = "PreferNoSchedule"
        case noExecute = "NoExecute"
    }

    package var key: String
    package var value: String
    package var effect: Effect
    package var added: SimInstant?

    package init(_ key: String, value: String = "", _ effect: Effect, added: SimInstant? = nil) {
        self.key = key
        self.value = value
        self.effect = effect
        self.added = added
    }

    package static let unschedulableKey = WellKnown.unschedulable
    package static let unreachableKey = WellKnown.unreachable
    package static let notReadyKey = WellKnown.notReady
    package static let outOfServiceKey = WellKnown.outOfService

    /// Whether they agree in key and effect, as Kubernetes tells taints apart; their values may differ.
    package func isSame(as other: Taint) -> Bool { key == other.key && effect == other.effect }
}

/// A pod's leave to ignore a taint.
package struct Toleration: Sendable, Hashable {
    /// Empty tolerates every key.
    package var key: String
    package var exists: Bool
    package var value: String
    /// `nil` tolerates every effect.
    package var effect: Taint.Effect?
    /// How long a NoExecute taint is tolerated; `nil` for ever.
    package var seconds: Int?

    package init(
        _ key: String = "", exists: Bool = true, value: String = "", effect: Taint.Effect? = nil, seconds: Int? = nil
    ) {
        self.key = key
        self.exists = exists
        self.value = value
        self.effect = effect
        self.seconds = seconds
    }

    /// By the rules of Kubernetes' `ToleratesTaint`: effect, key, then existence or value. How long is not considered.
    package func tolerates(_ taint: Taint) -> Bool {
        if let effect, effect != taint.effect { return false }
        if !key.isEmpty, key != taint.key { return false }
        return exists || value == taint.value
    }
}

/// A node as the model sees it. Which of its facts the API server knows is said in ``readiness`` and ``taints``.
package struct Node: Sendable, Equatable {
    /// `status` of the Ready condition.
    package enum Readiness: String, Sendable {
        case ready = "True"
        case notReady = "False"
        case unknown = "Unknown"
    }

    /// What has been done to the machine.
    package struct Machine: Sendable, Equatable {
        package var isOn = true
        package var isPaused = false
        package var isConnected = true
        package var kubeletRuns = true
        /// kube-proxy forwards; it needs a while after a start.
        package var proxyForwards = true

        package init() {}

        /// Its kubelet reaches the API server.
        package var kubeletReports: Bool { isOn && !isPaused && isConnected && kubeletRuns }
    }

    package var name: String
    package var labels: [String: String]
    package var unschedulable: Bool
    package var taints: [Taint]
    package var machine = Machine()
    package var readiness: Readiness = .ready
    /// When ``readiness`` last changed.
    package var transition: SimInstant
    /// Renewals of its lease fall on `rhythm` + k × renew interval while ``Machine/kubeletReports``.
    package var rhythm: SimInstant
    /// The last renewal before it stopped; `nil` while it renews.
    package var lastRenewal: SimInstant?
    /// Bumped by whatever makes scheduled detections, boots and evictions void.
    var epoch = 0

    package init(
        name: String, labels: [String: String] = [:], unschedulable: Bool = false, taints: [Taint] = [],
        at: SimInstant = .start, rhythm: SimInstant = .start
    ) {
        self.name = name
        self.labels = labels
        self.unschedulable = unschedulable
        self.taints = taints
        self.rhythm = rhythm
        transition = at
    }

    package var zone: String { labels[WellKnown.zone] ?? "" }

    /// `renewTime` of its Lease at `now`: the last beat of its rhythm, or the last one before it fell silent.
    package func renewal(at now: SimInstant, every interval: Duration) -> SimInstant {
        if let lastRenewal { return lastRenewal }
        let beats = max(0, (now - rhythm).inNanoseconds / max(1, interval.inNanoseconds))
        return rhythm + .nanoseconds(beats * interval.inNanoseconds)
    }
}
