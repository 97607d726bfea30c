import Foundation
import QuakeKube
import QuakeTestSupport
import Testing

extension OnEmbeddedClusters {
    /// Limits that are worked out from what the clusters are, from `validate` to the report.
    @Suite("A formula")
    struct FormulaRunTests {
        private let pair: EmbeddedPair

        init() throws { pair = try #require(EmbeddedPair.current) }

        private static func plan(_ name: String, expect: String, traffic: String = "") -> String {
            let text = EmbeddedPair.planText(
                name, rate: "50/s", keys: "vars: {margin: 5s}",
                steps: """
                    - id: kill
                      kill-node: {cluster: west, nodes: {carrying: echo}, how: power-off}
                      until: {node: NotReady, within: 60s}
                      hold: "2 * ${monitorPeriod}"
                    """)
            return text.replacing("hypothesis:", with: "\(traffic)hypothesis:") + "\nexpect:\n\(expect)\n"
        }

        @Test("is shown as it is written by validate, and as its value by a dry run and the report")
        func shown() async throws {
            let formula = "${gracePeriod} + ${monitorPeriod} + 5s"
            let plan = try pair.folder.file(
                "formula.yaml",
                Self.plan(
                    "formula",
                    expect: """
                          - recovery: "<= ${gracePeriod} + ${monitorPeriod} + ${margin}"
                            when: {step: kill, mesh: standin}
                          - {recovery: "<= ${tunnelGiveUp} + 1ms", when: {step: kill, mesh: istio}}
                        """))
            let validated = try await pair.shell("$peerquake validate \(plan)", plan: plan)
            #expect(validated.exitCode == 0, "\(validated.standardError)")
            let words = "recovery <= \(formula) when mesh standin, step kill"
            #expect(validated.standardOutput.contains(words), "\(validated.standardOutput)")
            #expect(validated.standardOutput.contains("kill: hold 2 * ${monitorPeriod}"))

            let dry = try await pair.shell("$run --dry-run", plan: plan)
            #expect(dry.exitCode == 0, "\(dry.standardError)")
            #expect(dry.standardOutput.contains("  hold 2s = 2 * ${monitorPeriod}"), "\(dry.standardOutput)")
            #expect(dry.standardOutput.contains("  recovery <= 10.0 s = \(formula)"), "\(dry.standardOutput)")
            #expect(dry.standardOutput.contains("the node that carries echo then, which only a run can tell"))

            let run = try await pair.shell("$run; code=$?; cat $out/summary.json; exit $code", plan: plan)
            #expect([0, 2].contains(run.exitCode), "\(run.standardOutput)\(run.standardError)")
            let text = run.standardOutput.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            #expect(text.contains("recovery <= 10.0 s = \(formula) when mesh standin, step kill"), "\(text)")
            let unmet = "n/a recovery <= 3.001 s = ${tunnelGiveUp} + 1ms when mesh istio, step kill"
            #expect(text.contains(unmet), "\(text)")
            #expect(text.contains("fact gracePeriod: 4s"), "\(text)")
            #expect(text.contains("carried traffic: "), "\(text)")
            #expect(text.contains(#""carriedTraffic" : true"#), "\(text)")
        }

        @Test("with a fact that is not one value ends with 64 and its place, and --set can say it")
        func unreadable() async throws {
            let back = "  - {name: back, url: \"http://echo.demo.mesh.internal:8080/\", from: west, to: east}\n"
            let plan = try pair.folder.file(
                "differing.yaml",
                Self.plan(
                    "differing", expect: "  - {recovery: \"<= ${gracePeriod} + 1s\", when: {step: kill}}", traffic: back
                ))
            let configs = BuiltCommand.root.appending(path: "kind-configs")
            let east = try String(contentsOf: configs.appending(path: "quick-east.yaml"), encoding: .utf8)
            let slower = try pair.folder.file(
                "slower.yaml",
                east.replacing("node-monitor-grace-period: 4s", with: "node-monitor-grace-period: 6s"))
            let dry =
                "$peerquake run \(plan) --env embedded --config \(slower) "
                + "--config \(configs.path)/quick-west.yaml --dry-run"
            let refused = try await pair.shell(dry, plan: plan)
            #expect(refused.exitCode == 64, "\(refused.standardOutput)\(refused.standardError)")
            let words = "recovery: ${gracePeriod} cannot be read: it is 6s in east and 4s in west"
            #expect(refused.standardError.contains("differing.yaml:"), "\(refused.standardError)")
            #expect(refused.standardError.contains(words), "\(refused.standardError)")
            let said = try await pair.shell("\(dry) --set gracePeriod=6s", plan: plan)
            #expect(said.exitCode == 0, "\(said.standardError)")
            #expect(said.standardOutput.contains("recovery <= 7.0 s = 6s + 1s"), "\(said.standardOutput)")
        }
    }
}
