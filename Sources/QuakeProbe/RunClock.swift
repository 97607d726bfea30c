import QuakeBase
package import QuakeRecord

/// The monotonic clock, counted from a run's origin.
package struct RunClock: Sendable {
    /// CLOCK_MONOTONIC at the origin.
    package let originNanoseconds: Int64
    /// Unix nanoseconds at the origin, as the wall clock then said.
    package let originUnixNanoseconds: Int64

    /// Begins now.
    package init() {
        originNanoseconds = SystemClock.monotonic
        originUnixNanoseconds = SystemClock.unix
    }

    package var now: RunInstant { RunInstant(nanoseconds: SystemClock.monotonic - originNanoseconds) }

    /// A moment that another process of this machine, or of one with a synchronised clock, told by the wall clock.
    package func instant(unixNanoseconds: Int64) -> RunInstant {
        RunInstant(nanoseconds: unixNanoseconds - originUnixNanoseconds)
    }

    /// A moment that another process of this machine told by the monotonic clock.
    package func instant(monotonicNanoseconds: Int64) -> RunInstant {
        RunInstant(nanoseconds: monotonicNanoseconds - originNanoseconds)
    }
}
