import Glibc
import Synchronization

/// An ordinary thread that wakes every 5 ms and notes how late it was: what holds it up holds up a test's servers and the
/// kernel's own threads too, though a prober with a real-time priority may notice nothing.
package final class Canary: Sendable {
    /// In µs.
    private static let nap: UInt32 = 5000

    private let worst = Mutex<(late: Duration, isOver: Bool)>((.zero, false))

    package init() {
        Threads.start { [self] in
            while true {
                let before = ContinuousClock.now
                usleep(Self.nap)
                let late = ContinuousClock.now - before - .microseconds(Self.nap)
                let isOver = worst.withLock { worst in
                    worst.late = max(worst.late, late)
                    return worst.isOver
                }
                if isOver { return }
            }
        }
    }

    /// Ends the thread.
    /// - Returns: by how much it woke too late, at worst.
    @discardableResult
    package func stop() -> Duration {
        worst.withLock { worst in
            worst.isOver = true
            return worst.late
        }
    }
}
