import ArgumentParser
import QuakeBase
import QuakeProbe
import QuakeShell
import QuakeVersion

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

@main
enum Main {
    static func main() async {
        // A file at its limit is an error to be told, not the end of the process before it has healed.
        signal(SIGXFSZ, SIG_IGN)
        ProcessMemory.keepFlat()
        Console.flushLines()
        exit(await run(Array(CommandLine.arguments.dropFirst()), Wiring()))
    }

    /// Carries a command line out.
    ///
    /// - Parameter arguments: without the program's name.
    /// - Returns: the exit code.
    static func run(_ arguments: [String], _ wiring: Wiring) async -> Int32 {
        await Wiring.$current.withValue(wiring) {
            await OwnProgram.$override.withValue(wiring.program) {
                await Waits.$listener.withValue(Waits.Listener { complain($0, .info) }) {
                    await Program.code(of: Peerquake.self, arguments, refusing: MovedCommand.refuse)
                }
            }
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
              peerquake run quickstart --out runs/first
              peerquake report runs/first
              peerquake audit --cluster east=CONTEXT --cluster west=CONTEXT
              peerquake plans list
              peerquake validate Plans/*.yaml
              peerquake soak quickstart --for 8h --env kind
              peerquake --generate-completion-script bash >~/.local/share/bash-completion/completions/peerquake

            The documentation is printed by peerquake docs; the manual page is docs/peerquake.1 (man -l docs/peerquake.1).
            """,
        version: Version.words(of: "peerquake"),
        subcommands: [
            RunCommand.self, SoakCommand.self, ReportCommand.self, CompareCommand.self, HistoryCommand.self,
            ExportCommand.self, ClaimsCommand.self, RecoverCommand.self, PlansCommand.self,
            ValidateCommand.self, AuditCommand.self, SchemaCommand.self, ActionsCommand.self, DocsCommand.self,
            ProbeCommand.self, EmbeddedCommand.self,
            MeshCommand.self, ManifestsCommand.self, ClustersCommand.self, DoctorCommand.self,
            ConfigCommand.self,
            WatchdogCommand.self,
        ])
}
