import Foundation
import QuakeKube
import QuakeTestSupport
import Testing

extension OnEmbeddedClustersForLong {
    /// Every condition on every action that the grammar allows it on: each must come about, or be refused with its place.
    @Suite("Conditions")
    struct ConditionTableTests {
        private let pair: EmbeddedPair

        init() throws { pair = try #require(EmbeddedPair.current) }

        private static let gateway = "{cluster: west, nodes: {hosting: gateway, count: 1}}"
        private static let workload = "kube-system/deployment/coredns"

        /// Action → its body, and what must come before it.
        private static let actions: [(name: String, body: String, before: String)] = [
            ("cordon", gateway, ""),
            ("uncordon", "{step: lock}", "  - {id: lock, cordon: \(gateway)}\n"),
            ("drain", "{cluster: west, nodes: {hosting: gateway, count: 1}, timeout: 30s}", ""),
            ("kill-node", "{cluster: west, nodes: {hosting: gateway, count: 1}}", ""),
            ("start-node", "{step: kill}", "  - {id: kill, kill-node: \(gateway), hold: 6s}\n"),
            ("restart-node", gateway, ""),
            ("blip-node", "{cluster: west, nodes: {hosting: gateway, count: 1}, length: 12s}", ""),
            ("upgrade-nodes", "{cluster: west, nodes: {hosting: gateway, count: 1}, pause: 0s}", ""),
            ("expire-nodepools", "{cluster: west, nodePools: [pool-a], provisioningTime: 1s}", ""),
            ("set-node-monitor-grace-period", "{cluster: west, to: 5s}", ""),
            ("delete-pods", "{cluster: west, hosting: backend, count: 1}", ""),
            ("rollout-restart", "{cluster: west, hosting: backend}", ""),
            ("scale", "{cluster: west, hosting: backend, replicas: 3}", ""),
            ("apply", "{cluster: west, file: budget.yaml}", ""),
            ("measure-propagation", "{cluster: west}", ""),
        ]

        private static let conditions = [
            "node: Ready", "node: NotReady", "node: Gone", "drain: finished", "drain: blocked",
            "pods: {hosting: gateway, ready: 2}", "pods: {hosting: gateway, pending: 0}",
            "endpoints: {hosting: gateway, ready: 2}",
        ]

        /// What the grammar allows, by action.
        private static func allowed(_ action: String, _ condition: String) -> Bool {
            let ofNodes = [
                "cordon", "uncordon", "drain", "kill-node", "start-node", "restart-node", "blip-node", "upgrade-nodes",
            ]
            switch condition {
            case "node: Ready": return ofNodes.contains(action)
            case "node: NotReady": return ["kill-node", "start-node", "blip-node"].contains(action)
            case "node: Gone": return action == "expire-nodepools"
            case "drain: finished", "drain: blocked":
                return ["drain", "upgrade-nodes", "expire-nodepools"].contains(action)
            default: return true
            }
        }

        private func file(_ name: String, _ steps: String) throws -> String {
            _ = try pair.folder.file(
                "budget.yaml",
                """
                apiVersion: policy/v1
                kind: PodDisruptionBudget
                metadata: {name: unrelated, namespace: demo}
                spec: {minAvailable: 0, selector: {matchLabels: {app: nobody}}}
                """)
            return try pair.folder.file("\(name).yaml", EmbeddedPair.planText("conditions", rate: "10/s", steps: steps))
        }

        @Test("are valid or refused with their place, action by action", arguments: actions.map(\.name))
        func table(action: String) async throws {
            let (_, body, before) = try #require(Self.actions.first { $0.name == action })
            for condition in Self.conditions {
                let steps = before + "  - \(action): \(body)\n    until: {\(condition), within: 30s}\n"
                let plan = try file("table-\(action)", steps)
                let result = try await Command([try BuiltCommand.path(), "validate", plan]).run(timeout: .seconds(90))
                let isAllowed = Self.allowed(action, condition)
                #expect(result.succeeded == isAllowed, "\(action) until \(condition): \(result.standardError)")
                guard !isAllowed else { continue }
                #expect(result.exitCode == 64)
                #expect(result.standardError.contains(#/table-[a-z-]+\.yaml:\d+:\d+: /#), "\(result.standardError)")
            }
        }

        /// All in one run: what comes about soon, and what is seen only while an action goes on.
        @Test("can be met wherever they are allowed", .timeLimit(.minutes(4)))
        func comeAbout() async throws {
            let gateways = "endpoints: {hosting: gateway, ready: 2}"
            let plan = try file(
                "come-about",
                """
                  - {id: lock, cordon: \(Self.gateway), until: {node: Ready, within: 10s}}
                  - {uncordon: {step: lock}, until: {node: Ready, within: 10s}}
                  - {id: emptied, drain: {cluster: west, nodes: {hosting: gateway, count: 1}},
                     until: {drain: finished, within: 40s}}
                  - wait-for: {step: emptied, drain: finished, within: 5s}
                  - wait-for: {step: emptied, node: Ready, within: 5s}
                  - {uncordon: {step: emptied}, until: {\(gateways), within: 30s}}
                  - {id: upgraded, upgrade-nodes: {cluster: west, nodes: {hosting: gateway, count: 1}, pause: 0s},
                     until: {drain: finished, within: 60s}}
                  - wait-for: {step: upgraded, drain: finished, within: 5s}
                  - wait-for: {cluster: west, \(gateways), within: 30s}
                  - {id: old, expire-nodepools: {cluster: west, nodePools: [pool-a], provisioningTime: 1s},
                     until: {node: Gone, within: 60s}}
                  - wait-for: {step: old, node: Gone, within: 5s}
                  - wait-for: {step: old, drain: finished, within: 5s}
                  - wait-for: {cluster: west, \(gateways), within: 30s}
                  - {blip-node: {cluster: west, nodes: {hosting: gateway, count: 1}, length: 8s},
                     until: {node: NotReady, within: 20s}}
                  - wait-for: {cluster: west, nodes: {role: worker}, node: Ready, within: 30s}
                  - {id: dead, kill-node: {cluster: west, nodes: {hosting: gateway, count: 1}},
                     until: {node: NotReady, within: 30s}}
                  - {start-node: {step: dead}, until: {node: Ready, within: 30s}}
                  - {scale: {cluster: west, hosting: backend, replicas: 3},
                     until: {pods: {hosting: demo/deployment/echo, ready: 3}, within: 30s}}
                  - wait-for: {cluster: west, endpoints: {hosting: demo/deployment/echo, ready: 3}, within: 30s}

                """)
            let result = try await pair.shell("$run", plan: plan)
            #expect(result.exitCode == 0, "\(result.standardOutput)\(result.standardError)")
        }

        /// The drain is over, and was never blocked: nothing is waited for any more.
        @Test("that can no longer be met end the wait at once")
        func over() async throws {
            let plan = try file(
                "over",
                """
                  - drain: {cluster: west, nodes: {hosting: gateway, count: 1}}
                    until: {drain: blocked, within: 110s}

                """)
            let result = try await pair.shell("$run", plan: plan)
            #expect(result.exitCode == 4, "\(result.standardOutput)\(result.standardError)")
            #expect(result.standardError.contains("the drain has ended: finished"), "\(result.standardError)")
        }
    }
}
