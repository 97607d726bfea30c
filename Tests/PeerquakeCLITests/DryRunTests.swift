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

        @Test("ends as the run would where a selector matches nothing, and where the last gateways would go")
        func refused() async throws {
            func dry(_ name: String, _ steps: String) async throws -> (code: Int32?, text: String) {
                let plan = try pair.folder.file(
                    "\(name).yaml", EmbeddedPair.planText(name, rate: "10/s", steps: steps))
                let told = try await pair.shell("$run --dry-run", plan: plan)
                return (told.exitCode, told.standardError)
            }
            let nothing = try await dry(
                "nothing", "- {id: gone, cordon: {cluster: west, nodes: {labels: {shelf: top}}}}")
            #expect(nothing.code == 4 && nothing.text.contains("gone: "), "\(nothing.text)")
            let kill = "kill-node: {cluster: west, nodes: {hosting: gateway}, how: power-off}"
            let last = try await dry("last", "- {id: kill, \(kill)}")
            #expect(
                last.code == 64 && last.text.contains("kill: kill-node: the last ready gateways run on "),
                "\(last.text)")
            let expected = try await dry("expected", "- {id: kill, expectOutage: true, \(kill)}")
            #expect(expected.code == 0, "\(expected.text)")
        }

        @Test("refuses a fact that no formula uses")
        func unused() async throws {
            let plan = try pair.folder.file("unused.yaml", Self.plan)
            let told = try await pair.shell("$run --dry-run --set gracePeriod=8s", plan: plan)
            #expect(told.exitCode == 64, "\(told.standardOutput)")
            let words =
                "--set: gracePeriod: no formula of this plan uses it; --set nodeMonitorGracePeriod=… changes the clusters"
            #expect(told.standardError.contains(words), "\(told.standardError)")
        }
    }
}
