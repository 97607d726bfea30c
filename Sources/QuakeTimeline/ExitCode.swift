/// How the command ends. docs/troubleshooting.md documents them; scripts rely on them.
package enum PeerquakeExit: Int32, Sendable, Codable, CaseIterable {
    /// Everything held.
    case pass = 0
    /// An expectation failed, or the plan aborted the run.
    case failed = 1
    /// Not enough was seen to say, or the clusters were not healthy to begin with.
    case inconclusive = 2
    /// Worse than the baseline.
    case regression = 3
    /// A fault could not be injected.
    case faultNotInjected = 4
    /// Something that the run changed was not put back.
    case cleanupIncomplete = 5
    /// Bad usage, an invalid plan, or an action that the environment cannot do.
    case usage = 64
    /// A cluster is locked by another run (or has been taken over by one), cannot be reached, or denies what the plan needs.
    case unavailable = 69
    case internalError = 70
    case interrupted = 130
    case terminated = 143

    /// From the one that says most: 5, 130, 143, 70, 69, 64, 4, 1, 3, 2, and 0 where there is none of them.
    package static let precedence: [PeerquakeExit] = [
        .cleanupIncomplete, .interrupted, .terminated, .internalError, .unavailable, .usage, .faultNotInjected, .failed,
        .regression, .inconclusive,
    ]

    /// The one that decides, of several.
    package static func deciding(_ codes: some Collection<PeerquakeExit>) -> PeerquakeExit {
        precedence.first(where: codes.contains) ?? .pass
    }
}
