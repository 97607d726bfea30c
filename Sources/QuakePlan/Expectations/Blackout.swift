package import QuakeYAML

/// `blackout: 0`: the longest outage of at least a second.
package struct BlackoutClaim: TimeClaim {
    package var limit: Comparison<Duration>

    package init(limit: Comparison<Duration>) { self.limit = limit }

    package static let key = "blackout"
    package static let help = ExpectationHelp(
        "The longest outage of at least a second.",
        values: ExpectationHelp.times,
        limits: [
            "It needs traffic of at least 50/s: at a lower rate random loss looks like a blackout, and the plan is refused.",
            "An outage that is shorter than a second counts as zero.",
        ],
        example: "{blackout: 0, when: {traffic: echo}}")

    /// Requests a second. Below it, random loss shows blackouts that are none: at 20/s, 75 % loss does in half the runs.
    static let leastRate = 50.0

    package func check(at node: YAMLNode, when: [String: String], with reader: inout ExpectationReader) {
        for traffic in reader.traffic where when["traffic"] ?? traffic.name == traffic.name {
            guard traffic.rate < Self.leastRate else { continue }
            reader.report(
                "blackout: the traffic \"\(traffic.name)\" has a rate below 50/s, at which random loss looks like "
                    + "a blackout", at: node)
        }
    }
}

extension Expectation.Claim {
    /// Longest blackout.
    package static func blackout(_ limit: Comparison<Duration>) -> Self { Self(BlackoutClaim(limit: limit)) }
}
