import ArgumentParser
import Foundation
import QuakeAnalysis
import QuakeKube
import QuakeReport
import QuakeTestSupport
import QuakeTimeline
import Testing

@testable import peerquake

/// A format that no source file of the program knows.
private struct TallyFormat: ReportFormat {
    let name = "tally"

    var ofRun: FormatUse<RunReport> {
        .written(help: "Write the number of trials there too.") {
            "\($0.findings.trials.count) trial of \($0.findings.info.planName)\n"
        }
    }
}

extension Wiring {
    /// This process is no Peerquake: the built one guards its runs.
    fileprivate static func withTally() throws -> Wiring {
        Wiring(formats: .standard.adding(TallyFormat()), program: try BuiltCommand.path())
    }
}

@Suite("A format that a registry adds")
struct AddedFormatTests {
    @Test("is an option of every command that reports on a run")
    func help() throws {
        try Wiring.$current.withValue(.withTally()) {
            for command in [RunCommand.self, SoakCommand.self, ReportCommand.self] as [any ParsableCommand.Type] {
                let help = Peerquake.helpMessage(for: command, columns: 120)
                #expect(help.contains("--tally <tally>"), "\(help)")
                #expect(help.contains("Write the number of trials there too."))
            }
            let compare = Peerquake.helpMessage(for: CompareCommand.self, columns: 120)
            #expect(!compare.contains("--tally") && !compare.contains("--openmetrics") && compare.contains("--json"))
        }
        #expect(!Peerquake.helpMessage(for: ReportCommand.self, columns: 120).contains("--tally"))
    }

    @Test("without a meaning for a command is refused in a sentence", arguments: ["tally", "openmetrics"])
    func refused(name: String) throws {
        try Wiring.$current.withValue(.withTally()) {
            let error = #expect(throws: (any Error).self) {
                try Peerquake.parseAsRoot(["compare", "a", "--baseline", "b", "--\(name)", "file"])
            }
            let text = Peerquake.fullMessage(for: try #require(error))
            let reason = name == "tally" ? "it is made of a run" : "a comparison has no separate figures to monitor"
            #expect(text.contains("The value 'file' is invalid for '--\(name)': \(reason)"), "\(text)")
        }
    }

    @Test("is refused, as any, where its file cannot be written")
    func unwritable() throws {
        try Wiring.$current.withValue(.withTally()) {
            let error = #expect(throws: (any Error).self) {
                try Peerquake.parseAsRoot(["report", "a", "--tally", "/nonexistent/file"])
            }
            let text = Peerquake.fullMessage(for: try #require(error))
            #expect(text.contains("'--tally <tally>': there is no directory /nonexistent"), "\(text)")
        }
    }
}

extension OnEmbeddedClusters {
    @Suite("A format that a registry adds")
    struct AddedFormatRunTests {
        private let pair: EmbeddedPair

        init() throws { pair = try #require(EmbeddedPair.current) }

        @Test("writes its file after a run, and when the run is reported on again")
        func run() async throws {
            let folder = try TemporaryDirectory()
            let (out, file, again) = ("\(folder.path)/out", "\(folder.path)/file", "\(folder.path)/again")
            let run = [
                "run", try pair.cordon(hold: "300ms"), "--env", "embedded", "--kubeconfig", pair.kubeconfig, "--out",
                out, "--tally", file,
            ]
            let lines = [run, ["report", out, "--tally", again]]
            // A run sets the handling of signals, which this process has to keep.
            await #expect(processExitsWith: .exitCode(0)) { [lines = lines as [[String]]] in
                let wiring = try Wiring.withTally()
                for line in lines {
                    let code = await Main.run(line, wiring)
                    // 2 where the machine was too busy for a clean stretch: there is a report all the same.
                    guard [0, 2].contains(code) else { exit(code) }
                }
                exit(0)
            }
            let written = try String(contentsOfFile: file, encoding: .utf8)
            #expect(written == "1 trial of cordon\n")
            #expect(try String(contentsOfFile: again, encoding: .utf8) == written)
        }
    }
}
