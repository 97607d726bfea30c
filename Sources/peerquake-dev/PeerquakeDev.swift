import ArgumentParser
import QuakeShell

@main
enum Main {
    static func main() async { await Program.run(PeerquakeDev.self) }
}

/// Commands for those who work on Peerquake. Not shipped.
struct PeerquakeDev: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "peerquake-dev",
        abstract: "What the scripts and tests of Peerquake's own sources need in addition to peerquake.",
        subcommands: [
            SnapshotCommand.self, CheckLossCommand.self, TunnelTimesCommand.self, ManualCommand.self,
            ReferenceCommand.self,
            AuditReferenceCommand.self, TutorialCommand.self,
        ])
}
