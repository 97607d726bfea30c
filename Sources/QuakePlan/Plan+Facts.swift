extension Plan {
    /// The same plan with every formula worked out that its cells need.
    ///
    /// - Parameters:
    ///   - facts: of each cell, in their order.
    ///   - options: those that the plan was read with.
    /// - Throws: every fact that is needed and cannot be read, with the formula's place, and what is wrong with the values.
    package func resolved(
        with facts: [CellFacts], options: PlanOptions, actions: ActionRegistry = .standard,
        expectations: ExpectationRegistry = .standard
    ) throws(PlanError) -> Plan {
        guard let root = try? Self.tree(source, path) else { return self }
        var parser = PlanParser(
            source: source, path: path, root: root, options: options, attachments: attachments, actions: actions,
            expectations: expectations, facts: facts)
        return try parser.plan()
    }

    /// What must be read of the clusters before a trial can begin, without the rate, which the plan itself says.
    package var neededFacts: Set<Fact> {
        Set(
            cells.flatMap { cell in
                cell.formulas.filter(\.isOpen).flatMap(\.formula.facts)
            }
        ).subtracting([.rate])
    }
}

/// A formula of a plan, in one of its cells.
package struct PlanFormula: Sendable, Equatable {
    /// Of the step or the expectation that it belongs to.
    package var position: SourcePosition
    /// `recovery <= 9.0 s = ${gracePeriod} + 5s`; without the value while it is open.
    package var words: String
    package var formula: Formula
    /// It names facts that are not known.
    package var isOpen: Bool
}

extension Cell {
    /// Of its steps and then of its expectations, in the order of the plan.
    package var formulas: [PlanFormula] {
        steps.flatMap(\.formulas)
            + expectations.compactMap { expectation in
                let wording = expectation.claim.declared.wording
                return wording.formula.map {
                    PlanFormula(
                        position: expectation.position, words: wording.text + expectation.whenWords, formula: $0,
                        isOpen: wording.isOpen)
                }
            }
    }
}

extension Step {
    /// Its hold's, as a dry run shows it: `hold 8s = ${gracePeriod} + 4s`, `hold 8s`.
    package var holdWords: String {
        guard let holdFormula else { return "hold \(Quantity.text(hold))" }
        return isHoldOpen ? "hold \(holdFormula)" : "hold \(Quantity.text(hold)) = \(holdFormula)"
    }

    fileprivate var formulas: [PlanFormula] {
        let own = holdFormula.map {
            PlanFormula(position: position, words: "\(id): \(holdWords)", formula: $0, isOpen: isHoldOpen)
        }
        guard case .parallel(let steps) = body else { return own.map { [$0] } ?? [] }
        return steps.flatMap(\.formulas) + (own.map { [$0] } ?? [])
    }
}

extension Expectation {
    /// ` when step kill, tunnels shared`; empty for one without selectors.
    package var whenWords: String {
        when.isEmpty
            ? "" : " when " + when.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }
}
