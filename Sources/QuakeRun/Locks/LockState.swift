import QuakeKube

/// What is known of one cluster's Lease.
///
///     waiting ──renewed──► held ──other, deleted──► lost ──renewed──► held
///
/// That the server does not answer changes nothing: a run may have killed the only control plane itself. When it answers
/// again, what it says is looked at before anything is touched.
struct LockState: Sendable, Equatable {
    enum Hold: Sendable, Equatable {
        /// It has not been taken yet: nobody who answers was asked.
        case waiting
        case held
        /// Another holder's, or nobody's (`nil`): somebody deleted it.
        case lost(to: String?)
    }

    var hold: Hold
    /// When the server was last seen to have this run's Lease renewed, since any moment.
    var renewed: Duration

    /// Takes over what a look showed.
    ///
    /// - Returns: whether the Lease was lost by it.
    mutating func saw(_ sighting: LeaseLock.Sighting, at now: Duration) -> Bool {
        let wasLost = if case .lost = hold { true } else { false }
        switch sighting {
        case .renewed:
            hold = .held
            renewed = now
            return false
        case .other(let holder):
            hold = .lost(to: holder)
            return !wasLost
        case .deleted:
            // One that was never taken is nobody's loss.
            guard hold != .waiting else { return false }
            hold = .lost(to: nil)
            return !wasLost
        case .unknown: return false
        }
    }

    /// Whether somebody may have taken it since without this run's knowing.
    func isStale(at now: Duration, after duration: Duration) -> Bool { hold != .held || now - renewed >= duration }
}
