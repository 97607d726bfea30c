import FoundationEssentials
import QuakeAnalysis
import QuakeArchive
import QuakePlan
import QuakeReport
import QuakeShell
import QuakeTimeline

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// From an archive to findings and their text: after a run and whenever somebody asks again.
enum Reporting {
    static func findings(_ directory: String) throws -> Findings {
        try ArchivedRun.findings(
            directory, actions: Wiring.current.actions, expectations: Wiring.current.expectations)
    }

    /// - Throws: ``Failure``, of usage for what is no archive that can be read.
    static func archive(_ directory: String) throws -> ArchiveReader { try ArchivedRun.archive(directory) }

    /// Adds a run to the summary of the GitHub Actions job that it runs in, where it does.
    static func summarise(_ findings: Findings, environment: [String: String]) throws {
        try summarise(MarkdownReport(findings).text(), environment: environment)
    }

    /// Adds Markdown to the summary of the GitHub Actions job that this is a part of, where it is.
    static func summarise(_ markdown: String, environment: [String: String]) throws {
        guard let path = environment["GITHUB_STEP_SUMMARY"], !path.isEmpty else { return }
        // Other steps of the job have written there, and will.
        let present = FileManager.default.contents(atPath: path) ?? Data()
        try (present + Data((markdown + "\n").utf8)).write(to: URL(filePath: path))
    }

    /// Output of one command, and of all together, that a page takes in.
    private static let evidenceLimits = (each: 16 << 10, all: 600 << 10)

    /// A run as formats take it, read from its archive alone.
    static func report(of findings: Findings, _ directory: String) -> RunReport {
        RunReport(findings) {
            let archive = try Reporting.archive(directory)
            let (chart, latencies) = try ChartBuilder(archive, findings: findings).build()
            return RunReport.Details(chart: chart, latencies: latencies, evidence: Reporting.evidence(of: archive))
        }
    }

    private static func evidence(of archive: ArchiveReader) -> [EvidenceText] {
        var room = evidenceLimits.all
        return archive.events.compactMap { event in
            guard case .evidence(let file, let about) = event.what, room > 0, !file.contains(".."),
                let bytes = FileManager.default.contents(atPath: "\(archive.directory)/\(file)")
            else { return nil }
            let kept = bytes.prefix(min(room, evidenceLimits.each))
            room -= kept.count
            let cut = kept.count < bytes.count ? "\n… \(bytes.count - kept.count) more bytes in the archive" : ""
            return EvidenceText(file: file, about: about, text: String(decoding: kept, as: UTF8.self) + cut)
        }
    }

    /// Prints the report and writes `summary.json`.
    ///
    /// - Parameter trial: prints it alone.
    static func publish(
        _ findings: Findings, _ directory: String, only trial: Int? = nil, environment: [String: String]
    ) throws {
        let color = isatty(1) == 1 && environment["NO_COLOR"] == nil
        let text = TerminalReport(
            findings, directory: directory, color: color, only: trial, width: PageWidth(Console.columns(of: 1))
        ).text()
        print(text, terminator: "")
        // Last: a full disk must not keep the report from whoever waits for it.
        let summary = try SummaryJSON(findings).text()
        do {
            try Data(summary.utf8).write(to: URL(filePath: "\(directory)/summary.json"), options: .atomic)
        } catch {
            complain("peerquake: cannot write \(directory)/summary.json: \(error)")
        }
    }
}
