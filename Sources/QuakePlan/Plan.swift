/// A validated test plan: what traffic crosses between clusters, which faults to cause meanwhile, and what must hold.
///
/// The body of a plan may mention variables, and a matrix may give a variable several values. So everything that can
/// depend on a variable is resolved once for each combination of the matrix: a ``Cell``.
package struct Plan: Sendable, Equatable {
    /// The plan's own name, kebab-case.
    package var name: String
    /// One or two sentences for reports; empty where the plan has none.
    package var description: String
    /// The file as it was named on the command line.
    package var path: String
    /// The YAML text exactly as read; archives keep it.
    package var source: String
    /// The files that the plan names.
    package var attachments: Attachments
    /// Names of the clusters the plan may touch, in the plan's order.
    package var clusters: [String]
    /// Variables after `--set`, in the plan's order. A matrix key does not appear here.
    package var variables: [Variable]
    /// The matrix in the plan's order; empty for a plan without one, which then has one cell.
    package var matrix: [MatrixAxis]
    /// One entry for each combination of the matrix, in the order in which trials visit them within one repeat:
    /// settings that restart a control plane vary slowest, `peering` fastest.
    package var cells: [Cell]
    /// How often each cell is run, at least 1.
    package var repeats: Int
    /// Seeds every random choice of a run.
    package var seed: UInt64

    package init(
        name: String, description: String = "", path: String = "", source: String = "",
        attachments: Attachments = Attachments(), clusters: [String],
        variables: [Variable] = [], matrix: [MatrixAxis] = [], cells: [Cell], repeats: Int = 1, seed: UInt64 = 1
    ) {
        self.name = name
        self.description = description
        self.path = path
        self.source = source
        self.attachments = attachments
        self.clusters = clusters
        self.variables = variables
        self.matrix = matrix
        self.cells = cells
        self.repeats = repeats
        self.seed = seed
    }

    /// Every trial in the order of execution: all cells of one repeat before the next repeat.
    package var trials: [Trial] {
        (0..<repeats).flatMap { round in
            cells.indices.map { Trial(index: round * cells.count + $0, repeatIndex: round, cell: $0) }
        }
    }
}

/// A named value that `${name}` stands for anywhere in a scalar of the plan.
package struct Variable: Sendable, Equatable, Codable {
    package var name: String
    package var value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

/// One key of the matrix with its values as written.
package struct MatrixAxis: Sendable, Equatable, Codable {
    /// What a matrix key changes from trial to trial.
    package enum Kind: String, Sendable, Codable {
        /// `peering`, `nodeMonitorGracePeriod` or `externalTrafficPolicy`.
        case setting
        /// One of the plan's `vars`.
        case variable
    }

    package var name: String
    package var kind: Kind
    package var values: [String]

    package init(name: String, kind: Kind, values: [String]) {
        self.name = name
        self.kind = kind
        self.values = values
    }
}

/// One run of one cell.
package struct Trial: Sendable, Equatable, Codable {
    /// Position in the order of execution, from 0.
    package var index: Int
    /// Which repeat this is, from 0.
    package var repeatIndex: Int
    /// Index into ``Plan/cells``.
    package var cell: Int

    package init(index: Int, repeatIndex: Int, cell: Int) {
        self.index = index
        self.repeatIndex = repeatIndex
        self.cell = cell
    }
}

/// The plan with one combination of matrix values put in.
package struct Cell: Sendable, Equatable {
    /// Matrix key → value as written; reports and `when` use it. Empty for a plan without a matrix.
    package var labels: [String: String]
    package var settings: TrialSettings
    package var traffic: [Traffic]
    package var hypothesis: Hypothesis
    package var steps: [Step]
    /// Good for so long after the last bad slot: recovered.
    package var settle: Duration
    /// `nil` where the plan does not abort by itself.
    package var abort: AbortRule?
    /// Actions run after the steps whatever happened, before everything is restored.
    package var always: [Action]
    /// Dead-man's switch: killed nodes are restored this long after their fault even if the runner is gone.
    package var restoreWithin: Duration
    package var expectations: [Expectation]
    /// What was known of the clusters before its trials; `nil` where nobody has looked.
    package var facts: CellFacts?

    package init(
        labels: [String: String] = [:], settings: TrialSettings = TrialSettings(), traffic: [Traffic],
        hypothesis: Hypothesis = Hypothesis(), steps: [Step], settle: Duration = .seconds(10), abort: AbortRule? = nil,
        always: [Action] = [.restoreAll], restoreWithin: Duration = .seconds(600), expectations: [Expectation] = [],
        facts: CellFacts? = nil
    ) {
        self.labels = labels
        self.settings = settings
        self.traffic = traffic
        self.hypothesis = hypothesis
        self.steps = steps
        self.settle = settle
        self.abort = abort
        self.always = always
        self.restoreWithin = restoreWithin
        self.expectations = expectations
        self.facts = facts
    }
}

/// `spec.externalTrafficPolicy` of the gateway's Service.
package enum ExternalTrafficPolicy: String, Sendable, Codable, CaseIterable {
    case cluster = "Cluster"
    case local = "Local"
}

/// What a trial sets before it begins; `nil` leaves the clusters as they are.
package struct TrialSettings: Sendable, Equatable {
    package var peering: PeeringMethod?
    package var nodeMonitorGracePeriod: Duration?
    package var externalTrafficPolicy: ExternalTrafficPolicy?

    package init(
        peering: PeeringMethod? = nil, nodeMonitorGracePeriod: Duration? = nil,
        externalTrafficPolicy: ExternalTrafficPolicy? = nil
    ) {
        self.peering = peering
        self.nodeMonitorGracePeriod = nodeMonitorGracePeriod
        self.externalTrafficPolicy = externalTrafficPolicy
    }
}

/// One kind of request that crosses from a cluster to another, as one lane for each connection mode.
package struct Traffic: Sendable, Equatable {
    package var name: String
    /// As written; its host is mapped to the balancer of the peer, so that it is the same in every environment.
    package var url: String
    package var from: String
    /// An answer by any other cluster is bad.
    package var to: String
    /// Requests a second and lane.
    package var rate: Double
    package var connections: [ConnectionMode]
    package var pooledConnections: Int
    /// D: answered later than this after its due time is bad.
    package var deadline: Duration
    /// H: the hard time-out, which only decides the class of a failure.
    package var timeout: Duration
    /// Of a request; a stream lane has its own method and body.
    package var method: String
    package var headers: [String: String]
    package var body: String?
    /// Any other status is bad.
    package var expectStatus: Int
    /// PEM file of the authorities that an https server's certificate is held against, by its name in
    /// ``Plan/attachments``; `nil` for the system's.
    package var caFile: String?
    /// An https server's certificate and name are not checked.
    package var insecure: Bool

    package init(
        name: String, url: String, from: String, to: String, rate: Double = 50,
        connections: [ConnectionMode] = [.new, .pooled], pooledConnections: Int = 4,
        deadline: Duration = .milliseconds(250), timeout: Duration = .seconds(2), method: String = "GET",
        headers: [String: String] = [:], body: String? = nil, expectStatus: Int = 200, caFile: String? = nil,
        insecure: Bool = false
    ) {
        self.name = name
        self.url = url
        self.from = from
        self.to = to
        self.rate = rate
        self.connections = connections
        self.pooledConnections = pooledConnections
        self.deadline = deadline
        self.timeout = timeout
        self.method = method
        self.headers = headers
        self.body = body
        self.expectStatus = expectStatus
        self.caFile = caFile
        self.insecure = insecure
    }
}

/// What must hold before the first step and again after healing.
package struct Hypothesis: Sendable, Equatable {
    /// Length of the clean stretch.
    package var baseline: Duration
    /// Share of good slots in that stretch, 0...1.
    package var availability: Double
    /// How long a clean stretch is waited for; 3 × baseline by default.
    package var within: Duration

    package init(baseline: Duration = .seconds(10), availability: Double = 1, within: Duration? = nil) {
        self.baseline = baseline
        self.availability = availability
        self.within = within ?? baseline * 3
    }
}

/// Ends a run early.
package struct AbortRule: Sendable, Equatable {
    /// Longest outage of any lane that the plan tolerates.
    package var outage: Duration

    package init(outage: Duration) { self.outage = outage }
}
