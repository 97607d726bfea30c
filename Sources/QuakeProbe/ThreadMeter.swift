internal import CLinux
import Glibc
import QuakeBase

/// What the kernel has counted of the thread that made this: marks of a moment ago, to compare the present with.
///
/// Belongs to that thread. A mark costs two system calls, so that they are taken before sleeps and not more often than every
/// 10 ms.
final class ThreadMeter {
    /// Counts since the thread began, in nanoseconds where they are times.
    struct Counts: Equatable {
        /// Of the monotonic clock.
        var at: Int64
        /// In the run queue; `nil` where the kernel does not count it.
        var waited: Int64?
        /// On a processor.
        var worked: Int64
        var preemptions: Int64
        /// Page faults that waited for a disk.
        var faults: Int64
    }

    private let file: Int32
    private var marks: [Counts] = []
    private static let interval: Int64 = 10_000_000
    /// A stall may end before the last mark, and begin before the one before it.
    private static let kept = 4

    init() {
        file = quake_open_queue_wait()
        marks.reserveCapacity(Self.kept + 1)
        marks.append(counts(at: SystemClock.monotonic))
    }

    deinit { if file >= 0 { close(file) } }

    /// Takes a mark, unless the last one is of just now.
    func mark() {
        let now = SystemClock.monotonic
        guard let last = marks.last, now - last.at >= Self.interval else { return }
        if marks.count == Self.kept { marks.removeFirst() }
        marks.append(counts(at: now))
    }

    /// The last mark of `moment` or before; where there is none that old, the oldest.
    func mark(before moment: Int64) -> Counts { Self.mark(before: moment, in: marks) ?? counts }

    static func mark(before moment: Int64, in marks: [Counts]) -> Counts? {
        marks.last { $0.at <= moment } ?? marks.first
    }

    /// Of now.
    var counts: Counts { counts(at: SystemClock.monotonic) }

    private func counts(at now: Int64) -> Counts {
        var preemptions: Int64 = 0
        var faults: Int64 = 0
        quake_thread_usage(&preemptions, &faults)
        let waited = file < 0 ? -1 : quake_queue_wait(file)
        return Counts(
            at: now, waited: waited < 0 ? nil : waited, worked: SystemClock.thread, preemptions: preemptions,
            faults: faults)
    }
}

/// How favoured a thread is beside others.
enum ThreadPriority {
    /// Asks for SCHED_FIFO, and where the kernel does not give that, for the best nice value.
    ///
    /// Under contention the send lag is three orders of magnitude smaller with SCHED_FIFO.
    ///
    /// - Returns: what the calling thread has by now: `SCHED_FIFO 1` or `SCHED_OTHER`, and its nice value.
    static func take() -> (scheduling: String, nice: Int) {
        var parameters = sched_param(sched_priority: 1)
        let isGranted = pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameters) == 0
        if !isGranted { _ = quake_set_thread_nice(-20) }
        return (isGranted ? "SCHED_FIFO 1" : "SCHED_OTHER", Int(quake_thread_nice()))
    }
}
