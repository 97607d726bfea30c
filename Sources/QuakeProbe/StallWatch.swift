internal import CLinux
import Glibc

/// Tells when the prober's own thread stood still: it overslept, or was kept from its work.
///
/// Work that takes long is none of it: slots are sent meanwhile, and answers are dated by the kernel.
struct StallWatch {
    private var asleepSince: Int64 = 0
    private var wakeAt: Int64 = 0
    private var awakeSince = RunClock.monotonicNanoseconds()
    /// Of the thread's processor time, when it woke.
    private var usedBefore: Int64 = 0
    /// How long it was kept from its work since then.
    private var kept: Int64 = 0

    /// It is about to sleep until a moment of the monotonic clock at the latest.
    mutating func sleeps(until moment: Int64) {
        asleepSince = RunClock.monotonicNanoseconds()
        wakeAt = moment
        kept = asleepSince - awakeSince - (RunClock.threadNanoseconds() - usedBefore)
    }

    /// It is awake again.
    ///
    /// - Returns: from when until when it can have stood still, if that is at least `limit` nanoseconds.
    mutating func woke(limit: Int64) -> (start: Int64, end: Int64)? {
        let now = RunClock.monotonicNanoseconds()
        let awake = awakeSince
        awakeSince = now
        usedBefore = RunClock.threadNanoseconds()
        // It may have stood still ever since it went to sleep: only a timer shows it.
        if now - max(wakeAt, asleepSince) >= limit { return (asleepSince, now) }
        return kept >= limit ? (awake, asleepSince) : nil
    }
}

/// How long ago the last data of a TCP connection came in, by the kernel's word.
enum SocketAge {
    /// The kernel keeps that time in jiffies.
    private static let jiffyMillis: Int64 = {
        var resolution = timespec()
        clock_getres(CLOCK_MONOTONIC_COARSE, &resolution)
        return Int64(resolution.tv_nsec) / 1_000_000 + 1
    }()

    /// `nil` where that is too short a time to tell, or the peer has sent more than data: an end has no time of its own.
    ///
    /// Never more than it was, and less by at most two jiffies: an answer is never taken to have come sooner than it did.
    static func millisSinceData(_ descriptor: Int32) -> Int64? {
        let millis = Int64(quake_millis_since_data(descriptor)) - 2 * jiffyMillis
        return millis > 0 ? millis : nil
    }
}
