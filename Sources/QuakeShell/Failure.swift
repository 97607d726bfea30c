package import QuakeTimeline

/// The end of a command that could not do its work: a message and an exit code.
package struct Failure: Error, CustomStringConvertible {
    package var code: PeerquakeExit
    package var message: String
    /// What to do about it.
    package var hint: String?

    package init(_ code: PeerquakeExit, _ message: String, hint: String? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
    }

    package var description: String { hint.map { "\(message)\n\($0)" } ?? message }
}

/// Writes to standard error, which carries everything but results. Control characters but line breaks are written out:
/// much of this was said by clusters and programs.
///
/// - Parameter level: progress is left out by `--quiet`.
package func complain(_ text: String, _ level: LogLevel = .warning) { Console.write(LogLine(level, text)) }

/// Writes a result to standard output, in the same way.
package func say(_ text: String) { print(text.printable(lines: true)) }
