/// One sentence of the best-practices page, and how it is put to the test.
package struct Claim: Sendable {
    /// In our own words.
    package var sentence: String
    /// Ids of the rules of `peerquake audit` that look for it.
    package var rules: [String]
    /// Manifests that show it, relative to `Plans/manifests`.
    package var manifests: [String]
    package var test: ClaimTest

    package init(_ sentence: String, rules: [String] = [], manifests: [String] = [], _ test: ClaimTest) {
        self.sentence = sentence
        self.rules = rules
        self.manifests = manifests
        self.test = test
    }
}

/// How a claim is tested.
package enum ClaimTest: Sendable {
    /// It cannot be, for this reason.
    case untestable(String)
    /// By these plans; where their verdicts differ, it depends.
    case measured([ClaimMeasurement])
}

/// A plan's figures, and what must hold between them.
package struct ClaimMeasurement: Sendable {
    /// Relative to `Plans`, without its ending: `practices/replicas`.
    package var plan: String
    package var figures: [ClaimFigure]
    /// Each is looked at for every peering method that its figures have.
    package var checks: [ClaimCheck]
    /// What is said in addition to a verdict.
    package var remarks: [ClaimVerdict: String]

    package init(
        _ plan: String, _ figures: [ClaimFigure], _ checks: [ClaimCheck], _ remarks: [ClaimVerdict: String] = [:]
    ) {
        self.plan = plan
        self.figures = figures
        self.checks = checks
        self.remarks = remarks
    }
}

/// One figure of a plan's run, for each peering method.
package struct ClaimFigure: Sendable {
    package var name: String
    package var quantity: ClaimQuantity
    /// Matrix values that select the trials; `#0` stands for a key's first value, `#1` for its second.
    package var cell: [String: String]
    /// `LoadBalancer`, `NodePort`, or both.
    package var methods: [String]

    package init(
        _ name: String, _ quantity: ClaimQuantity, _ cell: [String: String] = [:],
        via methods: [String] = ["LoadBalancer", "NodePort"]
    ) {
        self.name = name
        self.quantity = quantity
        self.cell = cell
        self.methods = methods
    }
}

/// What a figure is. Lanes are those of fresh connections. A step that ends with `*` stands for all whose ids begin so.
package enum ClaimQuantity: Sendable, Equatable {
    /// The share of a step's slots that were bad.
    case lost(String)
    /// The longest outage of a step, in seconds; below one second it counts as zero.
    case blackout(String)
    /// From a step's fault to stable recovery, in seconds.
    case recovery(String)
    /// From a step's fault until its node was NotReady, in seconds.
    case detected(String)
    /// From the changes that a step measures until every view that it waits for knew of them, in seconds, the longest one.
    case propagation(String)
    /// How many nodes turned NotReady in a trial.
    case notReady
    /// How a step ended.
    case outcome(String)
    /// The share of a step's dials that were sent to this node.
    case dials(to: String, step: String)
    /// The share of a step's dials that ended on another node than they were sent to.
    case elsewhere(String)
}

/// What must hold for a claim to be confirmed.
package enum ClaimCheck: Sendable {
    case atMost(String, Double)
    case atLeast(String, Double)
    /// The first figure is below the second one times a factor.
    case below(String, String, times: Double)
    /// A recovery was over within the step's window, or changes arrived within what they are waited for.
    case recovers(String)
    /// It was not.
    case lasts(String)
    /// A step's end.
    case ends(String, String)

    /// The figures that it looks at.
    var figures: [String] {
        switch self {
        case .atMost(let name, _), .atLeast(let name, _), .ends(let name, _), .recovers(let name), .lasts(let name):
            [name]
        case .below(let one, let other, _): [one, other]
        }
    }
}

/// What became of a claim. Raw values are those of `docs/claims.md`.
package enum ClaimVerdict: String, Sendable, CaseIterable {
    /// All checks hold.
    case confirmed
    /// None does.
    case refuted
    /// Some do.
    case depends
    /// A figure is missing, or more than 10 % of a trial's slots are not trusted.
    case inconclusive
    case notRun = "not run"
    case untestable = "not testable"
}
