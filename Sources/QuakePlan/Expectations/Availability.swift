package import QuakeYAML

/// `availability: ">= 99.9%"`: the share of good slots.
package struct AvailabilityClaim: ExpectationDeclaration {
    /// Of shares in 0...1.
    package var limit: Comparison<Double>

    package init(limit: Comparison<Double>) { self.limit = limit }

    package static let key = "availability"
    package static let help = ExpectationHelp(
        "Share of good slots: >= 99.9%.",
        values: [
            ExpectationHelp.Row("`>= 99.9%`", "an operator (`>=`, `>`, `<=` or `<`) and a percentage"),
            ExpectationHelp.Row("`100%`, `0%`", "exactly, the two percentages that can be met exactly"),
        ],
        limits: [
            "Without `when: {step: …}` it is the share of the whole trial, from the clean stretch before the first step on; "
                + "with it, that of the step's window."
        ],
        example: #"{availability: ">= 99.9%", when: {step: drain}}"#)
    package static let schema =
        #""type": "string", "pattern": "^((>=|<=|==|>|<) *[0-9.]+%|100%|0%|.*\\$\\{.+\\}.*)$""#

    package static func read(_ node: YAMLNode, with reader: inout ExpectationReader) -> AvailabilityClaim? {
        reader.shares(node, key).map(AvailabilityClaim.init(limit:))
    }

    package var words: String {
        "\(Self.key) \(limit.relation.rawValue) \(FigureWords.percent(limit.bound))"
    }
}

extension Expectation.Claim {
    /// Share of good slots, 0...1.
    package static func availability(_ limit: Comparison<Double>) -> Self { Self(AvailabilityClaim(limit: limit)) }
}
