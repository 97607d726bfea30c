import QuakeProbe
import QuakeTimeline

/// Notices that threads queue for the host's processors, by the kernel's pressure stall information.
///
/// Idle time alone does not show it: for half a second in which a pod starts, two processors that carry eight kind nodes
/// are idle for 3 to 5 %, and requests through other pods wait for 300 ms and more.
struct PressureWatch: Sendable {
    /// How long threads queue before it matters: twice the deadline of the shipped plans.
    static let window = Duration.milliseconds(500)
    /// How often the kernel is asked.
    static let pause = Duration.milliseconds(250)
    /// The share of the window in which a thread waited for a processor. Two processors with eight kind nodes and ordinary
    /// work have 0.1 to 0.8 in half a second, and 0.92 to 0.94 where requests through pods are late.
    static let share = 0.9

    private var readings: [(at: RunInstant, waited: Duration)] = []

    /// For how long at least one thread has waited for a processor since the host started; `nil` where the kernel does
    /// not say (`CONFIG_PSI`).
    ///
    /// - Parameter read: a file's text; `nil` where there is none.
    static func waited(_ read: (String) -> String? = HostWatch.Reading.file) -> Duration? {
        // "some avg10=0.00 avg60=0.00 avg300=0.00 total=12345", in microseconds (Documentation/accounting/psi.rst).
        guard
            let line = read("/proc/pressure/cpu")?.split(separator: "\n").first(where: { $0.hasPrefix("some ") }),
            let total = line.split(separator: " ").last(where: { $0.hasPrefix("total=") }),
            let micros = Int64(total.dropFirst("total=".count))
        else { return nil }
        return .microseconds(micros)
    }

    /// The time up to a reading in which threads queued for the processors; `nil` where they did not.
    mutating func judge(_ waited: Duration, at moment: RunInstant) -> Interval? {
        readings.append((moment, waited))
        while readings.count > 2, readings[1].at + Self.window <= moment { readings.removeFirst() }
        let first = readings[0]
        guard first.at + Self.window <= moment, (waited - first.waited) / (moment - first.at) >= Self.share else {
            return nil
        }
        return Interval(start: first.at, end: moment)
    }

    /// Judges until cancelled.
    static func run(_ recorder: RunRecorder) async {
        guard waited() != nil else {
            recorder.event(
                .note("whether threads queue for this host's processors is not known: no /proc/pressure/cpu"))
            return
        }
        var watch = PressureWatch()
        while !Task.isCancelled {
            if let waited = waited(), let queued = watch.judge(waited, at: recorder.clock.now) {
                recorder.event(
                    .suspect(
                        from: queued.start, to: queued.end,
                        reason: "threads queued for the host's processors for nine tenths of half a second or more"))
            }
            try? await Task.sleep(for: pause)
        }
    }
}
