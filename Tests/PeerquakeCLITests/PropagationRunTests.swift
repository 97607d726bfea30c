import Foundation
import QuakeKube
import QuakeTestSupport
import Testing

extension OnEmbeddedClustersForLong {
    /// How soon a client knows of a change, with istiod and without.
    @Suite("Propagation")
    struct PropagationRunTests {
        private let pair: EmbeddedPair

        init() throws { pair = try #require(EmbeddedPair.current) }

        private struct Summary: Decodable {
            struct Trial: Decodable {
                var propagation: [Measured]?
            }
            struct Measured: Decodable {
                var step: String
                var direction: String
                var view: String
                var millis: [Double]
                var notBeforeMillis: [Double]
            }
            var trials: [Trial]
        }

        private static let target = "measure-propagation: {cluster: west, change: target, within: 3s}"
        private static let withoutIstiod =
            "scale: {cluster: west, hosting: istiod, replicas: 0}, "
            + "until: {endpoints: {hosting: istiod, ready: 0}, within: 20s}"
        private static let endpoint = "measure-propagation: {cluster: west, change: endpoint, within: 3s}"

        private func run(
            _ name: String, keys: String, _ steps: [String]
        ) async throws -> (result: (code: Int32?, text: String), measured: [Summary.Measured]) {
            let plan = try pair.folder.file(
                "\(name).yaml",
                EmbeddedPair.planText(
                    name, rate: "10/s", keys: keys, steps: steps.map { "  - \($0)" }.joined(separator: "\n")))
            let json = "\(pair.folder.path)/\(name).json"
            let result = try await pair.shell("$run", plan: plan, options: "--json \(json)")
            let data = try Data(contentsOf: URL(filePath: json))
            return (
                (result.exitCode, result.standardOutput + result.standardError),
                try JSONDecoder().decode(Summary.self, from: data).trials.first?.propagation ?? []
            )
        }

        @Test("via NodePort: a target is known while istiod lives, and an endpoint without it, too")
        func nodePort() async throws {
            try await pair.unchanged {
                let (result, measured) = try await run(
                    "propagation-nodeport",
                    keys: """
                        peering: NodePort
                        expect:
                          - {propagation: "<= 2s", when: {step: living}}
                          - {propagation: "> 2s", when: {step: dead}}
                          - {propagation: "<= 2900ms", when: {step: control}}
                        """,
                    [
                        "{id: living, \(Self.target)}",
                        "{id: gone, \(Self.withoutIstiod)}",
                        "{id: dead, \(Self.target)}", "{id: control, \(Self.endpoint)}",
                    ])
                #expect(result.code == 0, "\(result.text)")
                #expect(
                    measured.map { "\($0.step) \($0.direction) \($0.view)" } == [
                        "living added targets of east", "living removed targets of east", "dead added targets of east",
                        "control added echo/new",
                    ])
                #expect(measured.map(\.millis.count) == [1, 1, 0, 1], "\(measured)")
                #expect(measured.map(\.notBeforeMillis) == [[], [], [3000], []])
                #expect(result.text.contains("how soon changes were known"))
            }
        }

        @Test("a target is known although a node with istiod is dead, where there are three istiods")
        func threeIstiods() async throws {
            let manifest = BuiltCommand.root.appending(path: "Plans/manifests/istiod-3.yaml")
            _ = try pair.folder.file("istiod-3.yaml", try String(contentsOf: manifest, encoding: .utf8))
            let apart = "until: {pods: {hosting: istiod, ready: 3}, within: 30s}"
            let kill = "kill-node: {cluster: west, nodes: {hosting: istiod, role: worker, count: 1}}"
            try await pair.unchanged {
                let (result, measured) = try await run(
                    "propagation-three",
                    keys: """
                        peering: NodePort
                        expect: [{propagation: "<= 5s"}]
                        """,
                    [
                        "{id: place, apply: {cluster: west, file: istiod-3.yaml}, \(apart)}",
                        // The client's keepalive of 1 s + 1 s, and its attempts at the dead node, 3 s each.
                        "{id: kill, \(kill), until: {node: NotReady, within: 30s}, hold: 6s}",
                        "{id: target, measure-propagation: {cluster: west, within: 6s}}",
                    ])
                #expect(result.code == 0, "\(result.text)")
                #expect(measured.map(\.direction) == ["added", "removed"])
                #expect(measured.allSatisfy { $0.millis.count == 1 })
            }
        }

        @Test(
            "via LoadBalancer: the health check shows a target under the policy Local, and under Cluster nothing does")
        func loadBalancer() async throws {
            for policy in ["Local", "Cluster"] {
                let (result, measured) = try await run(
                    "propagation-\(policy.lowercased())",
                    keys: """
                        peering: LoadBalancer
                        externalTrafficPolicy: \(policy)
                        expect: [{propagation: "<= 2900ms"}]
                        """, ["{id: seen, \(Self.target)}"])
                #expect(result.code == (policy == "Local" ? 0 : 2), "\(result.text)")
                #expect(
                    measured.map { "\($0.direction) \($0.view)" }
                        == (policy == "Local" ? ["added health check of west", "removed health check of west"] : []),
                    "\(result.text)")
                let words =
                    "under externalTrafficPolicy Cluster the load balancer of west does not look at gateway pods"
                #expect(result.text.contains(words) == (policy == "Cluster"))
            }
        }

        @Test("leaves no pod behind where the run is killed in the middle and recovered")
        func recovered() async throws {
            let plan = try pair.folder.file(
                "propagation-killed.yaml",
                EmbeddedPair.planText(
                    "propagation-killed", rate: "10/s", keys: "peering: NodePort",
                    steps: """
                          - {id: gone, \(Self.withoutIstiod)}
                          - measure-propagation: {cluster: west, within: 60s}
                        """))
            try await pair.unchanged {
                let result = try await pair.shell(
                    """
                    $run &
                    for _ in $(seq 600); do
                        grep -aqs 'add pod' $out/journal.ndjson && break
                        sleep 0.1
                    done
                    sleep 1
                    kill -KILL $!
                    wait
                    $peerquake recover $out
                    """, plan: plan)
                #expect(result.exitCode == 0, "\(result.standardOutput)\(result.standardError)")
            }
        }
    }
}
