/// What must hold for every lane, trial and repeat that `when` selects; the worst one decides.
package struct Expectation: Sendable, Equatable {
    package var claim: Claim
    /// Selector key (`step`, `traffic`, `connections` or a matrix key) → value as written.
    package var when: [String: String]
    package var position: SourcePosition

    /// A quantity and its bound.
    package enum Claim: Sendable, Equatable {
        /// Share of good slots, 0...1.
        case availability(Comparison<Double>)
        /// Stable recovery.
        case recovery(Comparison<Duration>)
        /// Longest blackout.
        case blackout(Comparison<Duration>)
        case onset(Comparison<Duration>)
        case latencyP99(Comparison<Duration>)
        /// How a step ended; one of ``StepOutcome/expectable``.
        case outcome(step: String, is: StepOutcome)
        /// How many nodes turned NotReady in the trial.
        case notReady(Comparison<Int>)
    }

    package init(claim: Claim, when: [String: String] = [:], position: SourcePosition) {
        self.claim = claim
        self.when = when
        self.position = position
    }
}

/// `>= 99%`, `<= 30s`, `0`: an operator and a bound.
package struct Comparison<Value: Comparable & Sendable>: Sendable, Equatable {
    package var relation: Relation
    package var bound: Value

    package init(_ relation: Relation, _ bound: Value) {
        self.relation = relation
        self.bound = bound
    }

    package func holds(for value: Value) -> Bool {
        switch relation {
        case .atLeast: value >= bound
        case .atMost: value <= bound
        case .above: value > bound
        case .below: value < bound
        case .equal: value == bound
        }
    }
}

/// The operators that a comparison in a plan may use.
package enum Relation: String, Sendable, Codable, CaseIterable {
    case atLeast = ">="
    case atMost = "<="
    case above = ">"
    case below = "<"
    case equal = "=="
}
