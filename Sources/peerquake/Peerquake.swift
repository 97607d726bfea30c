import ArgumentParser
import Foundation
import QuakeProbe
import QuakeTimeline

/// Exit codes are ours, not the parser's.
@main
enum Main {
    static func main() async {
        // A file at its limit is an error to be told, not the end of the process before it has healed.
        signal(SIGXFSZ, SIG_IGN)
        ProcessMemory.keepFlat()
        Foundation.exit(await run(Array(CommandLine.arguments.dropFirst()), Wiring()))
    }

    /// Carries a command line out.
    ///
    /// - Parameter arguments: without the program's name.
    /// - Returns: the exit code.
    static func run(_ arguments: [String], _ wiring: Wiring) async -> Int32 {
        await Wiring.$current.withValue(wiring) { await run(arguments) }
    }

    private static func run(_ arguments: [String]) async -> Int32 {
        do {
            try refuseMissingValues(arguments)
            var command = try Peerquake.parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return 0
        } catch let failure as Failure {
            complain("peerquake: \(failure)")
            return failure.code.rawValue
        } catch let code as ExitCode {
            return code.rawValue
        } catch {
            let code = Peerquake.exitCode(for: error)
            let text = Peerquake.fullMessage(for: error)
            if code == .success {
                print(text)
            } else {
                complain(text)
            }
            // Whatever is no problem of usage is one of ours.
            let isUsage = code == .validationFailure
            return code == .success ? 0 : isUsage ? PeerquakeExit.usage.rawValue : 70
        }
    }
}

extension Main {
    /// The parser takes the next argument for the value of an option that ends with its `=`, as `--out= plan.yaml`.
    private static func refuseMissingValues(_ arguments: [String]) throws {
        for argument in arguments.prefix(while: { $0 != "--" })
        where argument.hasPrefix("--") && argument.firstIndex(of: "=") == argument.indices.last {
            throw Failure(
                .usage, "\(argument): the value is missing", hint: "Where it is to be empty: \(argument.dropLast()) ''")
        }
    }
}

/// The command line.
struct Peerquake: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "peerquake",
        abstract: "Chaos and upgrade tests for multicluster service-mesh peering.",
        discussion: """
            Peerquake breaks the nodes of two peered clusters under real traffic, heals them, and says for each peering \
            method what broke, for how long and why.

            EXAMPLES
              scripts/quickstart
              peerquake validate Plans/*.yaml
              peerquake run Plans/quickstart.yaml --env embedded --config kind-configs/quick-east.yaml \
            --config kind-configs/quick-west.yaml --out runs/first
              peerquake report runs/first
              peerquake soak Plans/quickstart.yaml --for 8h --env kind
              peerquake --generate-completion-script bash >~/.local/share/bash-completion/completions/peerquake

            The manual page is docs/peerquake.1 (man -l docs/peerquake.1).
            """,
        version: "0.1.0",
        subcommands: [
            RunCommand.self, SoakCommand.self, ReportCommand.self, CompareCommand.self, HistoryCommand.self,
            ExportCommand.self, RecoverCommand.self, ValidateCommand.self,
            SchemaCommand.self, ActionsCommand.self, ManualCommand.self,
            ProbeCommand.self, CheckLossCommand.self, SnapshotCommand.self, EmbeddedCommand.self,
            MeshCommand.self, ClustersCommand.self, DoctorCommand.self,
            WatchdogCommand.self,
        ])
}
