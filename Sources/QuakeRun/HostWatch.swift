import FoundationEssentials
import QuakeProbe
import QuakeTimeline

/// Watches the host that nodes are containers of: what it runs out of looks like an outage on every node at once.
struct HostWatch: Sendable {
    /// What the kernel says of the host at one moment.
    struct Reading: Sendable, Equatable {
        /// Entries of the connection-tracking table and their limit; `nil` where it is not loaded.
        var tracked: (count: Int, limit: Int)?
        /// Whether root, as whom all of the nodes run, can still watch files.
        var watching = InotifyTrial.Outcome.unknown
        /// Clock ticks of all processors: all of them, and those that nothing used.
        var ticks: (all: UInt64, idle: UInt64)

        static func == (a: Reading, b: Reading) -> Bool {
            a.tracked?.count == b.tracked?.count && a.tracked?.limit == b.tracked?.limit && a.watching == b.watching
                && a.ticks == b.ticks
        }

        /// - Parameter read: a file's text; `nil` where there is none.
        static func now(
            watching: InotifyTrial.Outcome = .unknown, _ read: (String) -> String? = Self.file
        ) -> Reading {
            func number(_ path: String) -> Int? {
                read(path).flatMap { Int($0.filter { !$0.isWhitespace }) }
            }
            var tracked: (Int, Int)?
            if let count = number("/proc/sys/net/netfilter/nf_conntrack_count"),
                let limit = number("/proc/sys/net/netfilter/nf_conntrack_max")
            {
                tracked = (count, limit)
            }
            // user nice system idle iowait irq softirq steal (proc(5)).
            let fields = (read("/proc/stat") ?? "").prefix { $0 != "\n" }.split(separator: " ").dropFirst()
                .compactMap { UInt64($0) }
            let idle = fields.count > 4 ? fields[3] + fields[4] : 0
            return Reading(tracked: tracked, watching: watching, ticks: (fields.prefix(8).reduce(0, +), idle))
        }

        static func file(_ path: String) -> String? {
            FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
        }
    }

    /// A connection-tracking table fuller than this drops new connections soon.
    static let fullTable = 0.95
    /// Processors with less idle time than this, for so many seconds on end, starve nodes and not only pods.
    static let leastIdle = 0.01
    static let starvedSeconds = 5

    private var last: Reading?
    private var starved = 0

    init() {}

    /// Why the second that ends with this reading proves nothing; `nil` where it does.
    mutating func judge(_ reading: Reading) -> String? {
        defer { last = reading }
        if let tracked = reading.tracked, Double(tracked.count) > Double(tracked.limit) * Self.fullTable {
            return "the host's connection-tracking table is full: \(tracked.count) of \(tracked.limit)"
        }
        if reading.watching == .exhausted {
            return "root has used up fs.inotify.max_user_instances: no kubelet and no pod can watch another file"
        }
        guard let last, reading.ticks.all > last.ticks.all else { return nil }
        let idle = Double(reading.ticks.idle - last.ticks.idle) / Double(reading.ticks.all - last.ticks.all)
        starved = idle < Self.leastIdle ? starved + 1 : 0
        return starved >= Self.starvedSeconds ? "the host's processors have had no idle time for \(starved) s" : nil
    }

    /// Judges each second until cancelled.
    static func run(_ recorder: RunRecorder) async {
        var watch = HostWatch()
        if InotifyTrial.make() == .unknown {
            recorder.event(
                .note("whether inotify instances are used up on this host is not known: the check needs root"))
        }
        while !Task.isCancelled {
            let reading = Reading.now(watching: InotifyTrial.make())
            if let reason = watch.judge(reading) {
                let now = recorder.clock.now
                recorder.event(.suspect(from: now + .seconds(-1), to: now, reason: reason))
            }
            try? await Task.sleep(for: .seconds(1))
        }
    }
}
