import ArgumentParser
import FoundationEssentials
import QuakeAnalysis
import QuakeKube
import QuakePlan
import QuakeReport
import QuakeShell
import QuakeTimeline

/// `peerquake report RUN`.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Compute a run's report again from its archive, and exit as the run did.",
        discussion: """
            EXAMPLES
              peerquake report runs/first                   # also while it runs
              peerquake report runs/first --html report.html
              peerquake report runs/first --junit junit.xml --markdown report.md
              peerquake report runs/night --trial 17
            """)

    @Argument(help: "The run's directory.", transform: Checked.path)
    var directory: String

    @OptionGroup var outputs: OutputOptions<RunReport>

    @Option(help: "Print only this trial, counted from 1.", transform: Checked.number(1...Int.max))
    var trial: Int?

    func run() throws {
        let findings = try Reporting.findings(directory)
        if let trial, !findings.trials.contains(where: { $0.index == trial - 1 }) {
            throw Failure(.usage, "--trial \(trial): the run has \(Quantity.count(findings.trials.count, "trial"))")
        }
        try outputs.write(Reporting.report(of: findings, directory))
        try Reporting.publish(
            findings, directory, only: trial.map { $0 - 1 }, environment: Command.inheritedEnvironment)
        throw ExitCode(findings.exit.rawValue)
    }
}
