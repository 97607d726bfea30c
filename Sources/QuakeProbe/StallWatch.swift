internal import CLinux
import Glibc
import QuakeBase

/// Tells when the prober's own thread stood still: it overslept, or was kept from its work.
///
/// Work that takes long is none of it: slots are sent meanwhile, and answers are dated by the kernel.
struct StallWatch {
    private var asleepSince: Int64 = 0
    private var wakeAt: Int64 = 0
    private var awakeSince = SystemClock.monotonic
    /// Of the thread's processor time, when it was last looked at, and when that was. To ask for it is a system call, which
    /// no other clock here is.
    private var usedBefore: Int64 = 0
    private var lookedAt = Int64.min
    /// What was used between a look and a waking counts as work: so much may be missing in what it was kept.
    private static let lookInterval: Int64 = 5_000_000
    /// How long it was kept from its work since then.
    private var kept: Int64 = 0

    /// It is about to sleep until a moment of the monotonic clock at the latest.
    mutating func sleeps(until moment: Int64) {
        asleepSince = SystemClock.monotonic
        wakeAt = moment
        let awake = asleepSince - awakeSince
        kept = awake < Self.lookInterval ? 0 : awake - (SystemClock.thread - usedBefore)
    }

    /// It is awake again.
    ///
    /// - Returns: from when until when it can have stood still, if that is at least `limit` nanoseconds.
    mutating func woke(limit: Int64) -> (start: Int64, end: Int64)? {
        let now = SystemClock.monotonic
        let awake = awakeSince
        awakeSince = now
        if now - Self.lookInterval >= lookedAt {
            usedBefore = SystemClock.thread
            lookedAt = now
        }
        // It may have stood still ever since it went to sleep: only a timer shows it.
        if now - max(wakeAt, asleepSince) >= limit { return (asleepSince, now) }
        return kept >= limit ? (awake, asleepSince) : nil
    }
}

/// How long ago the data of a TCP connection came in that waits to be read, by the kernel's word.
enum SocketAge {
    /// The kernel counts what TCP_INFO tells in jiffies.
    private static let jiffyMillis: Int64 = {
        var resolution = timespec()
        clock_getres(CLOCK_MONOTONIC_COARSE, &resolution)
        return Int64(resolution.tv_nsec) / 1_000_000 + 1
    }()

    /// Has the kernel date what comes in over a socket (SO_TIMESTAMPNS). For a socket that has just been opened.
    static func prepare(_ descriptor: Int32) { quake_date_data(descriptor) }

    /// In nanoseconds; `nil` where the kernel does not say, as of an end without data.
    ///
    /// The kernel dates by the wall clock, which may be set between a packet's coming and its reading: an age that TCP_INFO,
    /// which knows no wall clock, contradicts by more than its two jiffies is not believed.
    static func nanosSinceData(_ descriptor: Int32) -> Int64? {
        let nanos = Int64(quake_nanos_since_data(descriptor))
        guard nanos >= 0 else { return nil }
        let slack = 2 * jiffyMillis
        if nanos > slack * 1_000_000 {
            let millis = Int64(quake_millis_since_data(descriptor))
            if millis >= 0, abs(nanos / 1_000_000 - millis) > slack { return nil }
        }
        return nanos
    }
}
