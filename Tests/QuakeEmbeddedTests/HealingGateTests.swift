import Foundation
import QuakeArchive
import QuakeCluster
import QuakeEmbedded
import QuakeKube
import QuakePlan
import QuakeRun
import QuakeTestSupport
import QuakeTimeline
import Testing

@Suite("Healing an embedded cluster", .serialized, .timeLimit(.minutes(2)))
struct HealingGateTests {
    private func entry(_ id: Int, _ inverse: Inverse, of cluster: Cluster) throws -> JournalEntry {
        JournalEntry(
            id: id, cluster: "test", clusterUID: cluster.uid, action: "test", about: inverse.words,
            inverse: String(decoding: try JSONEncoder().encode(inverse), as: UTF8.self), status: .applied, trial: 0)
    }

    @Test("whose API server cannot be reached for a while continues when it is back")
    func gate() async throws {
        try await withBench { bench in
            let server = try #require(bench.cluster.kube.context.cluster.server.split(separator: "/").last)
            let parts = server.split(separator: ":")
            let gate = TCPGate(to: String(parts[0]), port: try #require(UInt16(parts[1])))
            defer { gate.stop() }
            var context = bench.cluster.kube.context
            context.cluster.server = "http://\(gate.address):\(gate.port)"
            var cluster = bench.cluster
            cluster.kube = KubeClient(context)
            cluster.power = EmbeddedPower(cluster.kube)

            let node = try bench.node("test-worker")
            try await bench.run(Cordon(targets), on: ["test-worker"])
            try await bench.run(KillNode(targets, how: .powerOff), on: ["test-worker"])
            let entries = [
                try entry(1, .uncordon(node: node.name, uid: node.uid), of: cluster),
                try entry(2, .restoreNode(node: node.name, uid: node.uid), of: cluster),
            ]
            gate.shut()
            let reached = cluster
            let healer = Healer(["test": { reached }], nodes: nil)
            let healing = Task { await healer.heal(entries, within: .seconds(60)) }
            try await bench.eventually("attempts that were refused") { gate.refused > 3 }
            #expect(try await !bench.power.isWhole("test-worker"))
            gate.open()
            #expect(await healing.value == [1: .healed, 2: .healed])
            #expect(try await bench.ready("test-worker") == "True")
            #expect(try await !bench.isCordoned("test-worker"))
        }
    }

    @Test("leaves alone what replaced the objects that the run had made or changed")
    func madeAnew() async throws {
        let manifest = """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: old, namespace: shop}
            data: {k: new}
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: fresh, namespace: shop}
            data: {k: new}
            """
        try await withBench { bench in
            let kube = bench.cluster.kube
            func path(_ name: String) -> ResourcePath { .configMap("shop", name) }
            func make(_ name: String, _ value: JSONValue) async throws {
                try await kube.apply([
                    "apiVersion": "v1", "kind": "ConfigMap",
                    "metadata": ["name": .string(name), "namespace": "shop"], "data": ["k": value],
                ])
            }
            try await make("old", "v")
            try await bench.run(
                ApplyManifest(cluster: "test", file: "objects.yaml"),
                attachments: Attachments(["objects.yaml": .text(manifest)]))
            let inverses = bench.log.inverses
            for name in ["old", "fresh"] {
                try await kube.delete(path(name))
                try await make(name, "somebody else's")
            }
            let cluster = bench.cluster
            let entries = try inverses.enumerated().map { try entry($0.offset + 1, $0.element, of: cluster) }
            let outcomes = await Healer(["test": { cluster }], nodes: nil).heal(entries, within: .seconds(20))
            #expect(outcomes == [1: .foreign, 2: .foreign])
            for name in ["old", "fresh"] { #expect(try await kube.get(path(name))["data"] == ["k": "somebody else's"]) }
        }
    }
}
