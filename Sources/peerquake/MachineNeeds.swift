import FoundationEssentials
import QuakeBase
import QuakeEnvironment
import QuakePlan
import QuakeProbe

/// Whether the machine keeps time, and which plans it can carry. Pure: judged from what was measured.
struct MachineNeeds: Sendable {
    /// What was measured.
    struct Measured: Sendable {
        var timekeeping: Timekeeping
        /// Processors.
        var processors: Int
        /// The load of the last minute; `nil` where the kernel does not tell.
        var load: Double?
        /// Share of the processors' time in which they had nothing to do meanwhile, or what gives way to others (nice); `nil`
        /// where the kernel does not tell.
        var free: Double?
    }

    /// Processor time of a request of a lane of new connections, the dearer kind, in a release build; docs/measurement.md.
    static let requestCost = Duration.microseconds(176)
    /// A loaded machine's processors are busy for more than this.
    private static let leastFree = 0.25

    var measured: Measured

    /// Timers, load, then each plan.
    func needs(_ plans: [(path: String, plan: Plan)]) -> [EnvironmentNeed] {
        [timers, load] + plans.map { need(of: $0.plan, $0.path) }
    }

    private var timers: EnvironmentNeed {
        let times = measured.timekeeping
        func words(_ share: Double) -> String { Self.words(times.percentile(share)) }
        return EnvironmentNeed(
            state: times.lateSeconds(over: .milliseconds(10)) == 0 ? .ok : .low, name: "timers",
            detail: "late by \(words(0.5)) in the median, \(words(0.99)) (p99), \(words(1)) at most in "
                + "\(times.seconds) s, \(times.scheduling)",
            hint: times.scheduling.hasPrefix("SCHED_FIFO")
                ? Self.busiest
                : "sudo setcap cap_sys_nice=ep \"$(command -v peerquake)\"   # then ask again: the prober's thread goes first"
        )
    }

    /// Who takes the processors.
    private static let busiest = "ps -eo pid,pcpu,comm --sort=-pcpu | head   # end what takes the processors"

    private var load: EnvironmentNeed {
        let free = measured.free.map { ", \(Int(($0 * 100).rounded())) % free" } ?? ""
        let load = measured.load.map { "\(Double(Int($0 * 10)) / 10)" } ?? "not known"
        return EnvironmentNeed(
            state: (measured.free ?? 1) < Self.leastFree ? .low : .ok, name: "load",
            detail: "\(load) on \(Quantity.count(measured.processors, "processor"))\(free)", hint: Self.busiest)
    }

    /// A second is suspect in which the prober is later than max(T, 10 ms), and a trial with many of them is inconclusive.
    private func need(of plan: Plan, _ path: String) -> EnvironmentNeed {
        let lanes = plan.cells.map { cell in
            cell.traffic.map { ($0.rate, $0.connections.count) }
        }
        let rate = lanes.map { $0.reduce(0) { $0 + $1.0 * Double($1.1) } }.max() ?? 0
        let fastest = plan.cells.flatMap(\.traffic).map(\.rate).max() ?? 1
        let limit = max(.milliseconds(10), .seconds(1) / fastest)
        let late = measured.timekeeping.lateSeconds(over: limit)
        let share = rate * (Self.requestCost / .seconds(1))
        let cost = "\(Int(rate.rounded(.up))) requests/s, \(max(1, Int((share * 100).rounded(.up)))) % of a processor"
        var reasons: [String] = []
        if late > 0 {
            reasons.append("timers later than \(Self.words(limit)) in \(late) of \(measured.timekeeping.seconds) s")
        }
        if let free = measured.free, share > free * Double(measured.processors) { reasons.append("less is free") }
        return EnvironmentNeed(
            state: reasons.isEmpty ? .ok : .low, name: "plan \(Self.name(path))",
            detail: reasons.isEmpty
                ? "can be carried: \(cost)"
                : "would be inconclusive (\(cost)): "
                    + reasons.joined(separator: ", "))
    }

    private static func name(_ path: String) -> String {
        let file = path.split(separator: "/").last.map(String.init) ?? path
        return file.hasSuffix(".yaml") ? String(file.dropLast(5)) : file
    }

    /// `0.08 ms`, `12 ms`.
    static func words(_ length: Duration) -> String {
        let hundredths = Int((length / .microseconds(10)).rounded())
        return hundredths < 1000 ? "\(Double(hundredths) / 100) ms" : "\(hundredths / 100) ms"
    }
}

extension MachineNeeds.Measured {
    /// Measures for a time.
    static func now(for length: Duration = .seconds(3)) async -> Self {
        let before = Self.processorTime
        let times = await Timekeeping.measure(for: length)
        let after = Self.processorTime
        var free: Double?
        if let before, let after, after.all > before.all {
            free = Double(after.free - before.free) / Double(after.all - before.all)
        }
        let text = Self.text("/proc/loadavg")?.split(separator: " ").first
        return Self(
            timekeeping: times, processors: ProcessInfo.processInfo.activeProcessorCount,
            load: text.flatMap { Double($0) }, free: free)
    }

    /// Of all processors since the machine began, in the kernel's own unit (proc_stat(5)).
    private static var processorTime: (free: Int, all: Int)? {
        guard let line = text("/proc/stat")?.split(separator: "\n").first(where: { $0.hasPrefix("cpu ") }) else {
            return nil
        }
        // user, nice, system, idle, iowait, irq, softirq, steal; guests are in user.
        let times = line.split(separator: " ").dropFirst().prefix(8).compactMap { Int($0) }
        return times.count > 4 ? (times[1] + times[3] + times[4], times.reduce(0, +)) : nil
    }

    private static func text(_ path: String) -> String? {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }
}
