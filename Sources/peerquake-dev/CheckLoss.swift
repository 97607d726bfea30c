import ArgumentParser
import QuakeAnalysis
import QuakeArchive
import QuakeShell
import QuakeTimeline

/// `peerquake-dev check-loss RUN`: the harness held against the stand-in's own rules.
struct CheckLossCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-loss",
        abstract: "Compare the loss of each phase after a kill with what the stand-in's rules give.",
        discussion: "EXAMPLE\n  scripts/check-loss")

    @Argument(help: "The directory of a run of Plans/checks/loss.yaml.", transform: Checked.path)
    var directory: String

    func run() throws {
        let rows = try PhaseLoss.table(
            ArchivedRun.archive(directory), findings: ArchivedRun.findings(directory))
        print("| peering | policy | phase | slots | lost | formula | holds |\n|---|---|---|---|---|---|---|")
        for row in rows {
            let share = (row.share * 1000).rounded() / 1000
            let formula = (row.expected * 1000).rounded() / 1000
            let verdict = row.holds ? "yes" : row.slots < 300 ? "too few slots" : "NO"
            print(
                "| \(row.peering) | \(row.policy) | \(row.phase) | \(row.slots) | \(share) | \(formula) | \(verdict) |")
        }
        if rows.count < 6 || rows.contains(where: { !$0.holds }) { throw ExitCode(1) }
    }
}
