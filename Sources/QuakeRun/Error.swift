package import QuakeTimeline

/// Why a run ended early, and with which exit code. What was found until then is in its archive.
package struct RunError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The closed list of reasons; each has its exit code.
    package enum Code: String, Sendable {
        /// A cluster is locked by another run or cannot be reached.
        case unavailable
        /// The plan asks for what the environment cannot do.
        case unsupported
        /// A fault could not be injected.
        case faultNotInjected
        /// What proves a fault, or a wait of its own, was not met in time.
        case conditionUnmet
        /// The lanes showed no clean stretch before the first step.
        case notHealthy
        /// The plan's own limit was passed, or the lanes did not return to normal.
        case aborted
        /// A signal asked for the end.
        case interrupted
        /// A step of the plan's `always` failed.
        case notCleanedUp
        /// The archive, the journal or the prober failed.
        case harness
    }

    package var code: Code
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }

    /// What the runner alone can say. That something was not met in time is recorded, and whether the machine was to
    /// blame shows in the whole record only, for suspect seconds are told late: the analysis makes these `failed` or
    /// `faultNotInjected` where suspect seconds could not have changed them.
    package var exit: PeerquakeExit {
        switch code {
        case .unavailable: .unavailable
        case .unsupported: .usage
        case .faultNotInjected: .faultNotInjected
        case .notHealthy, .conditionUnmet, .aborted: .inconclusive
        case .interrupted: .interrupted
        case .notCleanedUp: .cleanupIncomplete
        case .harness: .internalError
        }
    }
}
