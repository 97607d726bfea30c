import Foundation
import QuakeBase
import QuakeCluster
import QuakeKube
import QuakePlan
import Testing

@Suite("Targets")
struct TargetResolverTests {
    private func node(_ name: String, _ labels: [String: String] = [:], cordoned: Bool = false) -> JSONValue {
        [
            "metadata": ["name": .string(name), "uid": .string("uid-\(name)"), "labels": JSONValue(labels)],
            "spec": ["unschedulable": .bool(cordoned)],
        ]
    }

    private var nodes: [JSONValue] {
        [
            node("cp", ["node-role.kubernetes.io/control-plane": ""]),
            node("w1", ["topology.kubernetes.io/zone": "a", "disk": "ssd"]),
            node("w2", ["topology.kubernetes.io/zone": "b", "karpenter.sh/nodepool": "spot"], cordoned: true),
            node("w3", ["topology.kubernetes.io/zone": "b"]),
        ]
    }

    private func names(_ selector: NodeSelector, seed: UInt64 = 1) throws -> [String] {
        var generator = SeededGenerator(seed: seed)
        return try TargetResolver.resolve(
            selector, nodes: nodes, hosts: { $0 == .gateway ? ["w1", "w3"] : [] }, using: &generator
        ).map(\.name)
    }

    @Test("are what every criterion selects, in the order of their names")
    func criteria() throws {
        #expect(try names(NodeSelector(role: "worker")) == ["w1", "w2", "w3"])
        #expect(try names(NodeSelector(role: "control-plane")) == ["cp"])
        #expect(try names(NodeSelector(zone: "b")) == ["w2", "w3"])
        #expect(try names(NodeSelector(labels: ["disk": "ssd"])) == ["w1"])
        #expect(try names(NodeSelector(nodePool: "spot")) == ["w2"])
        #expect(try names(NodeSelector(hosting: .gateway)) == ["w1", "w3"])
        #expect(try names(NodeSelector(zone: "b", hosting: .gateway)) == ["w3"])
        #expect(try names(NodeSelector(role: "worker", exclude: ["w2"])) == ["w1", "w3"])
    }

    @Test("are counted out by the seed, always the same")
    func counted() throws {
        let picks = try (0..<40 as Range<UInt64>).map { try names(NodeSelector(hosting: .gateway, count: 1), seed: $0) }
        #expect(Set(picks) == [["w1"], ["w3"]])
        #expect(
            try names(NodeSelector(role: "worker", count: 2), seed: 9)
                == names(NodeSelector(role: "worker", count: 2), seed: 9))
    }

    @Test("that are none are an error")
    func none() {
        #expect(throws: ClusterError.self) { try names(NodeSelector(zone: "z")) }
        #expect(throws: ClusterError.self) { try names(NodeSelector(names: ["absent"])) }
        #expect(throws: ClusterError.self) { try names(NodeSelector(hosting: .gateway, count: 3)) }
        #expect(throws: ClusterError.self) { try names(NodeSelector(hosting: .istiod)) }
    }
}

@Suite("Inverses")
struct InverseTests {
    static let all: [Inverse] = [
        .uncordon(node: "n", uid: "u"), .cordon(node: "n", uid: "u"), .restoreNode(node: "n", uid: "u"),
        .setFlags(["node-monitor-grace-period": ""]),
        .scale(namespace: "a", kind: "deployment", name: "b", uid: "u", replicas: 2),
        .patch(path: "/api/v1/nodes/n", uid: "u", patch: ["metadata": ["annotations": ["x": .null]]]),
        .delete(path: "/api/v1/namespaces/a", uid: ""), .replace(path: "/p", object: ["spec": ["a": [1, 2.5, true]]]),
        .restore(
            path: "/p", uid: "u",
            changes: [
                FieldChange([.member("spec"), .member("a")], before: nil, after: 1),
                FieldChange([.member("e"), .element(["name": "x"])], before: ["name": "x"], after: nil),
                FieldChange([.member("e"), .order], before: [["name": "x"]], after: []),
            ]),
        .none,
    ]

    @Test("are data that another process can read", arguments: all)
    func coded(inverse: Inverse) throws {
        let data = try JSONEncoder().encode(inverse)
        #expect(try JSONDecoder().decode(Inverse.self, from: data) == inverse)
        #expect(!inverse.words.isEmpty)
    }
}
