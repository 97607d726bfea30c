import QuakeAnalysis
import QuakeBase

@testable import QuakeMeshAgent

/// What a run shows of the new connections; seconds from the fault where nothing else is said.
struct TunnelMeasures: Sendable {
    /// When the first failure was seen.
    var firstFailure: Double?
    /// When most failed within 0.06 s, where more than one did.
    var massReset: Double?
    /// How many failed then.
    var massCount: Int
    /// How many failed of those that began during the fault.
    var failed: Int
    /// How many failed of those that began after the fault.
    var failedAfter: Int
    /// The first answer after the fault, in seconds after its end.
    var firstSuccess: Double?
    /// The longest of those that began during the fault and did not hang for ever, in seconds.
    var longestHang: Double
}

extension TunnelMeasures {
    /// - Parameter length: how long the fault lasted.
    init(_ outcomes: [TunnelOutcome], length: Duration) {
        let new = outcomes.filter { !$0.isKept && $0.ended >= .zero }
        let during = new.filter { $0.began >= .zero && $0.began < length }
        let bad = new.filter { $0.failure != nil }
        let ends = bad.map(\.ended.inSeconds).sorted()
        let mass = TunnelTimes.densest(ends, within: 0.06)
        firstFailure = ends.first
        massReset = mass.count > 1 ? mass.first : nil
        massCount = mass.count > 1 ? mass.count : 0
        failed = during.count(where: { $0.failure != nil })
        failedAfter = bad.count(where: { $0.began >= length })
        firstSuccess =
            new.filter { $0.failure == nil && $0.ended > length }.map { ($0.ended - length).inSeconds }.min()
        longestHang = during.map { ($0.ended - $0.began).inSeconds }.max() ?? 0
    }
}
