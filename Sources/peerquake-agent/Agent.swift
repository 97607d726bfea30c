internal import ArgumentParser

@main
struct Agent: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "peerquake-agent",
        abstract: "One part of the stand-in mesh, chosen by its subcommand.",
        subcommands: []
    )
}
