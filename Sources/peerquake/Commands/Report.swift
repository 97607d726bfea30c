import ArgumentParser
import QuakeAnalysis
import QuakeKube
import QuakeTimeline

/// `peerquake report RUN`.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Compute a run's report again from its archive, and exit as the run did.",
        discussion: "EXAMPLE\n  peerquake report runs/first")

    @Argument(help: "The run's directory.")
    var directory: String

    func run() throws {
        let findings = try Reporting.findings(directory)
        try Reporting.publish(findings, directory, environment: Command.inheritedEnvironment)
        throw ExitCode(findings.exit.rawValue)
    }
}
