import FoundationEssentials

/// The control group that this process is in, as far as it limits the use of processors: version 1 or 2, as the kernel's
/// files have it. Where a container has a view of its own, groups around the container's are out of sight.
package struct ControlGroup: Sendable {
    /// Counted since the group was made.
    package struct Throttling: Sendable, Equatable, Codable {
        /// How often its processes had used up their quota and were held.
        package var times: Int
        /// For how long, of all processors together.
        package var nanoseconds: Int64

        package init(times: Int = 0, nanoseconds: Int64 = 0) {
            self.times = times
            self.nanoseconds = nanoseconds
        }

        /// What came since an earlier reading of the same group; of another one, all of it.
        package func since(_ before: Throttling) -> Throttling {
            guard times >= before.times, nanoseconds >= before.nanoseconds else { return self }
            return Throttling(times: times - before.times, nanoseconds: nanoseconds - before.nanoseconds)
        }
    }

    private let read: @Sendable (String) -> String?
    /// Holds `cpu.stat`; `nil` where no such file can be read.
    private let folder: String?

    /// - Parameter read: a file's text; `nil` where there is none.
    package init(read: @escaping @Sendable (String) -> String? = { KernelFile.text($0) }) {
        self.read = read
        folder = Self.folders(read("/proc/self/cgroup") ?? "").first { read("\($0)/cpu.stat") != nil }
    }

    /// Where the group's files may be, the likeliest first: of version 1 (`3:cpu,cpuacct:/path`), then of version 2
    /// (`0::/path`); within a container the path is another one, or none.
    private static func folders(_ membership: String) -> [String] {
        var old: [String] = []
        var new: [String] = []
        for line in membership.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 3 else { continue }
            let path = parts[2] == "/" ? "" : parts[2]
            if parts[1].split(separator: ",").contains("cpu") {
                for mount in [parts[1], "cpu"] {
                    old += ["/sys/fs/cgroup/\(mount)\(path)", "/sys/fs/cgroup/\(mount)"]
                }
            } else if parts[0] == "0" {
                new += ["/sys/fs/cgroup\(path)", "/sys/fs/cgroup"]
            }
        }
        return old + new
    }

    /// `nil` where no file tells.
    package var throttling: Throttling? {
        guard let folder, let text = read("\(folder)/cpu.stat") else { return nil }
        var found = Throttling()
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count == 2, let value = Int64(words[1]) else { continue }
            switch words[0] {
            case "nr_throttled": found.times = Int(value)
            case "throttled_usec": found.nanoseconds = value * 1000
            case "throttled_time": found.nanoseconds = value
            default: break
            }
        }
        return found
    }

    /// How many processors the group may use; `nil` where nothing limits it, or no file tells.
    package var quota: Double? {
        guard let folder else { return nil }
        func number(_ name: String) -> Double? {
            read("\(folder)/\(name)").flatMap { Double($0.filter { !$0.isWhitespace }) }
        }
        if let words = read("\(folder)/cpu.max")?.split(whereSeparator: \.isWhitespace) {
            guard words.count == 2, let used = Double(words[0]), let period = Double(words[1]), period > 0 else {
                return nil
            }
            return used / period
        }
        guard let used = number("cpu.cfs_quota_us"), used > 0, let period = number("cpu.cfs_period_us"), period > 0
        else { return nil }
        return used / period
    }
}

/// Small files that the kernel writes when they are read.
package enum KernelFile {
    /// `nil` where there is none.
    package static func text(_ path: String) -> String? {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }
}
