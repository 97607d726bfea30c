import Foundation
import QuakeAnalysis
import QuakeArchive
import QuakeKube
import QuakePlan
import QuakeTestSupport
import QuakeTimeline
import Testing

/// `loss: "<= 2s"`, which the built command does not know.
private struct LossClaim: TimeClaim, FaultExpectation {
    var limit: Comparison<Duration>

    static let key = "loss"
    static let help = ExpectationHelp("Bad slots as time.", values: [], example: #"{loss: "<= 2s"}"#)

    var limitOfValues: Comparison<Double> { limit.inSeconds }

    func value(of effect: LaneEffect, on place: String) -> JudgedValue? {
        let side = JudgedValue.Side(number: effect.loss.inSeconds)
        return JudgedValue(best: side, worst: side, FigureWords.seconds, place)
    }
}

extension OnEmbeddedClusters {
    @Suite("An expectation that a registry adds")
    struct AddedExpectationTests {
        private let pair: EmbeddedPair

        init() throws { pair = try #require(EmbeddedPair.current) }

        @Test("is judged on a run of embedded clusters; the command itself refuses it by its key")
        func judged() async throws {
            let plan = try pair.cordon(hold: "500ms")
            let more = "\nexpect: [{loss: \"<= 1m\"}, {loss: \"> 1m\", when: {step: cordon-1}}]\n"
            let refused = try pair.folder.file(
                "added.yaml", String(contentsOfFile: plan, encoding: .utf8) + more)
            try await pair.unchanged {
                let result = try await pair.shell(
                    """
                    $peerquake validate \(refused) 2>&1 | grep -o 'unknown key "loss"'
                    $run >$out.txt; code=$?
                    [ $code = 0 ] || [ $code = 2 ] || { cat $out.txt; exit $code; }
                    echo $out
                    """, plan: plan)
                #expect(result.exitCode == 0, "\(result.standardOutput)\(result.standardError)")
                let lines = result.standardOutput.split(separator: "\n").map(String.init)
                try #require(lines.count == 3 && lines[0] == #"unknown key "loss""# && lines[1] == lines[0])
                try check(ArchiveReader(directory: lines[2]), more)
            }
        }

        private func check(_ archive: ArchiveReader, _ more: String) throws {
            let registry = ExpectationRegistry(ExpectationRegistry.standard.declarations + [LossClaim.self])
            let read = try Plan.parse(archive.info.planSource + more, path: "added.yaml", expectations: registry)
            let verdicts = try Analyser(archive, plan: read).findings().verdicts
            #expect(verdicts.map(\.result) == [.pass, .fail])
            #expect(verdicts.map(\.claim) == ["loss <= 60.0 s", "loss > 60.0 s when step cordon-1"])
            #expect(verdicts.allSatisfy { $0.selected == 1 && $0.worst.hasSuffix("echo/new") })
        }
    }
}
