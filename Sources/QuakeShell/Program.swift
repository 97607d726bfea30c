package import ArgumentParser
import QuakePlan
import QuakeTimeline

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A command line from its arguments to its exit code. Exit codes are ours, not the parser's.
package enum Program {
    /// Carries this process's own command line out, and ends the process.
    package static func run<Root: AsyncParsableCommand>(_ root: Root.Type) async -> Never {
        exit(await code(of: root, Array(CommandLine.arguments.dropFirst())))
    }

    /// Carries a command line out.
    ///
    /// - Parameters:
    ///   - arguments: without the program's name.
    ///   - refusing: throws for arguments that never reach the parser.
    /// - Returns: the exit code.
    package static func code<Root: AsyncParsableCommand>(
        of root: Root.Type, _ arguments: [String], refusing: ([String]) throws -> Void = { _ in }
    ) async -> Int32 {
        do {
            try refuseMissingValues(arguments)
            try refusing(arguments)
            try refuseUnknownCommands(arguments, of: root)
            var command = try root.parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return 0
        } catch let failure as Failure {
            complain("\(root.configuration.commandName ?? ""): \(failure)", .error)
            return failure.code.rawValue
        } catch let code as ExitCode {
            return code.rawValue
        } catch {
            let code = root.exitCode(for: error)
            let text = root.fullMessage(for: error)
            if code == .success {
                print(text)
            } else {
                complain(text, .error)
            }
            // Whatever is no problem of usage is one of ours.
            let isUsage = code == .validationFailure
            return code == .success ? 0 : isUsage ? PeerquakeExit.usage.rawValue : PeerquakeExit.internalError.rawValue
        }
    }

    /// The parser calls the name of a command that does not exist an unexpected argument, and proposes none.
    private static func refuseUnknownCommands(_ arguments: [String], of root: any ParsableCommand.Type) throws {
        var (command, path) = (root, "")
        for word in arguments {
            let configuration = command.configuration
            // What follows an option may be its value.
            guard !configuration.subcommands.isEmpty, configuration.defaultSubcommand == nil, !word.hasPrefix("-"),
                word != "help"
            else { return }
            let known = configuration.subcommands.filter { $0.configuration.shouldDisplay }.map { $0._commandName }
            guard let next = configuration.subcommands.first(where: { $0._commandName == word }) else {
                let hint = Suggestion.hint(for: word, among: known)
                throw Failure(.usage, "no command \"\(path)\(word)\"" + hint)
            }
            command = next
            path += "\(word) "
        }
    }

    /// The parser takes the next argument for the value of an option that ends with its `=`, as `--out= plan.yaml`.
    private static func refuseMissingValues(_ arguments: [String]) throws {
        for argument in arguments.prefix(while: { $0 != "--" })
        where argument.hasPrefix("--") && argument.firstIndex(of: "=") == argument.indices.last {
            throw Failure(
                .usage, "\(argument): the value is missing", hint: "Where it is to be empty: \(argument.dropLast()) ''")
        }
    }
}
