package import ArgumentParser
import QuakeTimeline

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A command line from its arguments to its exit code. Exit codes are ours, not the parser's.
package enum Program {
    /// - Parameter refusing: throws for arguments that never reach the parser.
    package static func run<Root: AsyncParsableCommand>(
        _ root: Root.Type, refusing: (ArraySlice<String>) throws -> Void = { _ in }
    ) async -> Never {
        do {
            let arguments = CommandLine.arguments.dropFirst()
            try refuseMissingValues(arguments)
            try refusing(arguments)
            var command = try root.parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            exit(0)
        } catch let failure as Failure {
            complain("\(root.configuration.commandName ?? ""): \(failure)")
            exit(failure.code.rawValue)
        } catch let code as ExitCode {
            exit(code.rawValue)
        } catch {
            let code = root.exitCode(for: error)
            let text = root.fullMessage(for: error)
            if code == .success {
                print(text)
            } else {
                complain(text)
            }
            // Whatever is no problem of usage is one of ours.
            let isUsage = code == .validationFailure
            exit(code == .success ? 0 : isUsage ? PeerquakeExit.usage.rawValue : PeerquakeExit.internalError.rawValue)
        }
    }

    /// The parser takes the next argument for the value of an option that ends with its `=`, as `--out= plan.yaml`.
    private static func refuseMissingValues(_ arguments: ArraySlice<String>) throws {
        for argument in arguments.prefix(while: { $0 != "--" })
        where argument.hasPrefix("--") && argument.firstIndex(of: "=") == argument.indices.last {
            throw Failure(
                .usage, "\(argument): the value is missing", hint: "Where it is to be empty: \(argument.dropLast()) ''")
        }
    }
}
