import QuakeCluster
import QuakeEmbedded
import QuakeKube
import QuakePlan
import QuakeTestSupport
import Synchronization
import Testing

@Suite("Actions on workloads and flags, and their inverses", .serialized, .timeLimit(.minutes(3)))
struct WorkloadActionTests {
    @Test("set-node-monitor-grace-period, its inverse, and what it refuses")
    func gracePeriod() async throws {
        try await withBench { bench in
            let flag = SetNodeMonitorGracePeriod.flag
            let plane = EmbeddedControlPlane(bench.cluster.kube)
            let before = try await plane.controllerManagerFlags()
            try await bench.run(SetNodeMonitorGracePeriod(cluster: "test", to: .seconds(6), force: false))
            #expect(try await plane.controllerManagerFlags()[flag] == "6s")
            #expect(bench.log.inverses == [.setFlags([flag: "4s"])])
            try await bench.heal()
            #expect(try await plane.controllerManagerFlags() == before)
            let error = await #expect(throws: ClusterError.self) {
                try await bench.run(SetNodeMonitorGracePeriod(cluster: "test", to: .milliseconds(200), force: false))
            }
            #expect(error?.code == .unsupported)
        }
    }

    @Test("delete-pods takes as many as it says; others take their place")
    func deletePods() async throws {
        try await withBench { bench in
            let before = Set(try await bench.webPods().map(\.uid))
            try await bench.run(DeletePods(cluster: "test", hosting: Bench.web, count: 1))
            #expect(bench.log.inverses == [.none])
            try await bench.eventually("a new pod") {
                let now = try await bench.webPods()
                return now.count { PodView($0).isReady } == 2
                    && Set(now.map(\.uid)).intersection(before).count == 1
            }
        }
    }

    @Test("rollout-restart replaces every pod; its inverse puts the template back")
    func rolloutRestart() async throws {
        try await withBench { bench in
            let template = try await bench.cluster.kube.get(Bench.deployment)[path: "spec.template"]
            let before = Set(try await bench.webPods().map(\.uid))
            // Two nodes, and no two pods on one: room must be made before a new pod is placed.
            try await bench.cluster.kube.patch(
                Bench.deployment, ["spec": ["strategy": ["rollingUpdate": ["maxUnavailable": 1, "maxSurge": 0]]]])
            try await bench.run(RolloutRestart(cluster: "test", Bench.web))
            try await bench.eventually("new pods", within: 90) {
                let now = try await bench.webPods()
                return now.count { PodView($0).isReady } == 2
                    && Set(now.map(\.uid)).isDisjoint(with: before)
            }
            try await bench.heal()
            var restored = try await bench.cluster.kube.get(Bench.deployment)[path: "spec.template"]
            if restored?[path: "metadata.annotations"]?.objectValue?.isEmpty == true {
                restored?.set(nil, at: "metadata", "annotations")
            }
            #expect(restored == template)
        }
    }

    @Test("scale, and as many as before")
    func scale() async throws {
        try await withBench { bench in
            try await bench.run(ScaleWorkload(cluster: "test", Bench.web, replicas: 1))
            try await bench.eventually("one pod") { try await bench.webPods().count == 1 }
            try await bench.heal()
            try await bench.eventually("two pods") { try await bench.webPods().count == 2 }
        }
    }

    @Test("apply creates what is new and changes what is there; its inverse deletes and restores")
    func apply() async throws {
        let manifest = """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: old, namespace: shop, labels: {a: changed}}
            data: {k: new}
            ---
            apiVersion: v1
            kind: List
            items:
              - apiVersion: policy/v1
                kind: PodDisruptionBudget
                metadata: {name: fresh, namespace: shop}
                spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}
            """
        try await withBench { bench in
            let kube = bench.cluster.kube
            let path = ResourcePath(resource: "configmaps", namespace: "shop", name: "old")
            try await kube.apply([
                "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "old", "namespace": "shop"],
                "data": ["k": "v", "other": "kept"],
            ])
            try await bench.run(
                ApplyManifest(cluster: "test", file: "objects.yaml"),
                attachments: Attachments(["objects.yaml": .text(manifest)]))
            #expect(try await kube.get(path)["data"] == ["k": "new", "other": "kept"])
            #expect(try await kube.get(.pdbs("shop").named("fresh")).name == "fresh")
            try await bench.heal()
            let restored = try await kube.get(path)
            #expect(restored["data"] == ["k": "v", "other": "kept"])
            #expect(restored.labels.isEmpty)
            let gone = await #expect(throws: KubeError.self) { try await kube.get(.pdbs("shop").named("fresh")) }
            #expect(gone?.code == .notFound)
        }
    }
}
