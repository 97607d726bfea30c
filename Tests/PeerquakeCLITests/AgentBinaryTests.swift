import Foundation
import Testing

/// What the linker put into the agent's binary, by the names of modules in its symbols.
@Suite("The agent's binary")
struct AgentBinaryTests {
    private let bytes: Data

    init() throws { bytes = try Data(contentsOf: URL(filePath: BuiltCommand.path("peerquake-agent"))) }

    private func holds(_ text: String) -> Bool { bytes.range(of: Data(text.utf8)) != nil }

    @Test("holds the pod's side", arguments: ["QuakeMeshAgent", "QuakeProbePod", "QuakeProbe", "QuakeRecord"])
    func own(module: String) { #expect(holds("$s\(module.count)\(module)")) }

    @Test(
        "holds nothing of the runner's",
        arguments: [
            "QuakePlan", "QuakeTimeline", "QuakeCluster", "QuakePeering", "QuakeMeshInstall", "QuakeRemoteProbe",
            "QuakeRun", "QuakeArchive", "QuakeAnalysis", "QuakeReport", "QuakeEmbedded", "QuakeKind", "QuakeShell",
            "QuakeEnvironment",
        ])
    func foreign(module: String) { #expect(!holds("$s\(module.count)\(module)")) }

    /// Its Unicode tables are larger than everything else in the image.
    @Test("needs no Foundation next to FoundationEssentials")
    func foundation() {
        #expect(holds("libFoundationEssentials.so"))
        #expect(!holds("libFoundation.so") && !holds("lib_FoundationICU.so"))
    }
}
