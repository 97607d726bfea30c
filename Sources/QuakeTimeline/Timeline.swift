package import QuakePlan
package import QuakeRecord

/// What is true of a whole run.
package struct RunInfo: Sendable, Equatable, Codable {
    /// Sortable and unique: `20260131T021500Z-quickstart-7f3a`.
    package var id: String
    package var planName: String
    package var planPath: String
    /// The plan's YAML exactly as read.
    package var planSource: String
    /// `--set NAME=V1,V2`, `--repeat N` and a soak's `--for TIME` as given, for people to read. Nothing is read back
    /// out of them but from an archive that has no ``options``.
    package var overrides: [String]
    /// What the command line changed in the plan; `nil` in archives of before it was kept.
    package var options: PlanOptions?
    /// How long the plan was repeated; `nil` where it said so itself.
    package var soak: SoakLength?
    package var seed: UInt64
    /// Unix time of the run's origin in nanoseconds.
    package var originUnixNanoseconds: Int64
    /// `embedded`, `kind` or `kubeconfig`.
    package var environment: String
    /// Facts for reports: versions, scheduling in force, health-check parameters, policies. Key → value.
    package var facts: [String: String]
    /// What the plan's formulas were worked out from, for each of its cells; `nil` in archives of before there were any.
    package var cellFacts: [CellFacts]?
    /// The options that the run was given, with where; `nil` in archives of before they were kept.
    package var given: [GivenOption]?

    package init(
        id: String, planName: String, planPath: String = "", planSource: String = "", overrides: [String] = [],
        options: PlanOptions? = nil, soak: SoakLength? = nil, seed: UInt64 = 1, originUnixNanoseconds: Int64 = 0,
        environment: String = "embedded",
        facts: [String: String] = [:], cellFacts: [CellFacts]? = nil, given: [GivenOption]? = nil
    ) {
        self.id = id
        self.planName = planName
        self.planPath = planPath
        self.planSource = planSource
        self.overrides = overrides
        self.options = options
        self.soak = soak
        self.seed = seed
        self.originUnixNanoseconds = originUnixNanoseconds
        self.environment = environment
        self.facts = facts
        self.cellFacts = cellFacts
        self.given = given
    }
}

/// An option's value in force, and where it was given.
package struct GivenOption: Sendable, Equatable, Codable {
    /// As `peerquake.yaml` names it.
    package var name: String
    /// Several are separated by commas.
    package var value: String
    /// `--mesh`, `PEERQUAKE_MESH`, `peerquake.yaml:3:7`, or `default`.
    package var origin: String

    package init(name: String, value: String, origin: String) {
        self.name = name
        self.value = value
        self.origin = origin
    }

    /// Neither the command line nor the command's own rule: a reader may not know of it.
    package var isGivenElsewhere: Bool { !origin.hasPrefix("--") && origin != "default" }
}

extension RunInfo {
    /// What the command line changed in the plan, the seed in force among it.
    ///
    /// - Throws: where an archive without ``options`` tells of a setting that is none.
    package func planOptions() throws(PlanError) -> PlanOptions {
        if var options {
            options.seed = seed
            return options
        }
        var options = PlanOptions(seed: seed)
        for override in overrides {
            if override.hasPrefix("--repeat ") {
                options.repeats = Int(override.dropFirst("--repeat ".count))
            } else if override.hasPrefix("--set ") {
                try options.add(assignment: String(override.dropFirst("--set ".count)))
            }
        }
        return options
    }

    /// Names that were set, with their values in one text, comparable from run to run.
    package var settings: [(name: String, values: String)] {
        if let options { return options.set.map { ($0.name, $0.values.joined(separator: ",")) } }
        return overrides.filter { $0.hasPrefix("--set ") }.compactMap { override in
            let halves = override.dropFirst("--set ".count).split(separator: "=", maxSplits: 1).map(String.init)
            return halves.count == 2 ? (halves[0], halves[1]) : nil
        }
    }
}

/// How long a soak was to last.
package struct SoakLength: Sendable, Equatable, Codable {
    package var milliseconds: Int64
    /// Whether it was to end after the first trial that fails.
    package var untilFailure: Bool

    package init(milliseconds: Int64, untilFailure: Bool) {
        self.milliseconds = milliseconds
        self.untilFailure = untilFailure
    }
}

/// How far a run has come.
package enum RunState: String, Sendable, Codable {
    /// It goes on: what is read is all until about a second ago.
    case running
    /// It ended in order.
    case closed
    /// Its process died: at most the last second is missing.
    case brokenOff = "broken-off"
}

/// Everything that was recorded of a run, read-only, by several threads at once. Analysis needs nothing else.
package protocol Timeline: Sendable {
    var info: RunInfo { get }
    var state: RunState { get }
    /// What was recorded and is not here, in words; `nil` where nothing is known to be missing.
    var missing: String? { get }
    /// In the order of their ids.
    var lanes: [Lane] { get }
    /// In the order of `at`.
    var events: [Event] { get }
    /// Index → who answered; index 0 is a placeholder for nobody.
    var servers: [ServingIdentity] { get }
    /// Index → failure text; index 0 is empty.
    var texts: [String] { get }
    /// The samples of one lane in the order of their sequence numbers, streamed: a long run does not fit in memory.
    func forEachSample(of lane: LaneID, _ body: (Sample) throws -> Void) throws
    /// How each sample of one lane began, in any order: what tells the prober's own stalls, at a fraction of the reading.
    func forEachStart(of lane: LaneID, _ body: (SampleStart) throws -> Void) throws
    /// The dials of the run in the order in which they ended.
    func forEachDial(_ body: (Dial<RunInstant>) throws -> Void) throws
    /// When each dial of the run began, in the order in which they ended, and for those alone that failed all that is
    /// known: a run holds millions that did not.
    func forEachDialStart(_ body: (_ began: RunInstant, _ failed: Dial<RunInstant>?) throws -> Void) throws
}

extension Timeline {
    package var state: RunState { .closed }

    package var missing: String? { nil }

    package func forEachStart(of lane: LaneID, _ body: (SampleStart) throws -> Void) throws {
        try forEachSample(of: lane) { try body(SampleStart(due: $0.due, sent: $0.sent, outcome: $0.outcome)) }
    }

    package func forEachDialStart(_ body: (_ began: RunInstant, _ failed: Dial<RunInstant>?) throws -> Void) throws {
        try forEachDial { try body($0.began, $0.outcome == .ok ? nil : $0) }
    }
}

/// A timeline held in memory, for tests and short probes.
package struct MemoryTimeline: Timeline {
    package var info: RunInfo
    package var lanes: [Lane]
    package var events: [Event]
    package var servers: [ServingIdentity]
    package var texts: [String]
    package var samples: [LaneID: [Sample]]
    package var dials: [Dial<RunInstant>]

    package init(
        info: RunInfo, lanes: [Lane] = [], events: [Event] = [],
        servers: [ServingIdentity] = [ServingIdentity(cluster: "", node: "", pod: "")], texts: [String] = [""],
        samples: [LaneID: [Sample]] = [:], dials: [Dial<RunInstant>] = []
    ) {
        self.info = info
        self.lanes = lanes
        self.events = events
        self.servers = servers
        self.texts = texts
        self.samples = samples
        self.dials = dials
    }

    package func forEachSample(of lane: LaneID, _ body: (Sample) throws -> Void) throws {
        for sample in samples[lane] ?? [] { try body(sample) }
    }

    package func forEachDial(_ body: (Dial<RunInstant>) throws -> Void) throws {
        for dial in dials { try body(dial) }
    }
}
