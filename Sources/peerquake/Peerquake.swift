internal import ArgumentParser

@main
struct Peerquake: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "peerquake",
        abstract: "Breaks peered Kubernetes clusters on purpose and says what it cost, for each peering method.",
        subcommands: []
    )
}
