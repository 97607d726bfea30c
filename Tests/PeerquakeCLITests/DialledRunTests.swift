import Foundation
import QuakeKube
import QuakeTestSupport
import Testing

extension OnEmbeddedClusters {
    /// `nodes: {dialled: …}`, from a dry run to the report.
    @Suite("Nodes that clients dial")
    struct DialledRunTests {
        private let pair: EmbeddedPair

        init() throws { pair = try #require(EmbeddedPair.current) }

        private func plan(_ selector: String) throws -> String {
            let text = EmbeddedPair.planText(
                "dialled", keys: "matrix: {peering: [NodePort]}",
                steps: """
                      - {id: known, wait: 2s}
                      - {id: cordon, cordon: {cluster: west, nodes: \(selector)}, hold: 1s}
                    """)
            return try pair.folder.file("dialled.yaml", text)
        }

        @Test("are selected by the client's target set via NodePort")
        func selected() async throws {
            let plan = try plan("{dialled: true}")
            let dry = try await pair.shell("$run --dry-run", plan: plan)
            #expect(dry.exitCode == 0, "\(dry.standardError)")
            #expect(dry.standardOutput.contains("the nodes of west that clients dial then, which only a run can tell"))
            let run = try await pair.shell("$run; code=$?; cat $out/summary.json; exit $code", plan: plan)
            #expect([0, 2].contains(run.exitCode), "\(run.standardOutput)\(run.standardError)")
            // Both gateways' nodes are dialled, and nothing else is.
            let others = try await pair.shell("$run", plan: self.plan("{hosting: gateway, dialled: false}"))
            #expect(others.exitCode == 4, "\(others.standardOutput)\(others.standardError)")
            let said = others.standardOutput + others.standardError
            let words = said.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            #expect(
                words.contains("no node that clients do not dial matches the selector; they dial west-"), "\(words)")
        }

        @Test("are refused with 64 via LoadBalancer, where clients dial no node")
        func refused() async throws {
            let plan = try plan("{dialled: true}")
            let run = try await pair.shell("$run --set peering=LoadBalancer", plan: plan)
            #expect(run.exitCode == 64, "\(run.standardOutput)")
            let words = "cordon: nodes: {dialled: true}: clients dial nodes of west only via NodePort"
            #expect(run.standardError.contains(words), "\(run.standardError)")
        }
    }
}
