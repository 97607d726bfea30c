import QuakeKube

/// What kubectl printed of a drain. Its texts differ by version, so they decide only where nothing else tells.
struct DrainText: Sendable {
    private let ended: CommandResult
    private let lines: [String]

    init(_ ended: CommandResult) {
        self.ended = ended
        lines = (ended.standardOutput + "\n" + ended.standardError).split(separator: "\n").map(String.init)
    }

    /// Whether it has begun to evict or to delete.
    var hasBegun: Bool {
        lines.contains { line in
            line.hasPrefix("evicting pod") || line.hasPrefix("error when evicting")
                || (line.hasPrefix("pod/") && (line.hasSuffix(" evicted") || line.hasSuffix(" deleted")))
        }
    }

    /// Whether it came as far as to the pods.
    var hasCordoned: Bool { lines.contains { $0.hasPrefix("node/") && $0.hasSuffix(" cordoned") } }

    /// Whether it would not begin, for the sake of pods.
    var isRefusal: Bool { !hasBegun && lines.contains { $0.contains("cannot delete ") } }

    /// Whether its `--timeout` ended it: "global timeout reached" up to 1.31, "context deadline exceeded" from 1.32 on.
    func isOutOfTime(limit: Duration) -> Bool {
        ended.timedOut || ended.duration >= limit
            || lines.contains { line in
                ["global timeout reached", "context deadline exceeded", "timed out"].contains(where: line.contains)
            }
    }

    /// `namespace/name` of a pod that it has begun to evict.
    func names(_ pod: JSONValue) -> Bool { lines.contains("evicting pod \(pod.namespace)/\(pod.name)") }

    /// Whether a line says that a budget refused an eviction.
    static func isBlocked(_ line: String) -> Bool { line.contains("would violate the pod's disruption budget") }

    /// The last words of each pod whose eviction it was still trying when it ended, by `namespace/name`.
    var retried: [(pod: String, words: String)] {
        var last: [String: String] = [:]
        for line in lines {
            guard
                let found = line.firstMatch(
                    of:
                        #/error when evicting pods?/"(?<name>[^"]+)" -n "(?<space>[^"]+)" \(will retry after [^)]*\): (?<words>.*)/#
                )
            else { continue }
            last["\(found.space)/\(found.name)"] = String(found.words)
        }
        return last.filter { pod, _ in !lines.contains("pod/\(pod.split(separator: "/")[1]) evicted") }
            .sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// Rights that its errors say are missing.
    var missingRights: [MissingRight] { errors.compactMap { MissingRight($0) } }

    /// Its last error; where it said none, how it ended.
    var said: String {
        if let last = errors.last { return last }
        let end = ended.exitCode.map { "exit code \($0)" } ?? ended.signal.map { "signal \($0)" } ?? "no exit code"
        return "kubectl ended with \(end) and said nothing"
    }

    private var errors: [String] {
        let lines = ended.standardError.split(separator: "\n").map(String.init)
        let errors = lines.filter { $0.lowercased().hasPrefix("error") || $0.contains("cannot delete ") }
        return errors.isEmpty ? lines : errors
    }
}
