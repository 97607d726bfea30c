import QuakeBase
package import QuakeYAML

/// An expectation that compares a duration: its value, its schema and its words are alike for all of them.
package protocol TimeClaim: ExpectationDeclaration {
    /// The bound that the measured time is held against.
    var limit: Comparison<Duration> { get }
    init(limit: Comparison<Duration>)
}

extension TimeClaim {
    package static var schema: String { ##""$ref": "#/$defs/times""## }

    package static func read(_ node: YAMLNode, with reader: inout ExpectationReader) -> Self? {
        reader.times(node, key).map(Self.init(limit:))
    }

    package var words: String { wording.text }
    package var wording: ClaimWording {
        ClaimWording(Self.key, limit) { FigureWords.seconds($0.inSeconds) }
    }
}

extension Comparison<Duration> {
    /// The same of seconds, to the nanosecond.
    package var inSeconds: Comparison<Double> {
        Comparison<Double>(relation, bound.inSeconds, formula: formula, isOpen: isOpen)
    }
}
