import ArgumentParser
import FoundationEssentials
import QuakeAnalysis
import QuakeKube
import QuakeReport
import QuakeShell
import QuakeTimeline

/// `peerquake history DIR`.
struct HistoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "Show the trend of each key over a directory of runs, and the first bad run.",
        discussion: """
            Every directory below DIR that holds a run counts, in the order of the runs' starts.

            EXAMPLES
              peerquake history runs
              peerquake history runs --html history.html
            """)

    @Argument(help: "The directory that holds the runs' directories.", transform: Checked.path)
    var directory: String

    @Option(help: "Also write an HTML page with sparklines to this file.", transform: Checked.output)
    var html: String?

    func run() throws {
        var runs: [FaultRepeats] = []
        var unreadable: [String] = []
        for path in try Self.runs(below: directory) {
            do {
                let run = FaultRepeats(try Reporting.findings(path))
                // A copy of a run is no second one.
                if runs.contains(where: { $0.run == run.run }) {
                    unreadable.append("\(path): \(run.run) once more")
                } else {
                    runs.append(run)
                }
            } catch {
                unreadable.append("\(path): \(error)")
            }
        }
        guard !runs.isEmpty || !unreadable.isEmpty else {
            throw Failure(
                .usage, "\(directory) holds no runs", hint: "peerquake run --out \(directory)/NAME makes one.")
        }
        let history = Historian(runs).history()
        if let html { try Output.write(HistoryHTML(history, unreadable: unreadable).text(), to: html) }
        let text = HistoryTerminal(
            history, unreadable: unreadable, command: "peerquake history \(Comparing.quoted(directory))",
            color: Comparing.isColored(Command.inheritedEnvironment), width: PageWidth(Console.columns(of: 1))
        ).text()
        print(text, terminator: "")
    }

    /// Directories with a `run.sqlite`, the given one included, down to three levels.
    private static func runs(below directory: String, depth: Int = 3) throws -> [String] {
        let files = FileManager.default
        if files.fileExists(atPath: "\(directory)/run.sqlite") { return [directory] }
        guard depth > 0 else { return [] }
        let names: [String]
        do {
            names = try files.contentsOfDirectory(atPath: directory)
        } catch {
            guard depth < 3 else { throw Failure(.usage, "cannot read the directory \(directory)") }
            return []
        }
        return try names.sorted().flatMap { name -> [String] in
            let path = "\(directory)/\(name)"
            var isDirectory = false
            guard files.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory else { return [] }
            return try runs(below: path, depth: depth - 1)
        }
    }
}
