import ArgumentParser
import Foundation
import QuakeArchive
import QuakeReport
import QuakeShell
import QuakeTimeline

/// `peerquake export RUN`.
struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Print a run's samples, dials, events or outages for other tools.",
        discussion: """
            Times are seconds since the run's origin.

            EXAMPLES
              peerquake export runs/first --what outages --format csv
              peerquake export runs/first --what dials | jq 'select(.outcome != "ok")'
            """)

    @Argument(help: "The run's directory.", transform: Checked.path)
    var directory: String

    @Option(help: "ndjson or csv. (default: ndjson)", transform: Checked.word(of: ["ndjson", "csv"]))
    var format = "ndjson"

    @Option(
        help: "samples, dials, events or outages. (default: samples)",
        transform: Checked.word(of: ["samples", "dials", "events", "outages"]))
    var what = "samples"

    func run() throws {
        guard let format = Export.Format(rawValue: format) else {
            throw Failure(.usage, "--format \(format): allowed: ndjson, csv")
        }
        guard let series = Export.Series(rawValue: what) else {
            throw Failure(.usage, "--what \(what): allowed: samples, dials, events, outages")
        }
        let archive = try Reporting.archive(directory)
        var pending: [UInt8] = []
        let output = FileHandle.standardOutput
        let export = Export(series, as: format) { line in
            pending += Array(line.utf8) + [UInt8(ascii: "\n")]
            guard pending.count > 1 << 16 else { return }
            try output.write(contentsOf: Data(pending))
            pending.removeAll(keepingCapacity: true)
        }
        try export.run(archive, findings: Reporting.findings(directory))
        try output.write(contentsOf: Data(pending))
    }
}
