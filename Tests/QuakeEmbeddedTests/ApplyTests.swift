import Foundation
import QuakeCluster
import QuakeKube
import QuakePlan
import Synchronization
import Testing

/// `apply` on an embedded cluster, by the kubectl of today and by Debian's.
@Suite("Applying manifests", .serialized, .timeLimit(.minutes(5)))
struct ApplyTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let binaries: [String] = {
        let named = ["PEERQUAKE_KUBECTL_NEW", "PEERQUAKE_KUBECTL_OLD"].compactMap { environment[$0] }
        return named.isEmpty ? ["kubectl"] : named
    }()
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Apply")

    private static func text(_ file: String) throws -> String {
        try String(contentsOf: folder.appending(path: file), encoding: .utf8)
    }

    /// As somebody did by hand before the run.
    private static func prepare(_ file: String, on cluster: Cluster) async throws {
        let result = try await cluster.kubectl.run(["apply", "-f", folder.appending(path: file).path])
        try #require(result.succeeded, "\(result.standardError)")
    }

    private static func apply(
        _ file: String, on bench: Bench, text: String? = nil
    ) async throws -> ActionOutcome {
        let text = try text ?? Self.text(file)
        return try await bench.run(
            ApplyManifest(cluster: "test", file: file), attachments: Attachments([file: .text(text)]))
    }

    private static let pool = ResourcePath(group: "karpenter.sh", resource: "nodepools", name: "edge-pool")

    @Test("that change a custom resource merge three ways, and are undone field by field", arguments: binaries)
    func customResource(binary: String) async throws {
        try await withBench(binary) { bench in
            try await Self.prepare("pool.yaml", on: bench.cluster)
            let kube = bench.cluster.kube
            let before = try await kube.get(Self.pool)
            #expect(try await Self.apply("pool-short.yaml", on: bench) == .finished)
            let after = try await kube.get(Self.pool)
            #expect(after[path: "spec.template.spec.expireAfter"] == "10m")
            // Fields that the new manifest no longer has are gone, as kubectl has it.
            #expect(after[path: "spec.template.spec.terminationGracePeriod"] == nil)
            #expect(after[path: "spec.disruption.budgets"]?.arrayValue?.count == 1)
            #expect(bench.log.faults.withLock { $0 } == [["edge-pool"]])
            try await bench.heal()
            let healed = try await kube.get(Self.pool)
            #expect(ObjectDifference.essence(of: healed) == ObjectDifference.essence(of: before))
            #expect(healed.uid == before.uid)
        }
    }

    @Test(
        "over a budget of the chart leave one limit, as kubectl does; a second time they are not a fault",
        arguments: binaries)
    func budget(binary: String) async throws {
        try await withBench(binary) { bench in
            let kube = bench.cluster.kube
            try await kube.apply(["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "istio-eastwest"]])
            try await Self.prepare("chart.yaml", on: bench.cluster)
            let path = ResourcePath.podDisruptionBudget("istio-eastwest", "istio-eastwest")
            let before = try await kube.get(path)
            _ = try await Self.apply("stricter.yaml", on: bench)
            let spec = try await kube.get(path)["spec"]
            #expect(spec?["minAvailable"] == 2 && spec?["maxUnavailable"] == nil)
            try await bench.heal()
            let healed = try await kube.get(path)
            #expect(ObjectDifference.essence(of: healed) == ObjectDifference.essence(of: before))

            let configuration =
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: same, namespace: shop}\ndata: {a: b}\n"
            _ = try await Self.apply("same.yaml", on: bench, text: configuration)
            let told = bench.log.faults.withLock { $0.count }
            _ = try await Self.apply("same.yaml", on: bench, text: configuration)
            #expect(bench.log.faults.withLock { $0.count } == told)
        }
    }

    @Test("are undone exactly though the run was killed in the call", arguments: binaries)
    func killed(binary: String) async throws {
        try await withBench(binary) { bench in
            let kube = bench.cluster.kube
            try await Self.prepare("pool.yaml", on: bench.cluster)
            try await Self.prepare("list.yaml", on: bench.cluster)
            let budget = ResourcePath.podDisruptionBudget("default", "two")
            let before = [try await kube.get(Self.pool), try await kube.get(budget)]
            bench.log.learns.withLock { $0 = false }
            _ = try await Self.apply("pool-short.yaml", on: bench)
            let changed = try Self.text("list.yaml").replacing("maxUnavailable: 1", with: "minAvailable: 1")
            _ = try await Self.apply("list.yaml", on: bench, text: changed)
            _ = try await Self.apply("empties.yaml", on: bench)
            try await bench.heal()
            let after = [try await kube.get(Self.pool), try await kube.get(budget)]
            #expect(after.map(ObjectDifference.essence) == before.map(ObjectDifference.essence))
            #expect(try await kube.find(.configMap("default", "after-empty")) == nil)
        }
    }

    @Test("leave what others changed meanwhile, and what others made under the same name")
    func foreign() async throws {
        try await withBench { bench in
            let kube = bench.cluster.kube
            try await Self.prepare("pool.yaml", on: bench.cluster)
            _ = try await Self.apply("pool-short.yaml", on: bench)
            try await kube.patch(
                Self.pool,
                ["metadata": ["labels": ["theirs": "x"]], "spec": ["template": ["spec": ["expireAfter": "5m"]]]])
            let inverse = try #require(bench.log.inverses.last)
            let result = try await inverse.revert(on: bench.cluster)
            #expect(result == .partly(left: ["spec.template.spec.expireAfter"]))
            let healed = try await kube.get(Self.pool)
            #expect(healed.labels["theirs"] == "x")
            #expect(healed[path: "spec.template.spec.expireAfter"] == "5m")
            #expect(healed[path: "spec.template.spec.terminationGracePeriod"] == "1h")

            _ = try await Self.apply("empties.yaml", on: bench)
            let made = ResourcePath.configMap("default", "after-empty")
            try await kube.delete(made)
            try await kube.create(
                ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "after-empty"]], at: made)
            #expect(try await bench.log.inverses.last?.revert(on: bench.cluster) == .foreign)
            #expect(try await kube.find(made) != nil)
        }
    }

    @Test("make a namespace and what is in it, and take both away again", arguments: binaries)
    func namespace(binary: String) async throws {
        try await withBench(binary) { bench in
            let kube = bench.cluster.kube
            _ = try await Self.apply("later.yaml", on: bench)
            #expect(try await kube.find(.configMap("fresh", "in-it")) != nil)
            let inverses = bench.log.inverses
            // Newest first, each gone before the next.
            for (place, inverse) in inverses.enumerated().reversed() {
                #expect(try await inverse.revert(on: bench.cluster) == .done, "\(place)")
            }
            #expect(try await kube.find(.namespace("fresh")) == nil)
            #expect(inverses.count == 4)
        }
    }

    @Test("that kubectl refuses end as a fault that was not injected, with the place of the object")
    func refused() async throws {
        try await withBench { bench in
            let error = await #expect(throws: ClusterError.self) { try await Self.apply("rule.yaml", on: bench) }
            #expect(error?.code == .failed)
            #expect(
                error?.message.contains("rule.yaml:1:1: DestinationRule demo/echo") == true,
                "\(String(describing: error))")
            let invalid = try Self.text("stricter.yaml").replacing("namespace: istio-eastwest", with: "namespace: shop")
                .replacing("minAvailable: 2", with: "minAvailable: -2")
            let second = await #expect(throws: ClusterError.self) {
                try await Self.apply("s.yaml", on: bench, text: invalid)
            }
            #expect(second?.message.contains("s.yaml:2:1: PodDisruptionBudget shop/istio-eastwest: ") == true)
            #expect(bench.log.faults.withLock { $0.isEmpty })
            let serverSide = ApplyManifest(cluster: "test", file: "a", serverSide: true)
            #expect(try await serverSide.refusal(on: bench.cluster)?.code == .unsupported)
            #expect(try await ApplyManifest(cluster: "test", file: "a").refusal(on: bench.cluster) == nil)
        }
    }

    // MARK: - Before a run

    private static func findings(_ files: [String], on bench: Bench) async throws -> [ManifestTrials.Finding] {
        var attachments: [String: Attachments.Content] = [:]
        for file in files { attachments[file] = .text(try text(file)) }
        let steps = files.map { "  - apply: {cluster: test, file: \($0), ownsNamespace: true}" }
        let plan = try Plan.parse(
            """
            kind: Plan
            apiVersion: peerquake.dev/v1
            name: tried
            clusters: [east, test]
            traffic:
              - {name: echo, url: "http://echo/", from: east, to: test, rate: 10/s, connections: [new]}
            steps:
            \(steps.joined(separator: "\n"))
            """, path: "plans/tried.yaml", attachments: Attachments(attachments))
        return try await ManifestTrials(plan, on: ["test": bench.cluster]).run()
    }

    @Test("are tried before a run, each object, and what is refused is named with its place", arguments: binaries)
    func tried(binary: String) async throws {
        try await withBench(binary) { bench in
            let accepted = try await Self.findings(["list.yaml", "empties.yaml", "pool.yaml"], on: bench)
            #expect(accepted.count == 4 && !accepted.contains { $0.isRefused }, "\(accepted.map(\.words))")
            let refused = try await Self.findings(["autoscaler.yaml", "rule.yaml", "stricter.yaml"], on: bench)
            #expect(
                refused.filter(\.isRefused).map(\.words) == [
                    "plans/autoscaler.yaml:6:1: VerticalPodAutoscaler istio-eastwest/istio-eastwest: on test: "
                        + "the server has no kind \"VerticalPodAutoscaler\" in version \"autoscaling.k8s.io/v1\"",
                    "plans/rule.yaml:1:1: DestinationRule demo/echo: on test: "
                        + "the server has no kind \"DestinationRule\" in version \"networking.istio.io/v1\"",
                    "plans/stricter.yaml:2:1: PodDisruptionBudget istio-eastwest/istio-eastwest: on test: "
                        + "namespaces \"istio-eastwest\" not found",
                ])
            #expect(refused.count == 4)
            #expect(try await bench.cluster.kube.find(.configMap("default", "first")) == nil)
        }
    }

    @Test("are not tried where something that is applied before makes them possible")
    func notTried() async throws {
        try await withBench { bench in
            let found = try await Self.findings(["later.yaml", "rule.yaml", "pod.yaml"], on: bench)
            #expect(!found.contains { $0.isRefused }, "\(found.map(\.words))")
            let notTried = found.filter { if case .notTried = $0.verdict { true } else { false } }.map(\.words)
            #expect(notTried.count == 3, "\(notTried)")
            #expect(
                notTried.first?.hasSuffix("ConfigMap fresh/in-it: on test: not tried: its namespace is applied before")
                    == true)
            #expect(
                notTried.dropFirst().first?.contains("not tried: its CustomResourceDefinition is applied before")
                    == true)
            #expect(notTried.last?.hasSuffix("not tried: worker is applied before") == true)
            // The other way round nothing makes them possible.
            let before = try await Self.findings(["rule.yaml", "later.yaml"], on: bench)
            #expect(before.first?.isRefused == true)
        }
    }
}
