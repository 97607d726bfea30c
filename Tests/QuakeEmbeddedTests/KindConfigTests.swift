import Foundation
import QuakeKube
import QuakeSim
import Testing

@testable import QuakeEmbedded

/// Embedded clusters and, recorded by `scripts/record-kind-configs`, kind's own of the same configurations.
@Suite("kind configurations, next to kind's own clusters", .timeLimit(.minutes(3)))
struct KindConfigTests {
    static let files = [
        "01-one-node", "02-labels", "03-networking", "04-gates", "05-order", "06-image", "07-lists", "08-other-version",
        "09-mappings", "10-taints", "11-both-levels", "12-removals",
    ]

    private static func file(_ name: String) throws -> Data {
        let folder = try #require(
            Bundle.module.url(forResource: "kind-configs", withExtension: nil, subdirectory: "Fixtures"))
        return try Data(contentsOf: folder.appending(path: name))
    }

    private static func taint(_ taint: JSONValue) -> String {
        let value = taint["value"]?.stringValue.map { "=\($0)" } ?? ""
        return "\(taint["key"]?.stringValue ?? "")\(value):\(taint["effect"]?.stringValue ?? "")"
    }

    @Test("labels, taints, versions and the controller manager's flags agree", arguments: files)
    func agree(name: String) async throws {
        let recorded = try JSONValue(parsing: Self.file("recorded.json"))
        let expected = try #require(recorded["clusters"]?["\(name).yaml"])
        let text = String(decoding: try Self.file("\(name).yaml"), as: UTF8.self)
        let cluster = await InProcessAPI(try ClusterShape.parse(text, file: name))
        let nodes = await cluster.list("/api/v1/nodes")
        #expect(nodes.map(\.name).sorted() == expected["nodes"]?.objectValue?.keys.sorted())
        for node in nodes {
            let wanted = expected["nodes"]?[node.name]
            #expect(node.labels == wanted?["labels"]?.stringMembers, "\(node.name)")
            let taints = NodeView(node).taints.map(Self.taint)
            #expect(taints.sorted() == (wanted?["taints"]?.arrayValue ?? []).compactMap(\.stringValue), "\(node.name)")
            #expect(node[path: "status.nodeInfo.kubeletVersion"] == wanted?["version"], "\(node.name)")
        }
        let pods = await cluster.list("/api/v1/namespaces/kube-system/pods")
        let manager = try #require(pods.first { $0.name.hasPrefix("kube-controller-manager") })
        // kind takes the flags of a mapping in any order.
        let command = (manager[path: "spec.containers"]?[0]?["command"]?.arrayValue ?? []).compactMap(\.stringValue)
        let wanted = (expected["controllerManager"]?.arrayValue ?? []).compactMap(\.stringValue)
        #expect(command.sorted() == wanted.sorted())
        await cluster.stop()
    }

    private func shape(_ body: String) throws -> ClusterShape {
        try ClusterShape.parse("kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nname: c\n\(body)\n", file: "c.yaml")
    }

    @Test(
        "the grace period follows the control plane's version, unless it is given",
        arguments: [("v1.31.4", 40), ("v1.32.0", 50), ("v1.36.2", 50), ("v1.28.0", 40)])
    func gracePeriod(version: String, seconds: Int) async throws {
        let shape = try shape("nodes: [{image: \"kindest/node:\(version)\"}]")
        #expect(shape.timings.gracePeriod == .seconds(seconds))
        let cluster = await InProcessAPI(shape)
        #expect(await cluster.get("/version")["gitVersion"] == .string(version))
        #expect(await cluster.list("/api/v1/nodes").first?[path: "status.nodeInfo.kubeletVersion"] == .string(version))
        await cluster.stop()
        let given = try self.shape(
            "nodes: [{image: \"kindest/node:\(version)\"}]\nkubeadmConfigPatches:\n- |\n  kind: ClusterConfiguration\n"
                + "  controllerManager: {extraArgs: {node-monitor-grace-period: 16s, node-monitor-period: 500ms}}")
        #expect(given.timings.gracePeriod == .seconds(16) && given.timings.monitorPeriod == .milliseconds(500))
    }

    @Test("a changed flag is on the controller manager's command line, and goes when it is restored")
    func changedFlag() async throws {
        let cluster = await InProcessAPI(try shape(""))
        func command() async -> [String] {
            let pods = await cluster.list("/api/v1/namespaces/kube-system/pods")
            let manager = pods.first { $0.name.hasPrefix("kube-controller-manager") }
            return (manager?[path: "spec.containers"]?[0]?["command"]?.arrayValue ?? []).compactMap(\.stringValue)
        }
        let before = await command()
        try await cluster.core.setManagerFlags(["node-monitor-grace-period": "16s"])
        #expect(await command() == before + ["--node-monitor-grace-period=16s"])
        try await cluster.core.setManagerFlags(["node-monitor-grace-period": "50s"])
        #expect(await command() == before)
        await cluster.stop()
    }

    @Test("a duration of more than 292 years is refused, as a flag and as a label")
    func tooLong() async throws {
        let cluster = await InProcessAPI(try shape(""))
        for text in ["99999999999h", "0s", "-1s", "soon"] {
            await #expect(throws: APIStatus.self) {
                try await cluster.core.setManagerFlags(["node-monitor-grace-period": text])
            }
            #expect(throws: EmbeddedError.self) {
                try shape("nodes: [{labels: {peerquake.dev/controller-manager-restart: \"\(text)\"}}]")
            }
        }
        await cluster.stop()
    }

    @Test("what has no effect here is reported in one line")
    func meaningless() throws {
        let shape = try shape(
            "networking: {apiServerPort: 36443, kubeProxyMode: ipvs}\nnodes:\n- extraMounts: [{hostPath: /a, containerPath: /b}]\n"
                + "- {role: worker, extraMounts: []}")
        #expect(
            shape.warnings == [
                "c.yaml:4:14: warning: without effect on an embedded cluster: networking.apiServerPort (line 4), "
                    + "networking.kubeProxyMode (line 4), extraMounts (lines 6, 7)"
            ])
        #expect(try self.shape("networking: {podSubnet: 10.1.0.0/16}").warnings.isEmpty)
    }
}
