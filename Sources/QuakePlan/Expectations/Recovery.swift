package import QuakeYAML

/// `recovery: "<= 30s"`: from a fault to stable recovery.
package struct RecoveryClaim: TimeClaim {
    package var limit: Comparison<Duration>

    package init(limit: Comparison<Duration>) { self.limit = limit }

    package static let key = "recovery"
    package static let help = ExpectationHelp(
        "Fault to stable recovery.",
        values: ExpectationHelp.times,
        limits: [
            "It needs a window that is at least as long as `settle`: a shorter one is refused.",
            "A recovery that was not over when its window ended is a lower bound. It fails where the bound is above the limit, "
                + "else it is inconclusive; one of `>` or `>=` holds where the bound meets it.",
            "Without `when: {step: …}` every fault counts, and healing steps do not.",
        ],
        example: #"{recovery: "<= 30s", when: {step: kill}}"#)

    /// A recovery is told from a lull only by `settle` of good slots after it.
    package func check(at node: YAMLNode, when: [String: String], with reader: inout ExpectationReader) {
        let settle = reader.settle
        for step in reader.faults(when: when) where step.window < settle {
            reader.report(
                "recovery: the step \"\(step.id)\" is watched for \(Quantity.text(step.window)) only, which is "
                    + "shorter than settle, \(Quantity.text(settle)); give it a longer hold or pause", at: node)
        }
    }
}

extension Expectation.Claim {
    /// Time from a fault to stable recovery.
    package static func recovery(_ limit: Comparison<Duration>) -> Self { Self(RecoveryClaim(limit: limit)) }
}
