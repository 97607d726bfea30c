/// A command that ran: evidence for the archive, and text for messages.
package struct CommandResult: Sendable, Codable, Equatable {
    /// The whole argument vector, the program first.
    package var arguments: [String]
    /// What was set or changed in the environment for it.
    package var environment: [String: String]
    package var standardOutput: String
    package var standardError: String
    /// `nil` if a signal ended it.
    package var exitCode: Int32?
    /// The signal that ended it.
    package var signal: Int32?
    package var timedOut: Bool
    /// Unix nanoseconds.
    package var began: Int64
    package var durationNanoseconds: Int64

    package init(
        arguments: [String], environment: [String: String] = [:], standardOutput: String = "",
        standardError: String = "", exitCode: Int32? = 0, signal: Int32? = nil, timedOut: Bool = false,
        began: Int64 = 0, durationNanoseconds: Int64 = 0
    ) {
        self.arguments = arguments
        self.environment = environment
        self.standardOutput = standardOutput
        self.standardError = standardError
        self.exitCode = exitCode
        self.signal = signal
        self.timedOut = timedOut
        self.began = began
        self.durationNanoseconds = durationNanoseconds
    }

    /// Exit code 0 in time.
    package var succeeded: Bool { exitCode == 0 && !timedOut }

    package var duration: Duration { .nanoseconds(durationNanoseconds) }

    /// A line that a shell understands, environment first.
    package var commandLine: String {
        let variables = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\(ShellQuoting.quote($0.value))" }
        return (variables + arguments.map(ShellQuoting.quote)).joined(separator: " ")
    }
}

/// POSIX shell quoting.
package enum ShellQuoting {
    private static let safe = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,@%+".utf8)

    /// The word as a shell must read it to get `word` back; left alone where nothing in it is special.
    package static func quote(_ word: String) -> String {
        if !word.isEmpty, word.utf8.allSatisfy(safe.contains) { return word }
        return "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
    }
}
