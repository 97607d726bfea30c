package import QuakePlan
package import QuakeTimeline

/// Everything that a run's record says, computed from it alone.
package struct Findings: Sendable, Codable, Equatable {
    package var info: RunInfo
    /// Of a run that goes on, everything is as it stands.
    package var state: RunState
    package var trials: [TrialFindings]
    /// One for each expectation of the plan, in its order.
    package var verdicts: [ExpectationVerdict]
    /// The same for each cell of the matrix alone, in the order of the cells.
    package var cells: [CellVerdicts]
    /// The run's own end: a fault that was not injected, an abort, an interruption, an unhealed change.
    package var troubles: [Trouble]
    package var evidence: [String]
    package var notes: [String]
    /// How the steps of `always` ended, in order, each with its trial.
    package var always: [AlwaysResult] = []
    package var exit: PeerquakeExit

    /// What was noted, and how the steps of `always` ended.
    package var remarks: [String] {
        always.map { "trial \($0.trial.map { "\($0 + 1)" } ?? "?"): \($0.words)" } + notes
    }

    /// How one step of the plan's `always` ended.
    package struct AlwaysResult: Sendable, Codable, Equatable {
        /// `always-1` and so on.
        package var step: String
        package var action: String
        package var trial: Int?
        package var outcome: StepOutcome
        /// Empty where there is nothing to say.
        package var detail: String

        /// In one line.
        package var words: String {
            "\(step) (\(action)): \(outcome.rawValue)\(detail.isEmpty ? "" : ", \(detail)")"
        }
    }

    /// Something that decides about the exit code besides expectations.
    package struct Trouble: Sendable, Codable, Equatable {
        package var exit: PeerquakeExit
        package var trial: Int?
        package var words: String

        package init(exit: PeerquakeExit, trial: Int? = nil, words: String) {
            self.exit = exit
            self.trial = trial
            self.words = words
        }
    }
}

/// How the plan's expectations fared in one cell of its matrix.
package struct CellVerdicts: Sendable, Codable, Equatable {
    package var cell: Int
    /// Matrix values.
    package var labels: [String: String]
    /// One for each expectation of the plan, in its order.
    package var verdicts: [ExpectationVerdict]
}

/// What one trial showed.
package struct TrialFindings: Sendable, Codable, Equatable {
    package var index: Int
    package var cell: Int
    package var repeatIndex: Int
    /// Matrix values.
    package var labels: [String: String]
    package var peering: String
    package var lanes: [LaneFindings]
    package var faults: [FaultFindings]
    package var hypotheses: [HypothesisResult]
    /// Step → how it ended.
    package var outcomes: [String: StepOutcome]
    package var details: [String: String]
    /// Step → milliseconds until its condition was met.
    package var conditions: [String: Int64]
    /// Nodes that turned NotReady, with their cluster where two clusters have one of that name.
    package var notReady: [String]
    /// What suspect seconds leave open besides the lanes' figures.
    package var doubts = TrialDoubts()
    package var failedDials: [DialGroup]
    package var dials: Int
    /// What the mesh's own proxies ended with an error, where they tell.
    package var proxyFailures: [ProxyFailureGroup] = []
    /// Share of the probe lanes' slots that are not trusted.
    package var suspectShare: Double
    /// What the prober and the hosts said of themselves, in order, each once; a lag or a failing control has no words.
    package var suspectReasons: [String]
    /// Few enough slots are suspect for the trial to be compared with others. Verdicts have a rule of their own: see
    /// ``TwoReadings``.
    package var isComparable: Bool { suspectShare <= 0.01 }
    package var start: RunInstant
    package var end: RunInstant
    /// Its steps began, for it was healthy before, and it was not cut off by a signal, a crash or the moment of this
    /// report: only then is it judged.
    package var isWhole: Bool
    /// What others did to the nodes meanwhile, in order. It decides no verdict: whoever reads one should know it.
    package var disturbances: [Disturbance] = []
    /// What steps that measure propagation saw.
    package var propagation: [PropagationFindings] = []
    package var isDisturbed: Bool { !disturbances.isEmpty }
}

/// What of a trial suspect seconds may have changed, apart from its lanes.
package struct TrialDoubts: Sendable, Codable, Equatable {
    /// Steps with a suspect second between their beginning and their end.
    package var steps: Set<String> = []
    /// Nodes that turned NotReady with no suspect second before it: they did so by themselves.
    package var leastNotReady = 0
    /// There are suspect seconds from the first fault on: others might have turned NotReady, or been seen to.
    package var mayMissNotReady = false
    /// It did not return to normal, and would have with suspect slots good.
    package var mayHaveHealed = false
}

/// What one lane showed in its trial.
package struct LaneFindings: Sendable, Codable, Equatable {
    package var lane: Lane
    package var slots = 0
    package var good = 0
    package var bad = 0
    package var clientFailures = 0
    package var suspect = 0
    /// Slots before the clean stretch that the first hypothesis found: they count in nothing else.
    package var warmUp = 0
    /// Outcome's name → slots.
    package var classes: [String: Int] = [:]
    /// Outcome's name → up to three texts.
    package var texts: [String: [String]] = [:]
    package var latency = Histogram()
    package var sendLag = Histogram()
    package var outages: [Outage] = []
    package var merged: [Outage] = []
    /// Bad slots that belong to no fault.
    package var unattributed = 0
    /// Pinned connections and a stream's that were lost.
    package var connectionsLost = 0
    /// Gaps of a stream: messages that were sent over a connection and lost with it.
    package var messagesLost = 0
    /// Where any slot is suspect.
    package var readings: TwoReadings<LaneReading>?

    package init(lane: Lane) { self.lane = lane }

    /// good / (good + bad).
    package var availability: Double? { good + bad == 0 ? nil : Double(good) / Double(good + bad) }
    package var longestOutage: Outage? { outages.max { $0.estimate < $1.estimate } }
}

/// What one fault did to each lane.
package struct FaultFindings: Sendable, Codable, Equatable {
    package var fault: Fault
    package var at: RunInstant
    /// From the injection to the next step that changes a cluster.
    package var window: Interval
    package var effects: [LaneEffect]
    package var breakdown: Breakdown
    /// A healing step's window rather than a fault's.
    package var isHealing: Bool
    /// The `parallel` step that the fault's own is a part of, else that step, or one node's part of a composite action. What
    /// agrees here ends with the same window.
    package var group: String
    /// Of a fault of nodes; `nil` of another one, and where the mesh told of no tunnel before it.
    package var carried: CarriedTraffic?
}

/// A fault's effect on one lane.
package struct LaneEffect: Sendable, Codable, Equatable {
    package var lane: LaneID
    package var label: String
    package var slots = 0
    package var bad = 0
    package var periodNanoseconds: Int64
    /// From the fault to the first bad slot; `nil` where nothing was bad.
    package var onsetNanoseconds: Int64?
    /// From the fault to the first good slot after it.
    package var firstGoodNanoseconds: Int64?
    /// From the fault to the first slot after the last bad one of the window; zero where nothing was bad.
    package var stableNanoseconds: Int64 = 0
    /// From the fault to the last bad slot of the window; `nil` where nothing was bad.
    package var lastBadNanoseconds: Int64?
    /// The settle time of good slots did not follow within the window: `stable` is then a lower bound.
    package var isCensored = false
    package var blackoutNanoseconds: Int64 = 0
    package var latency = Histogram()
    /// Of a stream: messages due in the window that were sent over a connection and lost with it; `nil` on other lanes.
    package var messagesLost: Int?
    /// Pinned connections: when after the fault each that was lost was live again.
    package var redials: [Redial] = []
    /// Where a suspect second may concern it.
    package var readings: TwoReadings<EffectReading>?

    /// Bad slots × T.
    package var loss: Duration { .nanoseconds(Int64(bad) * periodNanoseconds) }
    package var share: Double { slots == 0 ? 0 : Double(bad) / Double(slots) }
    package var stable: Duration { .nanoseconds(stableNanoseconds) }
    package var availability: Double? { slots == 0 ? nil : 1 - share }
}

/// One lost pinned connection and the redial that healed it.
package struct Redial: Sendable, Codable, Equatable {
    package var connection: UInt32
    package var reason: String
    package var lostNanoseconds: Int64
    /// The connection that took its place, how many dials it took, and when it first answered well; `nil` if none did.
    package var successor: UInt32?
    package var dials: Int
    package var healedNanoseconds: Int64?
}

/// What happened after a fault, as nanoseconds from it; `nil` for what did not.
package struct Breakdown: Sendable, Codable, Equatable {
    package var detection: Int64?
    package var endpointWithdrawn: Int64?
    package var healthCheckOut: Int64?
    package var balancerDropped: Int64?
    package var endpointReplaced: Int64?
    /// The first push of an Istio control plane of the fault's own cluster.
    package var configPushed: Int64?
}

/// Failed dials of one kind.
package struct DialGroup: Sendable, Codable, Equatable {
    package var dialer: String
    package var targetNode: String
    package var targetAddress: String
    package var gatewayNode: String
    package var outcome: String
    package var phase: String
    package var errno: Int32
    package var count: Int
    package var longestMillis: Double
    package var clientsGone: Int
}

/// How an expectation fared.
package struct ExpectationVerdict: Sendable, Codable, Equatable {
    /// Raw values are those of `summary.json`.
    package enum Result: String, Sendable, Codable {
        case pass, fail, inconclusive
        case notApplicable = "not applicable"
    }

    /// As the plan says it.
    package var claim: String
    package var line: Int
    package var result: Result
    /// The worst value seen and where.
    package var worst: String
    /// How many values were looked at.
    package var selected: Int

    package init(claim: String, line: Int, result: Result, worst: String, selected: Int) {
        self.claim = claim
        self.line = line
        self.result = result
        self.worst = worst
        self.selected = selected
    }
}
