package import QuakeYAML

/// What a declaration reads its value with, and what it may know of the rest of the plan. Every reader reports what is
/// wrong at its place and returns `nil` for it.
package struct ExpectationReader {
    /// The plan's own, lent for one expectation.
    var decoder: PlanDecoder

    /// An earlier step that an expectation refers to.
    package struct KnownStep: Sendable, Equatable {
        package var id: String
        /// The action's name in plans.
        package var action: String
        /// Whether it evicts the pods of nodes, so that a PodDisruptionBudget may block it.
        package var drains: Bool
        /// Shortest time from a fault of the step to the next step that changes a cluster.
        package var window: Duration
    }

    /// Notes a problem; the plan is then refused, with all other problems.
    package mutating func report(_ message: String, at node: YAMLNode) { decoder.report(message, at: node) }

    // MARK: - Values

    /// An operator and a bound.
    ///
    /// - Parameters:
    ///   - expected: what is allowed, for the message: `a comparison with a duration (allowed: "<= 30s", 0)`.
    ///   - exact: bounds that may stand without an operator, since any other would have to be met to the nanosecond; `nil`
    ///     where every bound may.
    ///   - read: the bound out of its text; `nil` for what is none.
    package mutating func comparison<Value>(
        _ node: YAMLNode, _ key: String, expected: String, exact: [Value]?, read: (String) -> Value?
    ) -> Comparison<Value>? {
        let comparison = decoder.value(node, key, expected: expected) { Quantity.comparison($0, bound: read) }
        if let comparison, let exact, comparison.relation == .equal, !exact.contains(comparison.bound) {
            report(
                "\(key): \(decoder.shown(node)) would have to be met exactly (allowed: >=, <=, >, < and a bound)",
                at: node)
            return nil
        }
        return comparison
    }

    /// A comparison with a duration; only zero may stand without an operator.
    package mutating func times(_ node: YAMLNode, _ key: String) -> Comparison<Duration>? {
        if let written = decoder.writtenFormula(node, key, isPlain: { Self.isComparison($0, Quantity.duration) }) {
            return comparison(written, wanted: .time, open: .zero, exact: [.zero], \.duration)
        }
        let form = "a comparison with a duration (allowed: \"<= 30s\", 0)"
        return comparison(node, key, expected: form, exact: [.zero], read: Quantity.duration)
    }

    /// A comparison with a count from 0.
    package mutating func counts(_ node: YAMLNode, _ key: String, of things: String) -> Comparison<Int>? {
        func count(_ text: String) -> Int? { Int(text).flatMap { $0 >= 0 ? $0 : nil } }
        if let written = decoder.writtenFormula(node, key, isPlain: { Self.isComparison($0, count) }) {
            return comparison(written, wanted: .number, open: 0, exact: nil, \.count)
        }
        let form = "a comparison with a number of \(things) (allowed: 0, \"<= 1\")"
        return comparison(node, key, expected: form, exact: nil, read: count)
    }

    private static func isComparison<Value: Comparable & Sendable>(_ text: String, _ read: (String) -> Value?) -> Bool {
        Quantity.comparison(text, bound: read) != nil
    }

    /// A comparison with what a formula comes to.
    ///
    /// - Parameter open: the bound of one that is not known.
    private mutating func comparison<Value>(
        _ written: PlanDecoder.WrittenFormula, wanted: Dimension, open: Value, exact: [Value]?,
        _ read: (Measure) -> Value?
    ) -> Comparison<Value>? {
        if exact != nil, written.relation == .equal {
            report(
                "\(written.what): \(decoder.shown(written.node)) would have to be met exactly "
                    + "(allowed: >=, <=, >, < and a bound)", at: written.node)
            return nil
        }
        guard let outcome = decoder.workedOut(written, wanted: wanted, read) else { return nil }
        return Comparison(
            written.relation, outcome.value ?? open, formula: outcome.formula, isOpen: outcome.value == nil)
    }

    /// A comparison with a percentage, as a share of 0...1; only 0% and 100% may stand without an operator.
    package mutating func shares(_ node: YAMLNode, _ key: String) -> Comparison<Double>? {
        let form = "a comparison with a percentage (allowed: \">= 99.9%\", 100%)"
        return comparison(node, key, expected: form, exact: [0, 1], read: Quantity.share)
    }

    /// The same node where it is a mapping; keys that are unknown or missing are reported, and do not make it `nil`.
    package mutating func mapping(
        _ node: YAMLNode, _ what: String, keys: [String], required: [String] = []
    ) -> YAMLNode? {
        decoder.fields(node, what, keys: keys, required: required)?.node
    }

    /// One word of a closed list; a missing node is `nil` without a problem.
    package mutating func word(_ node: YAMLNode?, _ what: String, among allowed: [String]) -> String? {
        decoder.word(node, what, among: allowed)
    }

    // MARK: - The plan

    /// In the plan's order.
    package var traffic: [Traffic] { decoder.scope.traffic }
    /// Good for so long after the last bad slot: recovered.
    package var settle: Duration { decoder.scope.settle }

    /// The step of an id.
    package mutating func step(_ node: YAMLNode, _ what: String) -> KnownStep? {
        decoder.facts(of: node, what).map(KnownStep.init)
    }

    /// The steps whose recovery an expectation speaks of: the one that `when` names, else every one that is a fault.
    package func faults(when: [String: String]) -> [KnownStep] {
        let selected = decoder.scope.earlier.filter { facts in
            guard let step = when["step"] else { return facts.kind.traits.contains(.disruption) }
            return facts.id == step
        }
        return selected.map(KnownStep.init)
    }

    /// The steps that measure propagation, of those that `when` selects, and how long each waits for a change.
    package func measurements(when: [String: String]) -> [(id: String, within: Duration)] {
        decoder.scope.earlier.compactMap { facts in
            guard when["step"].map({ $0 == facts.id }) ?? true else { return nil }
            return facts.measuredWithin.map { (facts.id, $0) }
        }
    }
}

extension ExpectationReader.KnownStep {
    init(_ facts: StepFacts) {
        self.init(
            id: facts.id, action: facts.kind.name, drains: facts.kind.traits.contains(.drains), window: facts.window)
    }
}
