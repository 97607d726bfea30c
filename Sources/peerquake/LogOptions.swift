import ArgumentParser
import QuakeShell

/// What is written to standard error of a command that takes long.
struct LogOptions: ParsableArguments {
    @Flag(name: [.customShort("q"), .long], help: "Show no progress: only results, warnings and errors.")
    var quiet = false

    @Option(
        help: "How progress, warnings and errors are written: text, or json, an object a line. (default: text)",
        transform: Checked.word(of: LogFormat.allCases.map(\.rawValue)))
    var logFormat: String?

    /// Holds from here on.
    func apply() { Console.set(logFormat.flatMap(LogFormat.init) ?? .text, isQuiet: quiet) }
}
