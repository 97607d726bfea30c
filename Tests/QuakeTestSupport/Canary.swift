import Glibc
import Synchronization

/// An ordinary thread that wakes every 5 ms and notes how late it was: what holds it up holds up a test's servers and the
/// kernel's own threads too, though a prober with a real-time priority may notice nothing.
package final class Canary: Sendable {
    private let worst = Mutex<(nanoseconds: Int64, isOver: Bool)>((0, false))

    package init() {
        Threads.start { [self] in
            while true {
                let before = Self.now
                usleep(5000)
                let late = Self.now - before - 5_000_000
                let isOver = worst.withLock { worst in
                    worst.nanoseconds = max(worst.nanoseconds, late)
                    return worst.isOver
                }
                if isOver { return }
            }
        }
    }

    /// Ends the thread.
    /// - Returns: by how much it woke too late, at worst.
    package func stop() -> Duration {
        worst.withLock { worst in
            worst.isOver = true
            return .nanoseconds(worst.nanoseconds)
        }
    }

    private static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
