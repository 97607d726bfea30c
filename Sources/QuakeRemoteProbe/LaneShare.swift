import QuakeProbe
import QuakeRecord

/// One prober's part of a lane that several share: slot n is sent by prober n mod N.
///
///     lane       0   1   2   3   4   5   …      every T
///     prober 0   0           1           …      every N·T, from t0
///     prober 1       0           1       …      every N·T, from t0 + T
///     prober 2           0           1   …      every N·T, from t0 + 2T
struct LaneShare: Sendable, Equatable {
    var index: Int
    var count: Int

    /// What this prober is told to send. Each keeps a connection at least: with more probers than connections a pooled
    /// lane holds one of each.
    ///
    /// - Parameters:
    ///   - origin: t0 on the run's clock; `nil` lets a sole prober begin at once.
    ///   - shift: how far the prober's clock's origin lies behind the run's.
    func spec(_ whole: LaneSpec, origin: RunInstant?, shift: Duration) -> LaneSpec {
        var own = whole
        let period = whole.lane.periodNanoseconds
        own.lane.periodNanoseconds = period * Int64(count)
        own.pooledConnections = max(
            1, whole.pooledConnections / count + (index < whole.pooledConnections % count ? 1 : 0))
        own.startsAt = origin.map { $0 + .nanoseconds(period * Int64(index)) + (.zero - shift) }
        return own
    }

    /// The lane's number of the prober's slot.
    func sequence(_ own: UInt64) -> UInt64 { own * UInt64(count) + UInt64(index) }

    /// Connections are numbered from 1, and 0 is none.
    func connection(_ own: UInt32) -> UInt32 {
        own == 0 ? 0 : (own - 1) * UInt32(count) + UInt32(index) + 1
    }
}
