import QuakeBase
import Synchronization

/// What may hold a whole process up: its control group's quota, and the host of the machine that it runs on.
///
/// Read by another thread than the prober's, for the kernel may take its time over these files; on the prober's own only
/// when it has stalled already.
final class StallSurroundings: Sendable {
    /// Counts so far, in nanoseconds.
    struct Reading: Sendable, Equatable {
        /// Of the monotonic clock.
        var at: Int64
        var throttled: Int64?
        /// Taken away by the machine's host, of all processors together.
        var stolen: Int64?
    }

    let group: ControlGroup
    private let read: @Sendable (String) -> String?
    private let readings = Mutex<[Reading]>([])
    private let reader = Mutex<Task<Void, Never>?>(nil)
    /// Half a second apart, as many as a stall of seconds needs.
    private static let kept = 16
    static let interval = Duration.milliseconds(500)
    /// `USER_HZ`, in which the kernel writes times for users, is 100 on every machine that Linux runs on here.
    private static let tick: Int64 = 10_000_000

    init(read: @escaping @Sendable (String) -> String? = { KernelFile.text($0) }) {
        self.read = read
        group = ControlGroup(read: read)
        refresh(at: SystemClock.monotonic)
    }

    /// Reads twice a second until ``stop()``.
    func start() {
        let task = Task { [weak self] in
            while !Task.isCancelled {
                try? await Task.sleep(for: Self.interval)
                guard let self else { return }
                refresh(at: SystemClock.monotonic)
            }
        }
        reader.withLock { $0 = task }
    }

    func stop() { reader.withLock { $0?.cancel() } }

    func refresh(at now: Int64) {
        let reading = reading(at: now)
        readings.withLock { readings in
            if readings.count == Self.kept { readings.removeFirst() }
            readings.append(reading)
        }
    }

    /// What came between the last reading of `start` or before, and `now`.
    func change(since start: Int64, until now: Int64) -> (throttled: Int64?, stolen: Int64?) {
        let after = reading(at: now)
        let before = readings.withLock { readings in readings.last { $0.at <= start } ?? readings.first }
        func difference(_ one: Int64?, _ two: Int64?) -> Int64? {
            guard let one, let two else { return nil }
            return max(0, two - one)
        }
        return (
            difference(before?.throttled, after.throttled), difference(before?.stolen, after.stolen)
        )
    }

    private func reading(at now: Int64) -> Reading {
        // user nice system idle iowait irq softirq steal (proc(5)).
        let fields = (read("/proc/stat") ?? "").prefix { $0 != "\n" }.split(separator: " ").dropFirst()
        let stolen = fields.count > 7 ? Int64(fields[fields.startIndex + 7]).map { $0 * Self.tick } : nil
        return Reading(at: now, throttled: group.throttling?.nanoseconds, stolen: stolen)
    }
}
