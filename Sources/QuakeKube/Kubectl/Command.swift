import FoundationEssentials
import QuakeBase
import Subprocess
import Synchronization
import SystemPackage

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A child process in a session of its own, with its output captured and its end guaranteed.
package struct Command: Sendable {
    /// Where a line of output came from.
    package enum OutputStream: String, Sendable, Codable {
        case standardOutput
        case standardError
    }

    /// The program (a path, or a name that is looked up in PATH), then its arguments.
    package var arguments: [String]
    /// The whole environment.
    package var environment: [String: String]
    /// The part of ``environment`` that someone who pastes the line must set too.
    package var shownEnvironment: [String: String]
    /// What the command reads as its standard input; `nil` is nothing.
    package var standardInput: [UInt8]?

    package init(
        _ arguments: [String], environment: [String: String] = Command.inheritedEnvironment,
        shownEnvironment: [String: String] = [:], standardInput: [UInt8]? = nil
    ) {
        self.arguments = arguments
        self.environment = environment
        self.shownEnvironment = shownEnvironment
        self.standardInput = standardInput
    }

    /// The environment of this process.
    package static var inheritedEnvironment: [String: String] { ProcessInfo.processInfo.environment }

    /// Runs the command and waits for its end. Its failure is a result, not an error; so is its time-out, at which its
    /// process group gets SIGTERM, and 2 s later SIGKILL.
    ///
    /// - Parameter onLine: gets each line while the command runs, without its newline: of one stream in order, the two
    ///   streams as they come. Called on threads of the concurrency pool; it must not block.
    /// - Throws: `.command` if it cannot be started, `.cancelled` after it was killed because the task was.
    package func run(
        timeout: Duration, onLine: (@Sendable (OutputStream, String) -> Void)? = nil
    ) async throws(KubeError) -> CommandResult {
        let output = CommandOutput(onLine: onLine)
        let began = ContinuousClock.now
        var result = CommandResult(
            arguments: arguments, environment: shownEnvironment, exitCode: nil, began: SystemClock.unix)
        switch try await end(within: timeout, output) {
        case .exited(let code): result.exitCode = code
        case .signaled(let number): result.signal = number
        case nil: result.timedOut = true
        }
        result.durationNanoseconds = (ContinuousClock.now - began).inNanoseconds
        result.standardOutput = output.text(.standardOutput)
        result.standardError = output.text(.standardError)
        return result
    }

    /// How it ended by itself; `nil` if it did not in time.
    private func end(
        within timeout: Duration, _ output: CommandOutput
    ) async throws(KubeError) -> TerminationStatus? {
        do {
            return try await withThrowingTaskGroup(of: TerminationStatus?.self) { group in
                group.addTask { try await self.execute(output) }
                group.addTask {
                    try await Task.sleep(for: timeout)
                    return nil
                }
                let first = try await group.next() ?? nil
                // Whichever lost: the sleep ends at once, the command is torn down.
                group.cancelAll()
                while let _ = await group.nextResult() {}
                output.killLeftovers(if: first == nil)
                return first
            }
        } catch {
            output.killLeftovers(if: true)
            throw describe(error)
        }
    }

    private func execute(_ output: CommandOutput) async throws -> TerminationStatus {
        guard let standardInput else { return try await execute(output, reading: .none) }
        let file = try Self.namelessFile(of: standardInput)
        return try await execute(output, reading: .fileDescriptor(file, closeAfterSpawningProcess: true))
    }

    /// A file rather than a pipe: one that ends without reading all of it breaks nothing. Without a name, so that nothing is
    /// left of it whatever becomes of this process.
    private static func namelessFile(of bytes: [UInt8]) throws -> FileDescriptor {
        let path = FilePath(FileManager.default.temporaryDirectory.path + "/peerquake-input-\(UUID().uuidString)")
        let file = try FileDescriptor.open(
            path, .readWrite, options: [.create, .exclusiveCreate, .closeOnExec], permissions: .ownerReadWrite)
        unlink(path.string)
        do {
            _ = try file.writeAll(bytes)
            _ = try file.seek(offset: 0, from: FileDescriptor.SeekOrigin.start)
        } catch {
            try? file.close()
            throw error
        }
        return file
    }

    private func execute<Input: InputProtocol>(
        _ output: CommandOutput, reading input: Input
    ) async throws -> TerminationStatus {
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [.gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: .seconds(2))]
        let program = arguments.first ?? ""
        let outcome = try await Subprocess.run(
            program.contains("/") ? .path(FilePath(program)) : .name(program),
            arguments: Arguments(Array(arguments.dropFirst())), environment: subprocessEnvironment(),
            platformOptions: options, input: input, output: .sequence, error: .sequence
        ) { execution in
            output.started(execution.processIdentifier.value)
            async let errors: Void = output.collect(execution.standardError, as: .standardError)
            async let lines: Void = output.collect(execution.standardOutput, as: .standardOutput)
            _ = try await (errors, lines)
        }
        return outcome.terminationStatus
    }

    private func subprocessEnvironment() -> Environment {
        var variables: [Environment.Key: String] = [:]
        for (name, value) in environment.merging(Leftovers.marks, uniquingKeysWith: { $1 }) {
            if let key = Environment.Key(rawValue: name) { variables[key] = value }
        }
        return .custom(variables)
    }

    private func describe(_ error: any Error) -> KubeError {
        let line = CommandResult(arguments: arguments, environment: shownEnvironment).commandLine
        if error is CancellationError { return KubeError(.cancelled, "cancelled", context: line) }
        if let problem = error as? SubprocessError, problem.code == .executableNotFound {
            return KubeError(.command, "\(arguments.first ?? "") is not there, or not in PATH", context: line)
        }
        return KubeError(.command, "cannot be run", context: line, cause: "\(error)")
    }
}

/// What a command has said so far. It outlives the reading tasks, so that a killed command's output is kept.
private final class CommandOutput: Sendable {
    private struct State {
        var bytes: [Command.OutputStream: [UInt8]] = [:]
        /// Where the unfinished last line begins.
        var lineStart: [Command.OutputStream: Int] = [:]
        var process: pid_t?
    }

    /// A command that says more is cut off: evidence must not fill memory.
    private static let limit = 16 << 20

    private let state = Mutex(State())
    private let onLine: (@Sendable (Command.OutputStream, String) -> Void)?

    init(onLine: (@Sendable (Command.OutputStream, String) -> Void)?) {
        self.onLine = onLine
    }

    func started(_ process: pid_t) {
        state.withLock { $0.process = process }
    }

    /// Kills what the command left running in its session. A process group's number is not given to another process
    /// while the group has members.
    func killLeftovers(if isNeeded: Bool) {
        guard isNeeded, let process = state.withLock({ $0.process }), process > 1 else { return }
        kill(-process, SIGKILL)
    }

    func collect(_ source: SubprocessOutputSequence, as stream: Command.OutputStream) async throws {
        for try await buffer in source {
            append(buffer.withUnsafeBytes { Array($0) }, to: stream)
        }
        append([], to: stream, atEnd: true)
    }

    private func append(_ new: [UInt8], to stream: Command.OutputStream, atEnd: Bool = false) {
        let lines = state.withLock { state -> [String] in
            var bytes = state.bytes.removeValue(forKey: stream) ?? []
            defer { state.bytes[stream] = bytes }
            if bytes.count < Self.limit { bytes += new }
            guard onLine != nil else { return [] }
            var lines: [String] = []
            var start = state.lineStart[stream] ?? 0
            while let end = bytes[start...].firstIndex(of: 0x0A) {
                lines.append(Self.line(bytes[start..<end]))
                start = end + 1
            }
            if atEnd, start < bytes.count {
                lines.append(Self.line(bytes[start...]))
                start = bytes.count
            }
            state.lineStart[stream] = start
            return lines
        }
        for line in lines { onLine?(stream, line) }
    }

    private static func line(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes.last == 0x0D ? bytes.dropLast() : bytes, as: UTF8.self)
    }

    func text(_ stream: Command.OutputStream) -> String {
        state.withLock { String(decoding: $0.bytes[stream] ?? [], as: UTF8.self) }
    }
}
