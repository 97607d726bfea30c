import Foundation
import QuakeKube
import QuakeTestSupport
import Testing

extension OnEmbeddedClustersForLong {
    /// What a drain that does not finish does to a run, from kubectl's refusal to the exit code.
    @Suite("Drains that do not finish")
    struct DrainOutcomeTests {
        private let pair: EmbeddedPair

        init() throws { pair = try #require(EmbeddedPair.current) }

        private static let shell = """
            apiVersion: v1
            kind: Pod
            metadata: {name: debug-shell, namespace: default}
            spec:
              nodeName: west-worker
              containers: [{name: sh, image: busybox}]
              volumes: [{name: scratch, emptyDir: {}}]
            """

        private static let slowpoke = """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: slowpoke, namespace: default}
            spec:
              replicas: 1
              selector: {matchLabels: {app: slowpoke}}
              template:
                metadata: {labels: {app: slowpoke}}
                spec:
                  terminationGracePeriodSeconds: 12
                  containers:
                    - {name: web, image: nginx, lifecycle: {preStop: {sleep: {seconds: 10}}}}
            """

        private static let orders = """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: orders, namespace: default}
            spec:
              replicas: 2
              selector: {matchLabels: {app: orders}}
              template:
                metadata: {labels: {app: orders, tier: shop}}
                spec: {containers: [{name: web, image: nginx}]}
            """

        private static let budgets = ["app: orders", "tier: shop"].enumerated().map { index, labels in
            """
            apiVersion: policy/v1
            kind: PodDisruptionBudget
            metadata: {name: budget-\(index), namespace: default}
            spec: {maxUnavailable: 1, selector: {matchLabels: {\(labels)}}}
            """
        }.joined(separator: "\n---\n")

        private func plan(_ name: String, manifests: [String], drain: String, expect: String) throws -> String {
            var steps: [String] = []
            for (index, manifest) in manifests.enumerated() {
                _ = try pair.folder.file("\(name)-\(index).yaml", manifest)
                let until = manifest.contains("kind: Deployment") ? ready(manifest) : "\n    hold: 1500ms"
                steps.append("  - apply: {cluster: west, file: \(name)-\(index).yaml}\(until)")
            }
            return try pair.folder.file(
                "\(name).yaml",
                EmbeddedPair.planText(
                    name, rate: "10/s", keys: "expect: [\(expect)]",
                    steps: (steps + ["  - {id: drain, drain: \(drain)}"]).joined(separator: "\n")))
        }

        private func ready(_ manifest: String) -> String {
            let name = manifest.contains("slowpoke") ? "slowpoke" : "orders"
            let hosting = "{hosting: default/deployment/\(name), ready: \(name == "orders" ? 2 : 1)}"
            return "\n    until: {pods: \(hosting), within: 20s}"
        }

        private func run(_ plan: String, _ options: String = "") async throws -> (code: Int32?, text: String) {
            let result = try await pair.shell("$run \(options)", plan: plan)
            return (result.exitCode, result.standardOutput + result.standardError)
        }

        private static let onWorker = "{cluster: west, nodes: {names: [west-worker]}, timeout: 20s"

        @Test("refused ends with 4 and says which option allows it, unless the plan expects it")
        func refused() async throws {
            for (expect, code) in [
                ("{outcome: {step: drain, is: finished}}", Int32(4)), ("{outcome: {step: drain, is: refused}}", 0),
            ] {
                let plan = try plan("bare-\(code)", manifests: [Self.shell], drain: "\(Self.onWorker)}", expect: expect)
                let told = try await run(plan)
                #expect(told.code == code, "\(told.text)")
                #expect(
                    told.text.contains("drain: refused. default/debug-shell declares no controller"), "\(told.text)")
                #expect(told.text.contains("`force: true` allows it") && told.text.contains("use --force to override"))
                #expect(!told.text.contains("drain: blocked"))
            }
        }

        @Test("forced says in a dry run and in the report what nothing recreates")
        func forced() async throws {
            let kube = try pair.kube("west")
            // The other test's pod may still be terminating.
            let shell = Self.shell.replacing("debug-shell", with: "lone-shell")
            for object in try JSONValue.manifests(shell, file: "shell") { try await kube.apply(object) }
            let plan = try plan(
                "forced", manifests: [], drain: "\(Self.onWorker), force: true}",
                expect: "{outcome: {step: drain, is: finished}}")
            let lost = "west-worker: nothing makes default/lone-shell again (inverse: none)"
            let dry = try await run(plan, "--dry-run")
            #expect(dry.code == 0 && dry.text.contains(lost), "\(dry.text)")
            #expect(dry.text.contains("emptyDir volumes are lost with default/lone-shell"), "\(dry.text)")
            let refused = try await run(
                try self.plan(
                    "unforced", manifests: [], drain: "\(Self.onWorker)}",
                    expect: "{outcome: {step: drain, is: refused}}"), "--dry-run")
            #expect(refused.text.contains("kubectl will refuse: default/lone-shell declares no controller"))
            let told = try await run(plan)
            #expect(told.code == 0 && told.text.contains("drain: \(lost)"), "\(told.text)")
            let gone = await #expect(throws: KubeError.self) { try await kube.get(.pod("default", "lone-shell")) }
            #expect(gone?.code == .notFound)
        }

        @Test("under two budgets is blocked at once, with the server's sentence, and nothing else")
        func twoBudgets() async throws {
            let drain = "{cluster: west, nodes: {hosting: default/deployment/orders, count: 1}, timeout: 20s}"
            let plan = try plan(
                "two", manifests: [Self.orders, Self.budgets],
                drain: "\(drain), until: {drain: blocked, within: 20s}",
                expect: "{outcome: {step: drain, is: blocked}}")
            let told = try await run(plan)
            #expect(told.code == 0, "\(told.text)")
            #expect(told.text.contains("This pod has more than one PodDisruptionBudget"), "\(told.text)")
            #expect(told.text.contains("budgets budget-0, budget-1"), "\(told.text)")
            #expect(!told.text.contains("failed"), "\(told.text)")
        }

        @Test("held by a slow pod is timed out, and names it")
        func slow() async throws {
            let drain = "{cluster: west, nodes: {hosting: default/deployment/slowpoke, count: 1}, timeout: 3s}"
            let told = try await run(
                try plan(
                    "slow", manifests: [Self.slowpoke], drain: drain, expect: "{outcome: {step: drain, is: timed-out}}")
            )
            #expect(told.code == 0, "\(told.text)")
            #expect(told.text.contains(#/drain: timed-out\. default/slowpoke-.* with a grace period of 12 s/#))
            // It must not be on a node that the next test drains.
            let kube = try pair.kube("west")
            let deadline = ContinuousClock.now + .seconds(30)
            while try await !kube.list(.pods("default"), labels: "app=slowpoke").items.isEmpty {
                try #require(ContinuousClock.now < deadline)
                try await Task.sleep(for: .milliseconds(200))
            }
        }
    }
}
