package import FoundationEssentials
// `stdout` is a variable of C.
@preconcurrency import Glibc
import QuakeTimeline
import Synchronization

/// How lines on standard error are written.
package enum LogFormat: String, Sendable, CaseIterable {
    /// For people.
    case text
    /// A JSON object each line.
    case json
}

/// How much a line on standard error matters.
package enum LogLevel: String, Sendable, Codable {
    /// Progress: `--quiet` leaves it out.
    case info
    case warning
    case error
}

/// A line of `--log-format json`. Keys are sorted; what does not apply is absent.
package struct LogLine: Sendable, Codable, Equatable {
    /// ISO 8601 with milliseconds, UTC.
    package var time: String
    package var level: LogLevel
    package var message: String
    /// The run's ID.
    package var run: String?
    /// Seconds since the run's origin.
    package var at: Double?
    /// From 1, as reports count.
    package var trial: Int?
    /// The event's kind, as archives name it.
    package var event: String?

    package init(
        _ level: LogLevel, _ message: String, time: Date = .now, run: String? = nil, at: Double? = nil,
        trial: Int? = nil, event: String? = nil
    ) {
        self.time = time.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        self.level = level
        self.message = message
        self.run = run
        self.at = at
        self.trial = trial
        self.event = event
    }

    /// In one line, without a newline at its end.
    package var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(self) else { return "{\"level\":\"\(level.rawValue)\"}" }
        return String(decoding: data, as: UTF8.self)
    }
}

/// Standard error, as the options of the command line want it. One of the process.
package enum Console {
    private static let state = Mutex((format: LogFormat.text, isQuiet: false))

    /// What the command line says.
    package static func set(_ format: LogFormat, isQuiet: Bool) { state.withLock { $0 = (format, isQuiet) } }

    package static var format: LogFormat { state.withLock { $0.format } }
    package static var isQuiet: Bool { state.withLock { $0.isQuiet } }

    /// Whether a line of a level is written at all.
    package static func isShown(_ level: LogLevel) -> Bool { level != .info || !isQuiet }

    /// Writes one line, or as text several, at once: standard error is not buffered.
    ///
    /// - Parameter text: what people are shown instead of the message, as where it is coloured; its control characters are
    ///   written as they are.
    package static func write(_ line: LogLine, text: String? = nil) {
        guard isShown(line.level) else { return }
        switch format {
        case .json: put(line.json + "\n")
        case .text: put((text ?? line.message.printable(lines: true)) + "\n")
        }
    }

    /// Writes bytes to standard error as they are.
    package static func put(_ text: String) {
        text.withCString { pointer in
            var (rest, left) = (pointer, strlen(pointer))
            while left > 0 {
                let count = Glibc.write(2, rest, left)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                (rest, left) = (rest + count, left - count)
            }
        }
    }

    /// Columns of the terminal that a descriptor leads to, as it is now; `nil` where it is none, or does not say.
    package static func columns(of descriptor: Int32) -> Int? {
        var size = winsize()
        guard isatty(descriptor) == 1, ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return nil
        }
        return Int(size.ws_col)
    }

    /// Lines of standard output appear when they are printed, in pipes too: what waits in a buffer is seen after the errors
    /// that it came before, or never.
    package static func flushLines() { setvbuf(stdout, nil, Int32(_IOLBF), 0) }
}
