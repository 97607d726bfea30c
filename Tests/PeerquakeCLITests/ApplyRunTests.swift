import Foundation
import QuakeKube
import QuakeTestSupport
import Testing

extension OnEmbeddedClustersAtTheEnd {
    /// Plans that apply what people apply, through the built command and the kubectl on PATH.
    @Suite("A run that applies manifests")
    struct ApplyRunTests {
        private let pair: EmbeddedPair
        private static let folder = BuiltCommand.root.appending(path: "Tests/Apply").path

        init() throws { pair = try #require(EmbeddedPair.current) }

        /// The step's keys beside its cluster and its file.
        private func plan(_ file: String, _ keys: String = "", hold: String = "100ms") throws -> String {
            try pair.folder.file(
                "apply-\(UUID().uuidString).yaml",
                EmbeddedPair.planText(
                    "apply",
                    steps: "  - apply: {cluster: west, file: \(Self.folder)/\(file)\(keys)}\n    hold: \(hold)"
                ).replacing("availability: 90%", with: "availability: 0%"))
        }

        @Test(
            "ends with 64 and has changed nothing where the server does not have the kind",
            arguments: ["", "--dry-run"])
        func unknownKinds(option: String) async throws {
            for (file, object) in [
                (
                    "autoscaler.yaml",
                    "autoscaler.yaml:6:1: VerticalPodAutoscaler istio-eastwest/istio-eastwest: on west: "
                ),
                ("rule.yaml", "rule.yaml:1:1: DestinationRule demo/echo: on west: "),
            ] {
                let plan = try plan(file)
                try await pair.unchanged {
                    let result = try await pair.shell("$run \(option)", plan: plan)
                    #expect(result.exitCode == 64, "\(result.standardOutput)\(result.standardError)")
                    #expect(result.standardError.contains(object), "\(result.standardError)")
                }
            }
        }

        @Test("refuses server-side apply where there is none, and a generated name with its place")
        func refusals() async throws {
            let serverSide = try await pair.shell("$run", plan: try plan("list.yaml", ", serverSide: true"))
            #expect(serverSide.exitCode == 64)
            #expect(serverSide.standardError.contains("west has no server-side apply"), "\(serverSide.standardError)")
            let generated = try await pair.shell("$peerquake validate \(try plan("generated.yaml"))", plan: "none")
            #expect(generated.exitCode == 64)
            #expect(
                generated.standardError.contains("generated.yaml:8:26: metadata.generateName"),
                "\(generated.standardError)")
            let owned = try await pair.shell("$peerquake validate \(try plan("later.yaml"))", plan: "none")
            #expect(owned.exitCode == 64)
            #expect(owned.standardError.contains("later.yaml:2:1: Namespace \"fresh\""), "\(owned.standardError)")
        }

        @Test("applies lists, empty documents and configuration, and leaves nothing of them")
        func applied() async throws {
            for (file, keys) in [("list.yaml", ""), ("empties.yaml", ""), ("later.yaml", ", ownsNamespace: true")] {
                let plan = try plan(file, keys)
                try await pair.unchanged {
                    let told = try await pair.shell("$run --dry-run", plan: plan)
                    #expect(told.exitCode == 0, "\(told.standardError)")
                    #expect(told.standardOutput.contains("objects that it applies:"), "\(told.standardOutput)")
                    let result = try await pair.shell("$run", plan: plan)
                    // On a starved machine there is no verdict.
                    #expect([0, 2].contains(result.exitCode), "\(result.standardOutput)\(result.standardError)")
                }
            }
        }

        @Test("killed at any step of its journal, is recovered exactly; what others changed meanwhile stays")
        func recovered() async throws {
            let kube = try pair.kube("west")
            let chart = try await pair.shell(
                "kubectl --kubeconfig \(pair.kubeconfig) --context west apply -f \(Self.folder)/chart.yaml",
                plan: "none")
            try #require(chart.exitCode == 0, "\(chart.standardError)")
            let plan = try plan("stricter.yaml", hold: "10s")
            for transition in 1...2 {
                try await pair.unchanged {
                    let result = try await pair.shell(
                        """
                        PEERQUAKE_STOP_AT_TRANSITION=\(transition) $run; [ $? = 137 ] || exit 1
                        $peerquake recover $out
                        """, plan: plan)
                    #expect(result.exitCode == 0, "\(result.standardOutput)\(result.standardError)")
                }
            }
            let budget = ResourcePath.podDisruptionBudget("istio-eastwest", "istio-eastwest")
            let killed = try await pair.shell("PEERQUAKE_STOP_AT_TRANSITION=2 $run; echo $out", plan: plan)
            let directory = killed.standardOutput.split(separator: "\n").last.map(String.init) ?? ""
            #expect(try await kube.get(budget)["spec"]?["maxUnavailable"] == nil)
            try await kube.patch(budget, ["metadata": ["labels": ["theirs": "x"]], "spec": ["minAvailable": 1]])
            let recovered = try await pair.shell("$peerquake recover \(directory)", plan: "none")
            #expect(recovered.exitCode == 0, "\(recovered.standardError)")
            #expect(
                recovered.standardOutput.contains("left alone what others have changed since: spec.minAvailable"),
                "\(recovered.standardOutput)")
            let found = try await kube.get(budget)
            #expect(found.labels["theirs"] == "x" && found["spec"]?["minAvailable"] == 1)
            try await kube.delete(budget)
        }
    }
}
