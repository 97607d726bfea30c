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
        limits: [
            "`blocked`: the API server refused to evict a pod when time was up, for a PodDisruptionBudget, for several over "
                + "one pod, or for a webhook. `timed-out`: a pod was still terminating. Only a step that drains nodes can "
                + "be `blocked`.",
            "`refused`: kubectl would not begin, for pods that the options of the drain do not allow to go. Only a step "
                + "that drains nodes can be `refused`.",
            "`refused` and `failed` end the run with exit code 4, unless an expectation of that step asks for them; every "
                + "other end is a finding, which only an expectation judges.",
            "A step of several nodes ends as the worst of them: \(order), from the best to the worst.",
        ],
        example: "{outcome: {step: drain, is: blocked}}")
    package static var schema: String {
        let words = ends.map { "\"\($0)\"" }.joined(separator: ", ")
        return #""type": "object", "additionalProperties": false, "required": ["step", "is"], "#
            + #""properties": {"step": {"type": "string"}, "is": {"enum": [\#(words)]}}"#
    }

    private static let ends = StepOutcome.expectable.map(\.rawValue)
    private static let order = StepOutcome.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")

    package static func read(_ node: YAMLNode, with reader: inout ExpectationReader) -> OutcomeClaim? {
        let keys = ["step", "is"]
        guard let fields = reader.mapping(node, key, keys: keys, required: keys) else { return nil }
        let wanted = reader.word(fields["is"], "is", among: ends).flatMap { StepOutcome(rawValue: $0) }
        guard let reference = fields["step"], let step = reader.step(reference, "step"), let wanted else { return nil }
        if wanted == .blocked || wanted == .refused, !step.drains {
            reader.report(
                "is: only what drains nodes can be \(wanted.rawValue), and \"\(step.id)\" is a \(step.action)",
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

extension Cell {
    /// Whether an expectation that selects this cell asks for just this end of a step.
    package func expects(_ outcome: StepOutcome, of step: String) -> Bool {
        expectations.contains { expectation in
            guard let claim = expectation.claim.declared as? OutcomeClaim, expectation.selects(self) else {
                return false
            }
            return claim.step == step && claim.wanted == outcome
        }
    }
}
