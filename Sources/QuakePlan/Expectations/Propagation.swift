package import QuakeYAML

/// `propagation: "<= 5s"`: from a change of a cluster until its clients know of it.
package struct PropagationClaim: TimeClaim {
    package var limit: Comparison<Duration>

    package init(limit: Comparison<Duration>) { self.limit = limit }

    package static let key = "propagation"
    package static let help = ExpectationHelp(
        "From a change that measure-propagation makes until a client of the cluster knows of it.",
        values: ExpectationHelp.times,
        limits: [
            "It needs a step `measure-propagation` whose `within` is longer than the limit: another one is refused.",
            "A change that has not arrived within `within` is a lower bound.",
            "`when: {traffic: …}` and `when: {connections: …}` select what lanes showed, and so `change: endpoint` alone.",
        ],
        example: #"{propagation: "<= 5s", when: {step: target}}"#)

    /// A wait that ends at the limit shows nothing beyond it.
    package func check(at node: YAMLNode, when: [String: String], with reader: inout ExpectationReader) {
        let steps = reader.measurements(when: when)
        guard !steps.isEmpty else {
            reader.report("propagation: no step selected is a measure-propagation, so nothing is measured", at: node)
            return
        }
        guard !limit.isOpen else { return }
        for (id, within) in steps where within <= limit.bound {
            reader.report(
                "propagation: the step \"\(id)\" waits for \(Quantity.text(within)) only, which is no longer than "
                    + "\(Quantity.text(limit.bound)); give it a longer \"within\"", at: node)
        }
    }
}

extension Expectation.Claim {
    /// From a change of a cluster until its clients know of it.
    package static func propagation(_ limit: Comparison<Duration>) -> Self { Self(PropagationClaim(limit: limit)) }
}
