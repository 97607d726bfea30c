import QuakeYAML

/// Limits and lengths that are formulas. A text that is a plain quantity, variables put in, is none.
extension PlanDecoder {
    /// A formula where it stands in the plan.
    struct WrittenFormula {
        /// `==` where none is written.
        var relation: Relation
        /// Without the relation.
        var text: String
        /// Of the text in its node's, in Unicode scalars.
        var offset: Int
        var node: YAMLNode
        /// The key, for messages.
        var what: String
    }

    /// What a formula comes to.
    struct WorkedOut<Value> {
        var formula: Formula
        /// `nil` where facts are not known, or what is wrong has been reported.
        var value: Value?
    }

    /// A formula, where the value of a key is one.
    ///
    /// - Parameter isPlain: whether a text can be read without being one.
    func writtenFormula(_ node: YAMLNode, _ what: String, isPlain: (String) -> Bool) -> WrittenFormula? {
        guard let raw = node.scalar, !node.isNull else { return nil }
        var silent = self
        let expanded = silent.expand(raw, at: node)
        if let expanded, isPlain(expanded) { return nil }
        let relation = [Relation.atLeast, .atMost, .equal, .above, .below].first { raw.hasPrefix($0.rawValue) }
        let rest = raw.dropFirst(relation?.rawValue.count ?? 0).drop { $0.isWhitespace }
        let namesFacts = Template(raw).references.contains { bindings.dependsOnFacts($0) }
        guard namesFacts || Self.joins(String(rest)) || expanded.map(Self.joins) ?? false else { return nil }
        return WrittenFormula(
            relation: relation ?? .equal, text: String(rest),
            offset: raw.unicodeScalars.count - rest.unicodeScalars.count, node: node, what: what)
    }

    /// Whether a text has what joins the parts of a formula: no quantity has any of it, a rate aside.
    private static func joins(_ text: String) -> Bool {
        text.contains { "+*/(".contains($0) } || text.contains(" - ")
    }

    /// Checks a formula and works it out, as far as the facts are known.
    ///
    /// - Parameters:
    ///   - wanted: the dimension of its value.
    ///   - read: `nil` for what the key does not take.
    /// - Returns: `nil` where it is no formula of that dimension; the problem is reported.
    mutating func workedOut<Value>(
        _ written: WrittenFormula, wanted: Dimension, _ read: (Measure) -> Value?
    ) -> WorkedOut<Value>? {
        let place = FormulaPlace(what: written.what, node: written.node, offset: written.offset)
        guard let (formula, dimension) = bound(written.text, place, within: []) else { return nil }
        guard dimension == wanted else {
            report(
                "\(written.what): \(shown(written.node)) is \(dimension.words), and \(wanted.words) is expected",
                at: written.node)
            return nil
        }
        let values = factValues(formula, place)
        guard let measure = formula.value({ values[$0] }) else { return WorkedOut(formula: formula) }
        let value = read(measure)
        if value == nil {
            let words = measure.duration.map { Quantity.text($0) } ?? "\(measure.value)"
            report(
                "\(written.what): \(formula) evaluates to \(words), which is not allowed", at: written.node)
        }
        return WorkedOut(formula: formula, value: value)
    }

    /// `hold`, which may be a formula.
    mutating func hold(_ node: YAMLNode?) -> StepHold {
        guard let node,
            let written = writtenFormula(node, "hold", isPlain: { Quantity.duration($0) != nil })
        else { return StepHold(duration(node, "hold") ?? .zero) }
        guard written.relation == .equal else {
            report("hold: \(shown(node)) is not a duration (allowed: 90s, 1m30s, 250ms, 2h)", at: node)
            return StepHold(.zero)
        }
        guard let outcome = workedOut(written, wanted: .time, \.duration) else { return StepHold(.zero) }
        return StepHold(outcome.value ?? .zero, formula: outcome.formula, isOpen: outcome.value == nil)
    }

    // MARK: - Facts

    /// What is known of the facts that a formula names. One that is needed and cannot be read is reported.
    private mutating func factValues(_ formula: Formula, _ place: FormulaPlace) -> [Fact: Measure] {
        var values: [Fact: Measure] = [:]
        for fact in formula.facts {
            if fact == .rate {
                values[fact] = rate(place).map { Measure($0, .rate) }
            } else if let known = scope.facts?[fact] {
                values[fact] = Measure(known)
            } else if let facts = scope.facts, scope.isSelected {
                log.add(
                    "\(place.what): ${\(fact.rawValue)} cannot be read: \(facts.reason(fact))", at: place.node,
                    offset: place.offset)
            }
        }
        return values
    }

    /// Of the traffic that `when` names, else of all of it.
    private mutating func rate(_ place: FormulaPlace) -> Double? {
        let named = scope.traffic.filter { scope.selectedTraffic == nil || $0.name == scope.selectedTraffic }
        let rates = Set(named.map(\.rate))
        guard rates.count > 1 else { return rates.first }
        log.add(
            "\(place.what): ${rate} is not one number, because the traffic has several rates; in an expectation "
                + "when: {traffic: …} names one", at: place.node, offset: place.offset)
        return nil
    }

    // MARK: - Names

    /// Where a formula's text begins; of one in `--set` there is no node.
    private struct FormulaPlace {
        var what: String
        var node: YAMLNode?
        var offset: Int
    }

    private typealias Bound = (formula: Formula, dimension: Dimension)

    /// - Parameter within: variables whose text this is a part of.
    private mutating func bound(_ text: String, _ place: FormulaPlace, within: [String]) -> Bound? {
        do throws(FormulaProblem) {
            return bound(try FormulaParser.read(text), place, within)
        } catch {
            log.add("\(place.what): \(error.message)", at: place.node, offset: place.offset + error.offset)
            return nil
        }
    }

    private mutating func bound(_ syntax: FormulaSyntax, _ place: FormulaPlace, _ within: [String]) -> Bound? {
        switch syntax {
        case .quantity(let measure, let text): return (.quantity(measure, text: text), measure.dimension)
        case .reference(let name, let offset): return reference(name, offset, place, within)
        case .operation(let symbol, let left, let right, let offset):
            let (first, second) = (bound(left, place, within), bound(right, place, within))
            guard let first, let second else { return nil }
            guard let dimension = symbol.dimension(first.dimension, second.dimension) else {
                return refuse(
                    "\(first.formula) is \(first.dimension.words) and \(second.formula) is \(second.dimension.words): "
                        + "\"\(symbol.rawValue)\" takes two of one kind", place, offset)
            }
            return (.operation(symbol, first.formula, second.formula), dimension)
        case .call(let function, let arguments, let offset):
            let values = arguments.map { bound($0, place, within) }
            let found = values.compactMap { $0 }
            guard found.count == values.count else { return nil }
            guard let dimension = function.dimension(found.map(\.dimension)) else {
                return refuse(function.takes, place, offset)
            }
            return (.call(function, found.map(\.formula)), dimension)
        }
    }

    private mutating func refuse(_ message: String, _ place: FormulaPlace, _ offset: Int) -> Bound? {
        log.add("\(place.what): \(message)", at: place.node, offset: place.offset + offset)
        return nil
    }

    /// A variable wins over a fact of its name: so `--set` can say what cannot be read.
    private mutating func reference(
        _ name: String, _ offset: Int, _ place: FormulaPlace, _ within: [String]
    ) -> Bound? {
        switch bindings.values[name] {
        case .broken?: return nil
        case .varying?: return refuse("\"\(name)\" varies with the matrix, and cannot be used here", place, offset)
        case .text(let text)?:
            guard let written = bindings.written[name], !within.contains(name) else {
                return bound(text, FormulaPlace(what: place.what, node: place.node, offset: 0), within: within)
            }
            return bound(
                written.text, FormulaPlace(what: place.what, node: written.node, offset: 0), within: within + [name])
        case .formula?:
            guard let written = bindings.written[name], !within.contains(name) else { return nil }
            return bound(
                written.text, FormulaPlace(what: place.what, node: written.node, offset: 0), within: within + [name])
        case nil:
            if let fact = Fact(rawValue: name) { return (.fact(fact), fact.dimension) }
            let names = bindings.values.keys.sorted() + Fact.allCases.map(\.rawValue)
            return refuse("unknown variable \"\(name)\"" + Suggestion.hint(for: name, among: names), place, offset)
        }
    }
}

/// How long a step is held, as it is read.
struct StepHold: Equatable {
    /// Zero while it is open.
    var length: Duration
    /// `nil` where it is written as a duration.
    var formula: Formula?
    /// Its formula names facts that are not known.
    var isOpen = false

    init(_ length: Duration, formula: Formula? = nil, isOpen: Bool = false) {
        self.length = length
        self.formula = formula
        self.isOpen = isOpen
    }
}
