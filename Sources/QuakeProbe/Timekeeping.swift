internal import CLinux
import Glibc
import QuakeBase

/// Whether this machine wakes a thread when it is to be woken: what a prober's slots rest on. Measured on a thread that is
/// scheduled as a prober's is.
package struct Timekeeping: Sendable, Equatable {
    /// From a moment at which the thread was to wake until it did, in the order of the moments.
    package var lateness: [Duration]
    /// From one moment to the next.
    package var period: Duration
    /// `SCHED_FIFO 1` or `SCHED_OTHER`.
    package var scheduling: String

    package init(lateness: [Duration], period: Duration, scheduling: String) {
        self.lateness = lateness
        self.period = period
        self.scheduling = scheduling
    }

    /// Measures for a time. A moment that has passed when the thread wakes counts from itself, and is not left out.
    package static func measure(
        for length: Duration, every period: Duration = .milliseconds(5)
    ) async -> Timekeeping {
        await withCheckedContinuation { continuation in
            let work = Box { continuation.resume(returning: onThisThread(length, period)) }
            var thread = pthread_t()
            let code = pthread_create(
                &thread, nil,
                { box in
                    guard let box else { return nil }
                    Unmanaged<Box>.fromOpaque(box).takeRetainedValue().body()
                    return nil
                }, Unmanaged.passRetained(work).toOpaque())
            guard code == 0 else {
                return continuation.resume(returning: Timekeeping(lateness: [], period: period, scheduling: "none"))
            }
            pthread_detach(thread)
        }
    }

    /// What a thread is to do.
    private final class Box: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    private static func onThisThread(_ length: Duration, _ period: Duration) -> Timekeeping {
        let scheduling = ThreadPriority.take().scheduling
        let step = period.inNanoseconds
        let began = SystemClock.monotonic
        let lateness = (1...max(1, length.inNanoseconds / step)).map { index -> Duration in
            let due = began + index * step
            var moment = timespec(tv_sec: Int(due / 1_000_000_000), tv_nsec: Int(due % 1_000_000_000))
            while clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &moment, nil) == EINTR {}
            return .nanoseconds(SystemClock.monotonic - due)
        }
        return Timekeeping(lateness: lateness, period: period, scheduling: scheduling)
    }

    /// The lateness that a share of the moments does not exceed; zero of none.
    package func percentile(_ share: Double) -> Duration {
        let sorted = lateness.sorted()
        guard !sorted.isEmpty else { return .zero }
        return sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))]
    }

    /// Seconds measured.
    package var seconds: Int { max(1, Int(((period * lateness.count) / .seconds(1)).rounded())) }

    /// Seconds in which any moment was later than a limit: a prober would call them suspect.
    package func lateSeconds(over limit: Duration) -> Int {
        let perSecond = max(1, Int(Duration.seconds(1) / period))
        return stride(from: 0, to: lateness.count, by: perSecond).count { start in
            lateness[start..<min(start + perSecond, lateness.count)].contains { $0 > limit }
        }
    }
}
