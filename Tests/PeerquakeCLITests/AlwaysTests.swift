import Foundation
import QuakeKube
import QuakeTestSupport
import Testing

extension OnEmbeddedClustersAtTheEnd {
    /// A plan's `always`, through the built command.
    @Suite("What a plan does in any case")
    struct AlwaysTests {
        private let pair: EmbeddedPair

        init() throws { pair = try #require(EmbeddedPair.current) }

        private func plan(_ name: String, steps: String, always: String, abort: String = "") throws -> String {
            try pair.folder.file(
                "\(name).yaml",
                EmbeddedPair.planText(name, keys: "always: \(always)\n\(abort)", steps: steps))
        }

        private static let cordon = """
              - id: lock
                cordon: {cluster: west, nodes: {hosting: gateway, count: 1}}
            """

        @Test("is done after a step that failed, each of it however the one before ended")
        func afterAFailure() async throws {
            let plan = try plan(
                "after-failure",
                steps: Self.cordon + "\n    until: {pods: {hosting: gateway, ready: 9}, within: 1s}",
                always: "[{wait: 100ms}, {wait-for: {cluster: west, pods: {hosting: gateway, ready: 8}, within: 1s}}, "
                    + "{uncordon: {step: lock}}]")
            try await pair.unchanged {
                let result = try await pair.shell("$run", plan: plan)
                let said = result.standardOutput + result.standardError
                // The unmet condition alone would be 4.
                #expect(result.exitCode == 5, "\(said)")
                #expect(said.contains("always-1"), "\(said)")
                #expect(said.contains("always-2 (wait-for) failed"), "\(said)")
                #expect(said.contains("always-3"), "\(said)")
                #expect(said.contains("9 pods of gateway ready was not met"), "\(said)")
            }
        }

        @Test("is done after the first signal, and skipped after the second")
        func signals() async throws {
            let plan = try plan(
                "after-signals", steps: Self.cordon + "\n    hold: 100s",
                always: "[{wait: 3s}, {wait: 30s}, {wait: 1s}]")
            try await pair.unchanged {
                let result = try await pair.shell(
                    """
                    $run & process=$!
                    applied && kill -INT $process
                    sleep 5 && kill -INT $process
                    wait $process
                    """, plan: plan)
                let said = result.standardOutput + result.standardError
                #expect(result.exitCode == 5, "\(said)")
                #expect(said.contains("always-1 (wait): finished"), "\(said)")
                #expect(said.contains("always-2 (wait): cancelled"), "\(said)")
                #expect(said.contains("always-3 (wait): skipped"), "\(said)")
                #expect(said.contains("healed: uncordon west-"), "\(said)")
            }
        }

        @Test("is done after an abort")
        func afterAnAbort() async throws {
            let plan = try plan(
                "after-abort",
                steps: """
                      - scale: {cluster: west, hosting: backend, replicas: 0}
                        expectOutage: true
                        hold: 60s
                    """, always: "[{wait: 100ms}]", abort: "abort: {outage: 2s}")
            let result = try await pair.shell("$run", plan: plan)
            let said = result.standardOutput + result.standardError
            #expect(result.exitCode == 1, "\(said)")
            #expect(said.contains("always-1 (wait): finished"), "\(said)")
            #expect(said.contains("aborted"), "\(said)")
        }
    }
}
