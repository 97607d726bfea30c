import CBuild

/// Which Peerquake this is.
package enum Version {
    /// Of the release that this is, or that it becomes.
    package static let number = "0.1.0"

    /// For `--version`: `peerquake 0.1.0 (commit 45dbac2…, 2026-01-31)`.
    package static func words(of program: String) -> String {
        words(
            of: program, commit: String(cString: peerquake_build_commit()),
            date: String(cString: peerquake_build_date()))
    }

    /// The same of values that a build was given; empty where it was given none.
    package static func words(of program: String, commit: String, date: String) -> String {
        guard !commit.isEmpty else { return "\(program) \(number) (commit unknown: not built by scripts/package)" }
        return "\(program) \(number) (commit \(commit)\(date.isEmpty ? "" : ", \(date)"))"
    }
}
