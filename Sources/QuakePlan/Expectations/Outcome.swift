package import QuakeYAML

/// `outcome: {step: drain, is: blocked}`: how a step ends.
package struct OutcomeClaim: ExpectationDeclaration {
    /// The step's id.
    package var step: String
    /// One of ``StepOutcome/expectable``.
    package var wanted: StepOutcome

    package init(step: String, wanted: StepOutcome) {
        self.step = step
        self.wanted = wanted
    }

    package static let key = "outcome"
    package static let help = ExpectationHelp(
        "How a step ends.",
        values: [
            ExpectationHelp.Row("`step`", "the id of a step of the plan"),
            ExpectationHelp.Row("`is`", ends.map { "`\($0)`" }.joined(separator: ", ")),
        ],
        limits: ["Only a step that drains nodes can be `blocked`."],
        example: "{outcome: {step: drain, is: blocked}}")
    package static var schema: String {
        let words = ends.map { "\"\($0)\"" }.joined(separator: ", ")
        return #""type": "object", "additionalProperties": false, "required": ["step", "is"], "#
            + #""properties": {"step": {"type": "string"}, "is": {"enum": [\#(words)]}}"#
    }

    private static let ends = StepOutcome.expectable.map(\.rawValue)

    package static func read(_ node: YAMLNode, with reader: inout ExpectationReader) -> OutcomeClaim? {
        let keys = ["step", "is"]
        guard let fields = reader.mapping(node, key, keys: keys, required: keys) else { return nil }
        let wanted = reader.word(fields["is"], "is", among: ends).flatMap { StepOutcome(rawValue: $0) }
        guard let reference = fields["step"], let step = reader.step(reference, "step"), let wanted else { return nil }
        if wanted == .blocked, !step.drains {
            reader.report(
                "is: only what drains nodes can be blocked, and \"\(step.id)\" is a \(step.action)",
                at: fields["is"] ?? fields)
        }
        return OutcomeClaim(step: step.id, wanted: wanted)
    }

    package var words: String { "\(step) \(wanted.rawValue)" }
}

extension Expectation.Claim {
    /// How a step ends; one of ``StepOutcome/expectable``.
    package static func outcome(step: String, is wanted: StepOutcome) -> Self {
        Self(OutcomeClaim(step: step, wanted: wanted))
    }
}
