/// `latencyP99: "< 200ms"`: the 99th percentile of the latency of good slots.
package struct LatencyP99Claim: TimeClaim {
    package var limit: Comparison<Duration>

    package init(limit: Comparison<Duration>) { self.limit = limit }

    package static let key = "latencyP99"
    package static let help = ExpectationHelp(
        "99th percentile of latency, counted from the due time.",
        values: ExpectationHelp.times,
        limits: [
            "Without `when: {step: …}` it is that of the whole trial; with it, that of the step's window."
        ],
        example: #"{latencyP99: "< 200ms"}"#)
}

extension Expectation.Claim {
    /// 99th percentile of latency.
    package static func latencyP99(_ limit: Comparison<Duration>) -> Self { Self(LatencyP99Claim(limit: limit)) }
}
