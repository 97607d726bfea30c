import QuakeKube
import Testing

@testable import QuakeRun

@Suite("A cluster is stable for a trial")
struct StabilityTests {
    private static func node(_ name: String, ready: String = "True", isControlPlane: Bool = false) -> JSONValue {
        [
            "metadata": [
                "name": .string(name), "labels": isControlPlane ? ["node-role.kubernetes.io/control-plane": ""] : [:],
            ],
            "status": ["conditions": [["type": "Ready", "status": .string(ready)]]],
        ]
    }

    private static func pod(_ name: String, on node: String, ready: String = "True") -> JSONValue {
        [
            "metadata": ["name": .string(name)], "spec": ["nodeName": .string(node)],
            "status": ["conditions": [["type": "Ready", "status": .string(ready)]]],
        ]
    }

    private static let nodes = [node("plane", isControlPlane: true), node("a"), node("b"), node("c", ready: "Unknown")]

    @Test("although a node is NotReady that no step works on and that runs no part of the mesh")
    func bystander() {
        let found = Stability(nodes: Self.nodes, targets: ["a"], meshPods: [Self.pod("gw", on: "b")], gateways: [])
        #expect(found.obstacle == nil)
        #expect(found.bystanders == ["c"])
    }

    @Test("not while such a node may be a step's, or runs a part of the mesh, or is a control plane")
    func concerned() {
        #expect(Stability(nodes: Self.nodes, targets: ["c"], meshPods: [], gateways: []).obstacle == "c is not Ready")
        let hosting = Stability(
            nodes: Self.nodes, targets: [], meshPods: [Self.pod("echo", on: "c", ready: "False")], gateways: [])
        #expect(hosting.obstacle == "c is not Ready")
        let plane = [Self.node("plane", ready: "Unknown", isControlPlane: true)]
        #expect(Stability(nodes: plane, targets: [], meshPods: [], gateways: []).obstacle == "plane is not Ready")
    }

    @Test("not before every gateway is ready")
    func gateways() {
        let gateway = Self.pod("gw", on: "a", ready: "False")
        let found = Stability(nodes: [Self.node("a")], targets: [], meshPods: [gateway], gateways: [gateway])
        #expect(found.obstacle == "gw is not ready")
    }
}
