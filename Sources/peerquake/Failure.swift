import ArgumentParser
import QuakeTimeline

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The end of a command that could not do its work: a message and an exit code.
struct Failure: Error, CustomStringConvertible {
    var code: PeerquakeExit
    var message: String
    /// What to do about it.
    var hint: String?

    init(_ code: PeerquakeExit, _ message: String, hint: String? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
    }

    var description: String { hint.map { "\(message)\n\($0)" } ?? message }
}

/// Writes to standard error, which carries everything but results.
func complain(_ text: String) {
    let line = text + "\n"
    line.withCString { _ = write(2, $0, strlen($0)) }
}
