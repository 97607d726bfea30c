import ArgumentParser
import QuakePlan

/// `peerquake-dev reference`: what docs/plans.md is made of.
struct ReferenceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reference", abstract: "Print the reference of plans.",
        discussion: "EXAMPLE\n  peerquake-dev reference >docs/plans.md")

    func run() { print(PlanReference.text(.standard), terminator: "") }
}
