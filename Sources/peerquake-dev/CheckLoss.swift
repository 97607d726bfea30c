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

    @Argument(help: "The directory of a run of a plan in Plans/checks.", transform: Checked.path)
    var directory: String

    func run() throws {
        let rows = try PhaseLoss.table(
            ArchivedRun.archive(directory), findings: ArchivedRun.findings(directory))
        let isShared = rows.contains { $0.tunnels == .shared }
        let columns =
            ["tunnels", "peering", "policy", "phase", "slots", "lost", "formula"]
            + (isShared ? ["given", "within"] : [])
            + ["holds"]
        print(Self.line(columns))
        print(Self.line(columns.map { _ in "---" }))
        for row in rows {
            let verdict = row.holds ? "yes" : row.isLong ? "NO" : "too few slots"
            let known =
                [row.tunnels.rawValue, row.peering, row.policy, row.phase, "\(row.slots)", Self.rounded(row.share)]
                + [Self.rounded(row.expected)]
            print(Self.line(known + (isShared ? [row.given, Self.rounded(row.tolerance)] : []) + [verdict]))
        }
        if rows.count < 6 || rows.contains(where: { !$0.holds }) { throw ExitCode(1) }
    }

    private static func line(_ cells: [String]) -> String { "| \(cells.joined(separator: " | ")) |" }

    private static func rounded(_ share: Double) -> String { "\((share * 1000).rounded() / 1000)" }
}
