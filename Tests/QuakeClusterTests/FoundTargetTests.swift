import Foundation
import QuakeCluster
import QuakeKube
import Testing

@Suite("Targets that a step finds cordoned or tainted")
struct FoundTargetTests {
    private static func node(_ name: String, cordoned: Bool = false, taints: [String] = []) -> JSONValue {
        [
            "metadata": ["name": .string(name), "uid": .string("uid-\(name)")],
            "spec": [
                "unschedulable": .bool(cordoned),
                "taints": .array(taints.map { ["key": .string($0), "effect": "NoSchedule"] }),
            ],
        ]
    }

    @Test("are listed with their taints' keys; a control plane's own and a cordon's are left out")
    func words() {
        let nodes = [
            Self.node("w1", cordoned: true, taints: ["node.kubernetes.io/unschedulable", "gpu", "dedicated", "gpu"]),
            Self.node("cp", taints: ["node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"]),
            Self.node("w2"), Self.node("w3", taints: ["node.kubernetes.io/unreachable"]),
            Self.node("w4", cordoned: true),
        ]
        #expect(
            FoundTarget.words(of: nodes)
                == "w1 (cordoned, tainted gpu, dedicated); w3 (tainted node.kubernetes.io/unreachable); w4 (cordoned)")
        #expect(FoundTarget.words(of: [nodes[1], nodes[2]]) == nil)
    }

    @Test("are not those that the run itself has cordoned or taken down")
    func own() {
        let cordoned = Self.node("w1", cordoned: true, taints: ["node.kubernetes.io/unschedulable"])
        #expect(FoundTarget(cordoned, own: [.uncordon(node: "w1", uid: "uid-w1")]) == nil)
        #expect(FoundTarget(cordoned, own: [.uncordon(node: "w1", uid: "another Node"), .none])?.isCordoned == true)
        let down = Self.node("w2", taints: ["node.kubernetes.io/unreachable", "gpu"])
        #expect(FoundTarget(down, own: [.restoreNode(node: "w2", uid: "uid-w2")])?.taintKeys == ["gpu"])
        #expect(FoundTarget(down, own: [.restoreNode(node: "w1", uid: "uid-w1")])?.taintKeys.count == 2)
    }

    @Test("an inverse of an expiry reads with and without the cordon, which earlier journals do not have")
    func journal() throws {
        let old = Data(#"{"renewNode":{"node":"w1","uid":"u","labels":{"a":"b"}}}"#.utf8)
        let inverse = try JSONDecoder().decode(Inverse.self, from: old)
        #expect(inverse == .renewNode(node: "w1", uid: "u", labels: ["a": "b"]))
        #expect(inverse.words == "provision w1")
        let cordoned = Inverse.renewNode(node: "w1", uid: "u", labels: [:], isCordoned: true)
        #expect(try JSONDecoder().decode(Inverse.self, from: JSONEncoder().encode(cordoned)) == cordoned)
        #expect(cordoned.words == "provision w1, and cordon it")
    }
}
