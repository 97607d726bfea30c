/// Something that happened at one moment of a run, in the order in which the runner learnt of it.
package struct Event: Sendable, Equatable, Codable {
    package var at: RunInstant
    /// Index of the trial under way, `nil` outside trials.
    package var trial: Int?
    package var what: What

    package init(at: RunInstant, trial: Int? = nil, _ what: What) {
        self.at = at
        self.trial = trial
        self.what = what
    }

    /// Each case is written to archives by its name: add cases, never rename one.
    package enum What: Sendable, Equatable, Codable {
        case runStarted
        /// Settings as applied; labels are the cell's matrix values.
        case trialStarted(cell: Int, repeatIndex: Int, labels: [String: String])
        case trialFinished
        case hypothesis(HypothesisResult)
        case stepStarted(step: String, action: String)
        case stepFinished(step: String, outcome: StepOutcome, detail: String)
        /// A step of the plan's `always` ended: no `stepFinished` follows.
        case alwaysFinished(step: String, action: String, outcome: StepOutcome, detail: String)
        /// A fault took effect, or a change that may break traffic began; opens the window `fault`.
        case faultInjected(Fault)
        /// One of a fault's several targets, and the interval in which the fault took effect on it.
        case targetReached(fault: String, cluster: String, target: String, injection: Interval)
        /// A healing or other mutating step began; closes earlier windows and opens its own.
        case changeMade(step: String, action: String, cluster: String, targets: [String])
        case conditionMet(step: String, condition: String, afterMillis: Int64)
        case conditionUnmet(step: String, condition: String, lastObservation: String)
        case targetsResolved(step: String, cluster: String, targets: [String])
        case nodeReady(cluster: String, node: String, status: NodeReadiness)
        case nodeGone(cluster: String, node: String)
        case nodeUnschedulable(cluster: String, node: String, Bool)
        /// Taints of a node came or went, as `key=value:Effect`, without those that readiness and cordons show. Archives of
        /// earlier versions have none.
        case nodeTaints(cluster: String, node: String, added: [String], removed: [String])
        case endpoint(cluster: String, service: String, EndpointState)
        case endpointGone(cluster: String, service: String, pod: String)
        case pod(cluster: String, namespace: String, name: String, node: String, phase: String, ready: Bool)
        case podGone(cluster: String, namespace: String, name: String)
        /// The set a balancer may dial changed: `addresses` are `node=address:port`.
        case targetSet(cluster: String, peer: String, addresses: [String])
        /// A load balancer took a node in or out.
        case loadBalancerHealth(cluster: String, node: String, healthy: Bool)
        /// A mesh's own proxy in `cluster` ended a client's connection with an error. Archives of earlier versions have none.
        case proxyFailure(cluster: String, ProxyFailure)
        /// A control plane of `cluster` told its proxies what changed. Only of Istio; archives of earlier versions have none.
        case configPush(cluster: String, ConfigPush)
        /// A gateway on a node took in so many streams since it was last asked, half a second before or longer. Only of meshes
        /// whose own dials cannot be seen; archives of earlier versions have none.
        case carried(cluster: String, node: String, streams: Int)
        /// A pinned connection of a pooled or stream lane was lost; `sequence` is the slot that found it.
        case connectionClosed(lane: LaneID, connection: UInt32, sequence: UInt64, reason: String)
        /// A stream lane has a connection again; `sequence` is the first message that came back over it.
        case connectionOpened(lane: LaneID, connection: UInt32, sequence: UInt64)
        /// A gap in a stream: these messages were sent over a connection that had answered before, and never came back.
        case messagesLost(lane: LaneID, connection: UInt32, first: UInt64, last: UInt64)
        /// What one view showed of a change that a step made to measure propagation; archives of earlier versions have none.
        case propagation(Propagation)
        case laneStarted(LaneID)
        case laneStopped(LaneID)
        /// Buckets of one second whose samples are excluded. A prober's own stall has evidence of why it stood still; archives
        /// of earlier versions have none.
        case suspect(from: RunInstant, to: RunInstant, reason: String, evidence: StallEvidence? = nil)
        /// Data known to be missing.
        case gap(from: RunInstant, to: RunInstant, reason: String)
        case healed(journalID: Int, inverse: String, outcome: HealingOutcome)
        case aborted(reason: String)
        case interrupted(signal: Int32)
        case evidence(file: String, about: String)
        case note(String)
        case runFinished(exitCode: Int32)
    }
}

/// One injected fault, or one node's part of a composite one.
package struct Fault: Sendable, Equatable, Codable {
    /// `step`, or `step/node` for one node's part of a composite action.
    package var id: String
    package var step: String
    package var action: String
    package var cluster: String
    /// Node or workload names.
    package var targets: [String]
    /// The plan's author expects a total outage.
    package var expectOutage: Bool
    /// From when the first call that had an effect was made until it returned: the fault took effect somewhere in it.
    /// `nil` in archives that did not record it.
    package var injection: Interval?

    package init(
        id: String, step: String, action: String, cluster: String, targets: [String], expectOutage: Bool = false,
        injection: Interval? = nil
    ) {
        self.id = id
        self.step = step
        self.action = action
        self.cluster = cluster
        self.targets = targets
        self.expectOutage = expectOutage
        self.injection = injection
    }
}

/// `status` of a node's Ready condition; `unknown` once the node monitor has given it up.
package enum NodeReadiness: String, Sendable, Codable {
    case ready = "True"
    case notReady = "False"
    case unknown = "Unknown"
}

/// One endpoint of a Service as its EndpointSlice says.
package struct EndpointState: Sendable, Equatable, Codable {
    package var pod: String
    package var node: String
    package var ready: Bool
    package var serving: Bool
    package var terminating: Bool

    package init(pod: String, node: String, ready: Bool, serving: Bool, terminating: Bool) {
        self.pod = pod
        self.node = node
        self.ready = ready
        self.serving = serving
        self.terminating = terminating
    }
}

/// Whether the lanes showed a clean stretch.
package struct HypothesisResult: Sendable, Equatable, Codable {
    /// Before the first step, or after healing.
    package enum Moment: String, Sendable, Codable {
        case before, after
    }

    package var moment: Moment
    package var held: Bool
    /// The lane and availability that decided, in words.
    package var detail: String

    package init(moment: Moment, held: Bool, detail: String) {
        self.moment = moment
        self.held = held
        self.detail = detail
    }
}
