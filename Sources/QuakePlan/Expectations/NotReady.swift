package import QuakeYAML

/// `notReady: {count: "<= 1"}`: how many nodes turn NotReady in the trial.
package struct NotReadyClaim: ExpectationDeclaration {
    /// Of numbers of nodes.
    package var limit: Comparison<Int>

    package init(limit: Comparison<Int>) { self.limit = limit }

    package static let key = "notReady"
    package static let help = ExpectationHelp(
        "How many nodes turn NotReady in the trial.",
        values: [ExpectationHelp.Row("`count`", "a number of nodes, with an operator or without: `1`, `\"<= 1\"`")],
        limits: ["It is a claim about the trial: of the selectors only keys of the matrix select it."],
        example: #"{notReady: {count: "<= 1"}}"#)
    package static let schema =
        #""type": "object", "additionalProperties": false, "required": ["count"], "#
        + #""properties": {"count": {"type": ["integer", "string"]}}"#

    package static func read(_ node: YAMLNode, with reader: inout ExpectationReader) -> NotReadyClaim? {
        guard let fields = reader.mapping(node, key, keys: ["count"], required: ["count"]),
            let count = fields["count"]
        else { return nil }
        return reader.counts(count, "count", of: "nodes").map(NotReadyClaim.init(limit:))
    }

    package var words: String { wording.text }
    package var wording: ClaimWording {
        ClaimWording(Self.key, limit) { "\($0)" }
    }
}

extension Expectation.Claim {
    /// How many nodes turn NotReady in the trial.
    package static func notReady(_ limit: Comparison<Int>) -> Self { Self(NotReadyClaim(limit: limit)) }
}
