/// What must hold for every lane, trial and repeat that `when` selects; the worst one decides.
package struct Expectation: Sendable, Equatable {
    package var claim: Claim
    /// Selector key (`step`, `traffic`, `connections`, `mesh`, `tunnels` or a matrix key) → value as written.
    package var when: [String: String]
    package var position: SourcePosition

    /// What is claimed: a value of one of the types in an ``ExpectationRegistry``.
    package struct Claim: Sendable, Equatable {
        /// The value as its own type reads and words it.
        package var declared: any ExpectationDeclaration

        package init(_ declared: any ExpectationDeclaration) { self.declared = declared }

        /// Claims of different types differ.
        package static func == (first: Claim, second: Claim) -> Bool { first.declared.isEqual(to: second.declared) }
    }

    package init(claim: Claim, when: [String: String] = [:], position: SourcePosition) {
        self.claim = claim
        self.when = when
        self.position = position
    }

    /// Whether `when` selects the trials of a cell; its other keys select within a trial.
    package func selects(_ cell: Cell) -> Bool { Self.selects(when, labels: cell.labels, facts: cell.facts) }

    /// - Parameter facts: where they are not known, a selector of a ``FactWord`` selects nothing.
    static func selects(_ when: [String: String], labels: [String: String], facts: CellFacts?) -> Bool {
        when.allSatisfy { key, value in
            if PlanDecoder.whenKeys.contains(key) { return true }
            if let label = labels[key] { return label == value }
            return FactWord(rawValue: key).map { facts?[$0] == value } ?? false
        }
    }
}

/// `>= 99%`, `<= 30s`, `0`: an operator and a bound.
package struct Comparison<Value: Comparable & Sendable>: Sendable, Equatable {
    package var relation: Relation
    /// Means nothing while ``isOpen``.
    package var bound: Value
    /// What the bound was worked out from; `nil` where it is written as it is.
    package var formula: Formula?
    /// The formula names facts that are not known: nothing can be held against the bound.
    package var isOpen: Bool

    package init(_ relation: Relation, _ bound: Value, formula: Formula? = nil, isOpen: Bool = false) {
        self.relation = relation
        self.bound = bound
        self.formula = formula
        self.isOpen = isOpen
    }

    /// Whether a value meets the bound.
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
