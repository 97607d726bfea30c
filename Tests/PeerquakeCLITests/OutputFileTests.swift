import Foundation
import QuakeKube
import QuakeTestSupport
import Testing

extension OnEmbeddedClusters {
    /// Files that a run is asked for, through the built command.
    @Suite("Files next to a run's report")
    struct OutputFileTests {
        private static let formats = ["html", "junit", "markdown", "openmetrics", "json"]

        private let pair: EmbeddedPair

        init() throws { pair = try #require(EmbeddedPair.current) }

        private func options(_ folder: String) -> String {
            Self.formats.map { "--\($0) \(folder)/\($0)" }.joined(separator: " ")
        }

        @Test(
            "are written by run and soak, in every format, as report writes them afterwards",
            arguments: ["run", "soak"])
        func written(command: String) async throws {
            let folder = try TemporaryDirectory()
            let (first, again) = ("\(folder.path)/first", "\(folder.path)/again")
            let lasting = command == "soak" ? "${run/peerquake run/peerquake soak} --for 20s" : "$run"
            // Whatever came out of it: on a busy machine there may be no clean stretch.
            let result = try await pair.shell(
                """
                mkdir \(first) \(again)
                \(lasting) \(options(first))
                code=$?
                $peerquake report $out \(options(again)) >$out/again.txt
                [ $? -eq $code ] && [ $code -eq 0 -o $code -eq 2 ] || exit 98
                for name in \(Self.formats.joined(separator: " ")); do
                    [ -s \(first)/$name ] && cmp \(first)/$name \(again)/$name >&2 || exit 99
                done
                cmp $out/report.html \(first)/html >&2 && cmp $out/summary.json \(first)/json >&2
                """, plan: try pair.cordon(hold: "300ms"))
            #expect(result.exitCode == 0, "\(result.standardError)")
            #expect(result.standardOutput.contains("  cordon: "), "\(result.standardOutput)")
            #expect(try String(contentsOfFile: "\(first)/junit", encoding: .utf8).contains("<testsuite name=\"cordon"))
        }

        @Test(
            "that can no longer be written are named, the report and the others are written anyway, and it exits with 70"
        )
        func unwritable() async throws {
            let folder = try TemporaryDirectory()
            let (lost, kept) = ("\(folder.path)/lost", "\(folder.path)/kept")
            let result = try await pair.shell(
                """
                mkdir \(lost)
                $run --junit \(lost)/junit.xml --markdown \(kept) & process=$!
                until [ -e $out/run.sqlite ]; do sleep 0.1; done
                rm -r \(lost)
                wait $process
                """, plan: try pair.cordon(hold: "1s"))
            #expect(result.exitCode == 70, "\(result.standardError)")
            #expect(
                result.standardError.contains("peerquake: --junit: cannot write \(lost)/junit.xml"),
                "\(result.standardError)")
            #expect(result.standardOutput.contains("  cordon: "), "\(result.standardOutput)")
            #expect(try String(contentsOfFile: kept, encoding: .utf8).hasPrefix("### Peerquake: cordon "))
        }
    }
}
