package import QuakeShell
import QuakeTimeline

/// The files of `--config` together.
package enum ConfigFiles {
    /// What is wrong with them.
    package static func refused(_ problems: [String]) -> Failure {
        Failure(
            .usage, problems.joined(separator: "\n"), hint: "Nothing was started: --config names what cannot be used.")
    }

    /// - Parameter files: each with its cluster's name, and whether it says it.
    /// - Throws: ``Failure`` where two make a cluster of one name, with what to do.
    package static func check(_ files: [(path: String, name: String, isNamed: Bool)]) throws {
        for (index, file) in files.enumerated() {
            guard let first = files[..<index].first(where: { $0.name == file.name }) else { continue }
            let nameless = [first, file].filter { !$0.isNamed }.map(\.path)
            let hint =
                nameless.isEmpty
                ? "Write another name: in one of them."
                : "kind calls a cluster without a name \"kind\": write `name: east`, or another one, in "
                    + "\(nameless.joined(separator: " and in "))\(nameless.count > 1 ? ", each its own" : "")."
            throw Failure(
                .usage, "--config: \(first.path) and \(file.path) both make a cluster named \"\(file.name)\"",
                hint: hint)
        }
    }
}
