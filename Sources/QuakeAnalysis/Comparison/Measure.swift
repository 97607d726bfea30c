/// What is compared of a fault. All are lengths of time, and of all a larger one is the worse one, but for the onset,
/// which is a figure alone.
package enum Measure: String, Sendable, Hashable, Codable, CaseIterable {
    /// Stable recovery.
    case recovery
    /// Bad slots × T in the fault's window.
    case loss
    /// The longest outage.
    case blackout
    /// From the fault to the first bad slot, of the repeats that had one.
    case onset
    /// Median and 99th percentile of the window's latencies; a request that failed counts until it was given up.
    case latencyP50, latencyP99

    /// As reports name it.
    package var name: String {
        switch self {
        case .latencyP50: "latency p50"
        case .latencyP99: "latency p99"
        default: rawValue
        }
    }

    /// The measures that a verdict rests on.
    package static let tested: [Measure] = [.recovery, .loss]
}
