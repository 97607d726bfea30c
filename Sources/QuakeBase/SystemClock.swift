import Glibc

/// The machine's clocks, in nanoseconds.
package enum SystemClock {
    /// CLOCK_REALTIME: since 1970, and set by whoever sets the clock.
    package static var unix: Int64 { read(CLOCK_REALTIME) }

    /// CLOCK_MONOTONIC, which all processes of a machine share; it stands still while the machine sleeps.
    package static var monotonic: Int64 { read(CLOCK_MONOTONIC) }

    /// User and system time of this process.
    package static var process: Int64 { read(CLOCK_PROCESS_CPUTIME_ID) }

    /// User and system time of the calling thread. To ask for it is a system call, which the first two are not.
    package static var thread: Int64 { read(CLOCK_THREAD_CPUTIME_ID) }

    /// User and system time of this process, in seconds.
    package static var processSeconds: Double { Double(process) / 1e9 }

    private static func read(_ clock: clockid_t) -> Int64 {
        var now = timespec()
        clock_gettime(clock, &now)
        return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
    }
}
