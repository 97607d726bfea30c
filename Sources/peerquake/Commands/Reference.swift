import ArgumentParser
import QuakePlan

/// `peerquake reference`: what docs/plans.md is made of.
struct ReferenceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reference", abstract: "Print the reference of plans.",
        discussion: "EXAMPLE\n  peerquake reference >docs/plans.md", shouldDisplay: false)

    func run() { print(PlanReference.text(Peerquake.actions), terminator: "") }
}
