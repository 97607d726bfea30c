import QuakeKube
import QuakeTestSupport
import Testing

extension OnEmbeddedClustersAtTheEnd {
    /// What a step that rolls a workload out waits for, and how it ends where the rollout does not.
    @Suite("Rollouts")
    struct RolloutOutcomeTests {
        private let pair: EmbeddedPair

        init() throws { pair = try #require(EmbeddedPair.current) }

        /// Three pods that may not share a node, on three workers: the fourth of a rollout finds none.
        private static let apart = """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: apart, namespace: default}
            spec:
              replicas: 3
              selector: {matchLabels: {app: apart}}
              template:
                metadata: {labels: {app: apart}}
                spec:
                  affinity:
                    podAntiAffinity:
                      requiredDuringSchedulingIgnoredDuringExecution:
                        - topologyKey: kubernetes.io/hostname
                          labelSelector: {matchLabels: {app: apart}}
                  containers: [{name: web, image: nginx}]
            """

        private static let together = apart.replacing("name: apart", with: "name: together")
            .replacing("app: apart", with: "app: together").replacing("replicas: 3", with: "replicas: 2")

        private func run(_ name: String, _ steps: [String], expect: String) async throws -> (code: Int32?, text: String)
        {
            let plan = try pair.folder.file(
                "\(name).yaml",
                EmbeddedPair.planText(
                    name, rate: "10/s", keys: "expect: [\(expect)]",
                    steps: steps.map { "  - \($0)" }.joined(separator: "\n")))
            let result = try await pair.shell("$run", plan: plan)
            return (result.exitCode, result.standardOutput + result.standardError)
        }

        /// Makes a Deployment, and deletes it when `body` is over.
        private func with(_ manifest: String, _ name: String, _ body: () async throws -> Void) async throws {
            let kube = try pair.kube("west")
            for object in try JSONValue.manifests(manifest, file: name) { try await kube.apply(object) }
            try await body()
            try await kube.delete(.deployment("default", name))
        }

        @Test(
            "that cannot finish are stalled and name the pod that is Pending, with an until and without",
            arguments: [
                "within: 6s}", "}, until: {pods: {hosting: default/deployment/apart, ready: 3}, within: 6s}",
                "}, until: {endpoints: {hosting: default/deployment/apart, ready: 3}, within: 6s}",
                "}, until: {rollout: complete, within: 6s}",
            ])
        func stalled(end: String) async throws {
            try await with(Self.apart, "apart") {
                let restart = "{id: restart, rollout-restart: {cluster: west, hosting: default/deployment/apart"
                let told = try await run(
                    "stalled",
                    [
                        "{id: settled, wait-for: {cluster: west, pods: {hosting: default/deployment/apart, ready: 3}, within: 20s}}",
                        "\(restart)\(end.hasPrefix("}") ? "" : ", ")\(end)}",
                    ], expect: "{outcome: {step: restart, is: finished}}")
                // A finding, which the plan's expectation judges: no failure of the run.
                #expect(told.code == 1, "\(told.text)")
                #expect(
                    told.text.contains(
                        #/restart: stalled\. deployments\/apart: 1 of 3 replicas are updated; apart-\S+ is Pending: 0\/4 nodes/#
                    ),
                    "\(told.text)")
            }
        }

        @Test("that finish are waited for: the next step finds the new pods available")
        func complete() async throws {
            try await with(Self.together, "together") {
                let told = try await run(
                    "complete",
                    [
                        "{id: settled, wait-for: {cluster: west, pods: {hosting: default/deployment/together, ready: 2}, within: 20s}}",
                        "{id: restart, rollout-restart: {cluster: west, hosting: default/deployment/together}}",
                        "{id: scale, scale: {cluster: west, hosting: default/deployment/together, replicas: 3}}",
                        "{id: there, wait-for: {cluster: west, pods: {hosting: default/deployment/together, ready: 3}, within: 100ms}}",
                    ],
                    expect: "{outcome: {step: restart, is: finished}}, {outcome: {step: scale, is: finished}}")
                #expect(told.code == 0, "\(told.text)")
            }
        }
    }
}
