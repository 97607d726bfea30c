/// A limit or a length that depends on facts: `ceil(${gracePeriod} / ${monitorPeriod}) * ${monitorPeriod} + 4s`.
///
/// Variables have been put in; what is left is quantities, facts and what joins them. Its dimension has been checked.
package indirect enum Formula: Sendable, Equatable {
    case quantity(Measure, text: String)
    case fact(Fact)
    case operation(FormulaOperator, Formula, Formula)
    case call(FormulaFunction, [Formula])

    /// - Parameter facts: `nil` for one that is not known.
    /// - Returns: `nil` where a fact is not known.
    package func value(_ facts: (Fact) -> Measure?) -> Measure? {
        switch self {
        case .quantity(let measure, _): return measure
        case .fact(let fact): return facts(fact)
        case .operation(let symbol, let left, let right):
            guard let left = left.value(facts), let right = right.value(facts) else { return nil }
            return symbol.apply(left, right)
        case .call(let function, let arguments):
            let values = arguments.compactMap { $0.value(facts) }
            return values.count == arguments.count ? function.apply(values) : nil
        }
    }

    /// In the order in which they are named, each once.
    package var facts: [Fact] {
        var seen: Set<Fact> = []
        return allFacts.filter { seen.insert($0).inserted }
    }

    private var allFacts: [Fact] {
        switch self {
        case .quantity: []
        case .fact(let fact): [fact]
        case .operation(_, let left, let right): left.allFacts + right.allFacts
        case .call(_, let arguments): arguments.flatMap(\.allFacts)
        }
    }
}

extension Formula: CustomStringConvertible {
    /// As a plan would write it, with no more parentheses than it needs.
    package var description: String {
        switch self {
        case .quantity(_, let text): return text
        case .fact(let fact): return "${\(fact.rawValue)}"
        case .operation(let symbol, let left, let right):
            let tight = symbol == .difference || symbol == .quotient
            return left.inside(symbol, isTight: false) + " \(symbol.rawValue) " + right.inside(symbol, isTight: tight)
        case .call(let function, let arguments):
            return "\(function.rawValue)(\(arguments.map(\.description).joined(separator: ", ")))"
        }
    }

    private func inside(_ outer: FormulaOperator, isTight: Bool) -> String {
        guard case .operation(let own, _, _) = self else { return description }
        let needs = own.binding < outer.binding || (isTight && own.binding == outer.binding)
        return needs ? "(\(description))" : description
    }
}

/// What joins two parts of a formula.
package enum FormulaOperator: String, Sendable, CaseIterable {
    case sum = "+"
    case difference = "-"
    case product = "*"
    case quotient = "/"

    /// The tighter, the greater.
    var binding: Int { self == .sum || self == .difference ? 1 : 2 }

    /// `nil` for what cannot be joined so.
    func dimension(_ left: Dimension, _ right: Dimension) -> Dimension? {
        switch self {
        case .sum, .difference: left == right ? left : nil
        case .product: Dimension(seconds: left.seconds + right.seconds)
        case .quotient: Dimension(seconds: left.seconds - right.seconds)
        }
    }

    func apply(_ left: Measure, _ right: Measure) -> Measure? {
        guard let dimension = dimension(left.dimension, right.dimension) else { return nil }
        let value =
            switch self {
            case .sum: left.value + right.value
            case .difference: left.value - right.value
            case .product: left.value * right.value
            case .quotient: left.value / right.value
            }
        return Measure(value, dimension)
    }
}

/// What a formula may call.
package enum FormulaFunction: String, Sendable, CaseIterable {
    /// The largest of several quantities of one kind.
    case max
    /// The next whole number up.
    case ceil

    /// `nil` for arguments that it does not take.
    func dimension(_ arguments: [Dimension]) -> Dimension? {
        switch self {
        case .max: arguments.count > 1 && Set(arguments).count == 1 ? arguments.first : nil
        case .ceil: arguments == [.number] ? .number : nil
        }
    }

    /// What it takes, for messages.
    var takes: String {
        switch self {
        case .max: "max takes two or more quantities of one kind"
        case .ceil: "ceil takes one number, as a duration divided by a duration is"
        }
    }

    func apply(_ values: [Measure]) -> Measure? {
        guard let dimension = dimension(values.map(\.dimension)) else { return nil }
        switch self {
        case .max: return values.map(\.value).max().map { Measure($0, dimension) }
        // What division leaves beyond a whole number by its rounding is none.
        case .ceil: return values.first.map { Measure(($0.value - 1e-9).rounded(.up), dimension) }
        }
    }
}
