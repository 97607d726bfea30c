package import QuakeYAML

/// One kind of expectation: everything that a plan, its schema, its reference and a verdict's name know of it.
///
/// A conforming type is a value of the claim as a plan makes it: `availability: ">= 99%"` is one ``AvailabilityClaim``. How
/// it is judged is the business of the analysis, which extends the type in a file of its own.
package protocol ExpectationDeclaration: Sendable, Equatable {
    /// The key under `expect`, in lower camel case, as plans and archives have it: never rename one.
    static var key: String { get }
    /// For users; see ``ExpectationHelp``.
    static var help: ExpectationHelp { get }
    /// Members of the JSON Schema of the key's value, without braces and without `description`:
    /// `"$ref": "#/$defs/times"`.
    static var schema: String { get }

    /// Reads what stands under the key.
    ///
    /// - Returns: `nil` where it cannot be read; the reader has then been told of the problem.
    static func read(_ node: YAMLNode, with reader: inout ExpectationReader) -> Self?

    /// Reports, at the key's value, a claim that no run of the plan could answer.
    ///
    /// - Parameter when: the expectation's selectors, key → value.
    func check(at node: YAMLNode, when: [String: String], with reader: inout ExpectationReader)

    /// The claim as a verdict names it, without selectors: `recovery <= 30.0 s`. Archives do not keep it.
    var words: String { get }

    /// The same in its parts, where its limit may be a formula.
    var wording: ClaimWording { get }
}

extension ExpectationDeclaration {
    /// No formula.
    package var wording: ClaimWording { ClaimWording(words) }

    /// Nothing that can be read is refused.
    package func check(at node: YAMLNode, when: [String: String], with reader: inout ExpectationReader) {}

    /// Equal values of one type.
    func isEqual(to other: any ExpectationDeclaration) -> Bool { (other as? Self) == self }
}

/// A claim in words: `recovery <=`, `9.0 s` and the formula that this was worked out from.
package struct ClaimWording: Sendable, Equatable {
    /// Without the limit, where that is a formula.
    package var head: String
    /// `nil` where facts are not known, and without a formula.
    package var value: String?
    package var formula: Formula?
    /// The formula's limit is not known.
    package var isOpen: Bool

    /// Of a claim without a formula.
    package init(_ words: String) {
        head = words
        isOpen = false
    }

    /// Of a claim of a key.
    ///
    /// - Parameter figure: a bound in words.
    package init<Value>(_ key: String, _ limit: Comparison<Value>, _ figure: (Value) -> String) {
        formula = limit.formula
        isOpen = limit.isOpen
        let start = "\(key) \(limit.relation.rawValue)"
        head = limit.formula == nil ? "\(start) \(figure(limit.bound))" : start
        value = limit.formula == nil || limit.isOpen ? nil : figure(limit.bound)
    }

    /// `recovery <= 9.0 s = ${gracePeriod} + 5s`, or without the value where that is not known.
    package var text: String { Self.text([self]) }

    /// Of the same claim in several cells, whose values may differ: `recovery <= 28.0 s, 38.0 s = …`.
    ///
    /// - Parameter claims: at least one; the first one's head and formula are shown.
    package static func text(_ claims: [ClaimWording]) -> String {
        guard let first = claims.first else { return "" }
        guard let formula = first.formula else { return first.head }
        var values: [String] = []
        for value in claims.compactMap(\.value) where !values.contains(value) { values.append(value) }
        return values.isEmpty
            ? "\(first.head) \(formula)" : "\(first.head) \(values.joined(separator: ", ")) = \(formula)"
    }
}

/// What a user must know of an expectation.
package struct ExpectationHelp: Sendable, Equatable {
    /// One sentence without quotation marks; it is the key's description in the schema too.
    package var summary: String
    /// The keys and values that it takes, as a table has them: `>= 99.9%` → what it means.
    package var values: [Row]
    /// What is refused or not measured, a sentence each.
    package var limits: [String]
    /// One element of `expect` in YAML, without the list's hyphen.
    package var example: String

    /// One value or key and its meaning.
    package struct Row: Sendable, Equatable {
        package var value: String
        package var meaning: String

        package init(_ value: String, _ meaning: String) {
            self.value = value
            self.meaning = meaning
        }
    }

    package init(_ summary: String, values: [Row], limits: [String] = [], example: String) {
        self.summary = summary
        self.values = values
        self.limits = limits
        self.example = example
    }

    /// The values of a claim about a duration.
    static let times = [
        Row("`<= 30s`", "an operator (`<=`, `<`, `>=` or `>`) and a duration, or a formula that evaluates to one"),
        Row("`0`", "exactly zero, the one duration that can be met exactly"),
    ]
}

/// Figures as verdicts show them.
package enum FigureWords {
    /// A share of 0...1 with two decimals: `99.95 %`.
    package static func percent(_ share: Double) -> String { "\((share * 10_000).rounded() / 100) %" }
    /// Seconds with three decimals: `4.512 s`.
    package static func seconds(_ seconds: Double) -> String { "\((seconds * 1000).rounded() / 1000) s" }
}
