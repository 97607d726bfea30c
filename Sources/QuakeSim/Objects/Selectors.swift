/// One requirement of a label selector or node selector term.
package struct Requirement: Sendable, Hashable {
    /// Raw values are Kubernetes' own; `Gt` and `Lt` are of node selectors alone.
    package enum Operator: String, Sendable {
        case isIn = "In"
        case notIn = "NotIn"
        case exists = "Exists"
        case doesNotExist = "DoesNotExist"
        case greaterThan = "Gt"
        case lessThan = "Lt"
    }

    package var key: String
    package var `operator`: Operator
    package var values: [String]

    package init(_ key: String, _ operator: Operator, _ values: [String] = []) {
        self.key = key
        self.operator = `operator`
        self.values = values
    }

    /// Whether an object with these labels meets the requirement. `NotIn` and `DoesNotExist` hold where the label is
    /// missing; `Gt` and `Lt` compare whole numbers and fail for anything else.
    package func matches(_ labels: [String: String]) -> Bool {
        let value = labels[key]
        switch `operator` {
        case .isIn: return value.map(values.contains) ?? false
        case .notIn: return value.map { !values.contains($0) } ?? true
        case .exists: return value != nil
        case .doesNotExist: return value == nil
        case .greaterThan, .lessThan:
            guard let mine = value.flatMap({ Int($0) }), let bound = values.first.flatMap({ Int($0) }) else {
                return false
            }
            return `operator` == .greaterThan ? mine > bound : mine < bound
        }
    }
}

/// A label selector; an empty one matches everything, one that is not there (``nothing``) matches nothing.
package struct LabelSelector: Sendable, Hashable {
    package var requirements: [Requirement]
    private var isNothing = false

    /// A selector that a client left out.
    package static let nothing: LabelSelector = {
        var selector = LabelSelector()
        selector.isNothing = true
        return selector
    }()

    package init(_ requirements: [Requirement] = []) { self.requirements = requirements }

    package init(matchLabels: [String: String]) {
        requirements = matchLabels.sorted { $0.key < $1.key }.map { Requirement($0.key, .isIn, [$0.value]) }
    }

    /// Whether an object with these labels meets all requirements.
    package func matches(_ labels: [String: String]) -> Bool {
        !isNothing && requirements.allSatisfy { $0.matches(labels) }
    }
}

/// A whole number or a percentage of a whole, as replicas' bounds are written.
package enum Amount: Sendable, Hashable {
    case count(Int)
    case percent(Int)

    /// The number that it stands for.
    ///
    /// - Parameter roundingUp: of a percentage; counts are whole.
    package func of(_ whole: Int, roundingUp: Bool) -> Int {
        switch self {
        case .count(let number): number
        case .percent(let share): (whole * share + (roundingUp ? 99 : 0)) / 100
        }
    }
}
