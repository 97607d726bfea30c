import ArgumentParser
import FoundationEssentials
import QuakeAnalysis
import QuakeKube
import QuakeReport
import QuakeTimeline

/// `peerquake report RUN`.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Compute a run's report again from its archive, and exit as the run did.",
        discussion: """
            EXAMPLES
              peerquake report runs/first
              peerquake report runs/first --junit junit.xml --markdown report.md
            """)

    @Argument(help: "The run's directory.")
    var directory: String

    @Option(help: "Write JUnit XML there too.")
    var junit: String?

    @Option(help: "Write Markdown there too.")
    var markdown: String?

    @Option(help: "Write OpenMetrics text there too.")
    var openmetrics: String?

    func run() throws {
        let findings = try Reporting.findings(directory)
        if let junit { try Data(JUnitReport(findings).text().utf8).write(to: URL(filePath: junit)) }
        if let openmetrics {
            try Data(OpenMetricsReport(findings).text().utf8).write(to: URL(filePath: openmetrics))
        }
        if let markdown { try Data(MarkdownReport(findings).text().utf8).write(to: URL(filePath: markdown)) }
        try Reporting.publish(findings, directory, environment: Command.inheritedEnvironment)
        throw ExitCode(findings.exit.rawValue)
    }
}
