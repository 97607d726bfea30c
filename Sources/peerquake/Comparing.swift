import QuakeAnalysis
import QuakePlan
import QuakeReport
import QuakeShell
import QuakeTimeline

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// From the archives of several runs to one text: what `compare` and `history` share.
enum Comparing {
    /// Each archive computed again, as `report` does.
    ///
    /// - Parameter option: the one that names them, for messages; `nil` for arguments.
    /// - Throws: usage for what is no archive, and for one run named twice.
    static func runs(_ directories: [String], option: String? = nil) throws -> [FaultRepeats] {
        let runs = try directories.map { directory in
            do {
                return FaultRepeats(try Reporting.findings(directory))
            } catch let failure as Failure {
                guard let option else { throw failure }
                throw Failure(failure.code, "\(option) \(directory): \(failure.message)", hint: failure.hint)
            }
        }
        for (index, run) in runs.enumerated() {
            guard let first = runs[..<index].firstIndex(where: { $0.run == run.run }) else { continue }
            throw Failure(.usage, "\(directories[first]) and \(directories[index]) are the same run, \(run.run)")
        }
        return runs
    }

    /// What the sides may differ in.
    ///
    /// - Throws: usage for a name that none of the runs has.
    static func across(_ names: [String], _ runs: [FaultRepeats]) throws -> Across {
        let known = Across.names(in: runs)
        for name in names where !known.contains(name) {
            throw Failure(
                .usage,
                "--across \(name): the runs have no such matrix key or setting"
                    + Suggestion.hint(for: name, among: known))
        }
        return Across(names)
    }

    static func isColored(_ environment: [String: String]) -> Bool {
        isatty(1) == 1 && environment["NO_COLOR"] == nil
    }

    /// A word of a command line as a shell takes it.
    static func quoted(_ word: String) -> String {
        let plain = word.allSatisfy { $0.isLetter || $0.isNumber || "-_./=,:+@%".contains($0) }
        return plain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
    }
}
