import Foundation
import QuakeKube
import QuakeTestSupport
import Testing

extension OnEmbeddedClusters {
    /// `run --dry-run` beside the run itself.
    @Suite("A dry run")
    struct DryRunTests {
        private let pair: EmbeddedPair

        init() throws { pair = try #require(EmbeddedPair.current) }

        private static let plan = EmbeddedPair.planText(
            "chosen", rate: "10/s", keys: "seed: 7",
            steps: """
                - {id: first, cordon: {cluster: west, nodes: {role: worker, count: 1}}}
                - parallel:
                    - {id: second, cordon: {cluster: east, nodes: {role: worker, count: 1}}}
                    - {id: third, cordon: {cluster: west, nodes: {role: worker, count: 2}}}
                - uncordon: {step: first}
                - {id: restart, rollout-restart: {cluster: west, hosting: backend}}
                - {id: fourth, cordon: {cluster: west, nodes: {hosting: gateway, count: 1}}}
                """)

        @Test("names the nodes that the run then works on, repeat by repeat, and says what may change until then")
        func same() async throws {
            let plan = try pair.folder.file("chosen.yaml", Self.plan)
            let told = try await pair.shell("$run --dry-run --repeat 2", plan: plan)
            #expect(told.exitCode == 0, "\(told.standardError)")
            let run = try await pair.shell("$run --repeat 2", plan: plan)
            #expect([0, 1].contains(run.exitCode), "\(run.standardOutput)\(run.standardError)")
            for step in ["first", "second", "third"] {
                // "first on west: west-worker2", once a repeat.
                let done = run.standardError.matches(of: try Regex("\(step) on [a-z]+: ([a-z0-9, -]+)")).compactMap {
                    $0.output[1].substring.map { $0.trimmingCharacters(in: .whitespaces) }
                }
                try #require(done.count == 2, "\(run.standardError)")
                let line = try #require(
                    told.standardOutput.split(separator: "\n").first { $0.contains("\(step): cordon on ") })
                let expected = done[0] == done[1] ? done[0] : "\(done[0]) (repeat 1); \(done[1]) (repeat 2)"
                #expect(line.hasSuffix(": \(expected)"), "\(line), and the run chose \(done)")
            }
            let marked = told.standardOutput.contains(#/fourth: cordon on west: .* \(as of now\)/#)
            #expect(marked, "\(told.standardOutput)")
        }
    }
}
