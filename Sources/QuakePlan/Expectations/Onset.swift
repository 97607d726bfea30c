/// `onset: "> 1s"`: from a fault to the first bad slot.
package struct OnsetClaim: TimeClaim {
    package var limit: Comparison<Duration>

    package init(limit: Comparison<Duration>) { self.limit = limit }

    package static let key = "onset"
    package static let help = ExpectationHelp(
        "Fault to the first bad slot.",
        values: ExpectationHelp.times,
        limits: ["A lane on which nothing was bad has no onset, and is not judged."],
        example: #"{onset: "> 1s"}"#)
}

extension Expectation.Claim {
    /// Time from a fault to the first bad slot.
    package static func onset(_ limit: Comparison<Duration>) -> Self { Self(OnsetClaim(limit: limit)) }
}
