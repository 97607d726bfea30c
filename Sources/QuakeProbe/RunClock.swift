// Its header brings timespec along, and the compiler asks for the module that did.
internal import CLinux
import Glibc
package import QuakeRecord

/// The monotonic clock, counted from a run's origin.
package struct RunClock: Sendable {
    /// CLOCK_MONOTONIC at the origin.
    package let originNanoseconds: Int64
    /// Unix nanoseconds at the origin, as the wall clock then said.
    package let originUnixNanoseconds: Int64

    /// Begins now.
    package init() {
        originNanoseconds = Self.read(CLOCK_MONOTONIC)
        originUnixNanoseconds = Self.read(CLOCK_REALTIME)
    }

    package var now: RunInstant { RunInstant(nanoseconds: Self.monotonicNanoseconds() - originNanoseconds) }

    /// A moment that another process of this machine, or of one with a synchronised clock, told by the wall clock.
    package func instant(unixNanoseconds: Int64) -> RunInstant {
        RunInstant(nanoseconds: unixNanoseconds - originUnixNanoseconds)
    }

    /// A moment that another process of this machine told by the monotonic clock.
    package func instant(monotonicNanoseconds: Int64) -> RunInstant {
        RunInstant(nanoseconds: monotonicNanoseconds - originNanoseconds)
    }

    static func monotonicNanoseconds() -> Int64 { read(CLOCK_MONOTONIC) }

    /// User and system time of this whole process so far, in seconds.
    package static func processSeconds() -> Double { Double(read(CLOCK_PROCESS_CPUTIME_ID)) / 1e9 }

    /// The same of the calling thread alone.
    package static func threadSeconds() -> Double { Double(threadNanoseconds()) / 1e9 }

    static func threadNanoseconds() -> Int64 { read(CLOCK_THREAD_CPUTIME_ID) }

    private static func read(_ clock: clockid_t) -> Int64 {
        var now = timespec()
        clock_gettime(clock, &now)
        return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
    }
}
