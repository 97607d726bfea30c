import QuakeCluster
import QuakeKube
import QuakePeering
import QuakePlan
import Synchronization
import Testing

@Suite("What others have done to nodes", .serialized, .timeLimit(.minutes(2)))
struct FoundNodeTests {
    private static let plan = """
        kind: Plan
        apiVersion: peerquake.dev/v1
        name: found
        clusters: [test, other]
        traffic: [{name: echo, url: "http://echo:8080/", from: other, to: test}]
        hypothesis: {baseline: 100ms}
        settle: 100ms
        steps:
          - id: take
            cordon: {cluster: test, nodes: {names: [test-worker, test-worker2]}}
          - id: give
            uncordon: {step: take}
        """

    @Test("is listed by a dry run, once for each choice of targets")
    func outline() async throws {
        try await withBench { bench in
            let plan = try Plan.parse(Self.plan, path: "found.yaml")
            func found() -> [String] {
                PlanOutline(plan, observers: ["test": bench.observer], peering: StandinPeering()).lines()
                    .filter { $0.contains("found") && !$0.hasPrefix("plan") }
            }
            #expect(found() == [])
            try await bench.cluster.kube.patch(
                .node("test-worker2"),
                ["spec": ["unschedulable": true, "taints": [["key": "dedicated", "effect": "NoSchedule"]]]])
            try await bench.eventually("seen cordoned") { try bench.node("test-worker2").isCordoned }
            #expect(found() == ["    found: test-worker2 (cordoned, tainted dedicated)"])
        }
    }

    @Test("is observed: taints as they come and go, without those that only repeat a cordon")
    func taints() async throws {
        try await withBench { bench in
            let seen = Mutex<[Observation]>([])
            let observer = ClusterObserver(bench.cluster, namespaces: []) { observation in
                seen.withLock { $0.append(observation) }
            }
            observer.start()
            defer { observer.stop() }
            try await observer.awaitSynced()
            func taints() -> [Observation] {
                seen.withLock { $0 }.filter { if case .nodeTaints = $0 { true } else { false } }
            }
            #expect(taints() == [])
            let kube = bench.cluster.kube
            try await kube.patch(
                .node("test-worker2"),
                ["spec": ["taints": [["key": "dedicated", "value": "a", "effect": "NoSchedule"]]]])
            let came = Observation.nodeTaints(node: "test-worker2", added: ["dedicated=a:NoSchedule"], removed: [])
            try await bench.eventually("the taint") { taints() == [came] }
            try await kube.patch(.node("test-worker2"), ["spec": ["taints": .null, "unschedulable": true]])
            let went = Observation.nodeTaints(node: "test-worker2", added: [], removed: ["dedicated=a:NoSchedule"])
            try await bench.eventually("its end") { taints() == [came, went] }
            try await bench.eventually("the cordon") {
                seen.withLock { $0.contains(.nodeUnschedulable(node: "test-worker2", true)) }
            }
            #expect(taints() == [came, went])
        }
    }
}
