import QuakeBase
import QuakeKube
import QuakeMesh
import QuakeMeshInstall
import Synchronization
import Testing

@testable import QuakeMeshAgent

@Suite("The stand-in's istiod, in several replicas", .serialized, .timeLimit(.minutes(3)))
struct IstiodTests {
    private static let manifests = MeshManifests(cluster: "test", tunings: MeshTunings(), token: "secret")
    private static let path = ResourcePath.deployment(MeshNames.gatewayNamespace, MeshNames.gateway)
    private static let budget = ResourcePath(
        group: "policy", version: "v1", resource: "poddisruptionbudgets", namespace: MeshNames.gatewayNamespace,
        name: MeshNames.gateway)
    private static let scaler = ResourcePath(
        group: "autoscaling", version: "v2", resource: "horizontalpodautoscalers",
        namespace: MeshNames.gatewayNamespace, name: MeshNames.gateway)

    /// What is installed before any istiod: all but the workloads.
    private static func prepare(_ kube: KubeClient) async throws {
        let left = ["Deployment", "Service"]
        for object in manifests.server + manifests.gateways where !left.contains(object.kind) {
            try await kube.apply(object)
        }
    }

    private static func changes(_ data: JSONValue) -> JSONValue {
        [
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": [
                "name": "practices", "namespace": .string(MeshNames.systemNamespace),
                "labels": [WellKnown.gatewayDefaults: .string(MeshNames.gatewayClass)],
            ],
            "data": data,
        ]
    }

    private static func eventually(
        _ what: String, within seconds: Int = 30, _ holds: () async throws -> Bool
    ) async throws {
        try await poll(until: what, within: .seconds(seconds), every: .milliseconds(50)) { () -> Look<Void> in
            try await holds() ? .met(()) : .notYet("not so")
        }
    }

    private static func find(_ path: ResourcePath, _ kube: KubeClient) async throws -> JSONValue? {
        try await kube.find(path)
    }

    @Test("builds a Gateway's objects, changes them as the ConfigMap of its class says, and prunes nothing")
    func builds() async throws {
        try await withCluster("kubectl") { _, kube in
            try await Self.prepare(kube)
            let controller = GatewayController(
                kube, pod: "istiod-a", namespace: MeshNames.gatewayNamespace, isConnected: { true })
            try await Self.eventually("a Deployment") { try await Self.find(Self.path, kube) != nil }
            try await Self.eventually("a Service") {
                try await Self.find(.service(MeshNames.gatewayNamespace, MeshNames.gateway), kube) != nil
            }
            let plain = try await kube.get(Self.path)
            #expect(plain[path: "spec.replicas"] == 2 && plain.annotations[GatewayBuild.record] == nil)
            let map = Self.changes([
                "deployment": "spec: {replicas: 3, template: {spec: {terminationGracePeriodSeconds: 20}}}",
                "podDisruptionBudget": "spec: {minAvailable: 1}",
                "horizontalPodAutoscaler": "spec: {minReplicas: 2, maxReplicas: 4}",
            ])
            try await kube.apply(map)
            try await Self.eventually("three replicas") {
                try await kube.get(Self.path)[path: "spec.replicas"] == 3
            }
            try await Self.eventually("an autoscaler") { try await Self.find(Self.scaler, kube) != nil }
            #expect(try await kube.get(Self.budget)[path: "spec.minAvailable"] == 1)
            #expect(try await kube.get(Self.path)[path: "spec.template.spec.terminationGracePeriodSeconds"] == 20)
            // A key that nobody knows: nothing is written, and the Gateway says why.
            try await kube.patch(
                .configMap(MeshNames.systemNamespace, "practices"), ["data": ["replicas": "3", "service": "{}"]])
            let gateway = ResourcePath(
                group: "gateway.networking.k8s.io", version: "v1", resource: "gateways",
                namespace: MeshNames.gatewayNamespace, name: MeshNames.gateway)
            try await Self.eventually("a problem") {
                try await kube.get(gateway).condition("Programmed") == "False"
            }
            let conditions = try await kube.get(gateway)[path: "status.conditions"]
            #expect(conditions?[0]?["message"]?.stringValue?.hasPrefix("unknown key \"replicas\"") == true)
            try await kube.delete(.configMap(MeshNames.systemNamespace, "practices"))
            try await Self.eventually("two replicas") {
                try await kube.get(Self.path)[path: "spec.replicas"] == 2
            }
            #expect(try await kube.get(Self.path)[path: "spec.template.spec.terminationGracePeriodSeconds"] == 30)
            for kept in [Self.budget, Self.scaler] { #expect(try await Self.find(kept, kube) != nil) }
            await controller.stop(gracefully: false)
        }
    }

    @Test("has one replica that writes, and another takes its place when it ends")
    func elects() async throws {
        try await withCluster("kubectl") { _, kube in
            try await Self.prepare(kube)
            let reaches = Mutex(true)
            let first = GatewayController(
                kube, pod: "istiod-a", namespace: MeshNames.gatewayNamespace,
                isConnected: { reaches.withLock { $0 } })
            let lease = ResourcePath.lease(MeshNames.systemNamespace, MeshNames.gatewayLease)
            try await Self.eventually("a leader") { try await Self.find(lease, kube) != nil }
            #expect(LeaseView(try await kube.get(lease)).holder == "istiod-a")
            try await Self.eventually("a Deployment") { try await Self.find(Self.path, kube) != nil }
            let second = GatewayController(
                kube, pod: "istiod-b", namespace: MeshNames.gatewayNamespace, isConnected: { true })
            // The first one's node falls off the network: it writes no more, and the second one is not elected yet.
            reaches.withLock { $0 = false }
            try await kube.apply(Self.changes(["deployment": "spec: {replicas: 3}"]))
            #expect(LeaseView(try await kube.get(lease)).holder == "istiod-a")
            #expect(try await kube.get(Self.path)[path: "spec.replicas"] == 2)
            reaches.withLock { $0 = true }
            await first.stop(gracefully: true)
            try await Self.eventually("the second one's work", within: 60) {
                try await kube.get(Self.path)[path: "spec.replicas"] == 3
            }
            #expect(LeaseView(try await kube.get(lease)).holder == "istiod-b")
            await second.stop(gracefully: true)
            #expect(try await Self.find(lease, kube) == nil)
        }
    }

    @Test("streams its targets from every replica")
    func streams() async throws {
        try await withCluster("kubectl") { _, kube in
            try await Self.prepare(kube)
            for object in Self.manifests.server where object.namespace == MeshNames.gatewayNamespace {
                try await kube.apply(object)
            }
            let network = SystemNetwork()
            let (sets, output) = AsyncStream<(Int, [String])>.makeStream()
            var replicas: [Istiod] = []
            var streams: [TargetStream] = []
            let host = "127.79.\(UInt8.random(in: 1...250))"
            for number in 1...2 {
                let address = "\(host).\(number)"
                let pod = PodIdentity(cluster: "test", node: "", pod: "istiod-\(number)", address: address)
                let settings = Istiod.Settings(
                    gatewayNamespace: MeshNames.gatewayNamespace, gatewayService: MeshNames.gateway, token: "secret")
                replicas.append(try await Istiod(pod, settings, kube: kube, on: network))
                let stream = TargetStream.Settings(
                    host: address, port: TargetStream.port, token: "secret", keepalive: .seconds(5),
                    keepaliveTimeout: .seconds(5))
                streams.append(TargetStream(stream, on: network) { output.yield((number, $0.map(\.node))) })
            }
            var known: [Int: [String]] = [:]
            let whole = ["test-worker", "test-worker2"]
            for await (number, nodes) in sets {
                known[number] = nodes
                if known == [1: whole, 2: whole] { break }
            }
            for stream in streams { stream.stop() }
            for replica in replicas { await replica.kill() }
        }
    }
}
