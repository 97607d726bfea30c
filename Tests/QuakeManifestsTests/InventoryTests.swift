import QuakeKube
import QuakeRecord
import Testing

@testable import QuakeManifests

@Suite("Proposals from a cluster")
struct InventoryTests {
    private func node(_ name: String, zone: String? = nil, taint: String? = nil) -> JSONValue {
        var labels = ["kubernetes.io/hostname": name]
        labels["topology.kubernetes.io/zone"] = zone
        if name.hasPrefix("plane") { labels["node-role.kubernetes.io/control-plane"] = "" }
        return [
            "metadata": ["name": .string(name), "labels": JSONValue(labels)],
            "spec": ["taints": .array(taint.map { [["key": .string($0), "effect": "NoSchedule"]] } ?? [])],
        ]
    }

    private func inventory(_ nodes: [JSONValue]) -> ManifestInventory {
        ManifestInventory(
            context: "west", version: "v1.34.1", nodes: nodes, gracePeriod: .seconds(16), monitorPeriod: .seconds(5))
    }

    private func gateway(_ kind: String, nodePort: Bool = false) -> JSONValue {
        [
            "metadata": [
                "name": "ew", "namespace": "gateways",
                "annotations": nodePort ? ["peering.solo.io/data-plane-service-type": "nodeport"] : [:],
            ], "spec": ["gatewayClassName": .string(kind)],
        ]
    }

    private func deployment(_ replicas: Int) -> JSONValue {
        [
            "metadata": [
                "name": "ew", "namespace": "gateways", "labels": ["gateway.networking.k8s.io/gateway-name": "ew"],
            ],
            "spec": [
                "replicas": .int(Int64(replicas)), "template": ["spec": ["containers": [["name": "proxy"]]]],
            ],
        ]
    }

    @Test("are what the mesh, its Gateway, the nodes and the NodePools are")
    func solo() throws {
        var inventory = inventory([
            node("plane", taint: "node-role.kubernetes.io/control-plane"), node("a", zone: "x"), node("b", zone: "y"),
            node("c", zone: "y", taint: "node.kubernetes.io/unreachable"), node("d", taint: "dedicated"),
        ])
        inventory.gateways = [gateway("istio-eastwest", nodePort: true), gateway("istio-remote")]
        inventory.deployments = [deployment(5)]
        inventory.leases = [["spec": ["leaseDurationSeconds": 40]]]
        inventory.nodePools = ["b", "a"].map {
            ["metadata": ["name": .string($0)], "spec": ["template": ["spec": [:]]]]
        }
        let parameters = try inventory.parameters(mesh: nil, gatewayClass: nil, excluded: [])
        #expect(parameters.mesh == .solo && parameters.gateway == "ew" && parameters.gatewayNamespace == "gateways")
        #expect(parameters.gatewayContainer == "proxy" && parameters.peering == .nodePort)
        // d's taint keeps gateways away; c is not there now, and comes back.
        #expect(parameters.cluster?.nodes.keys.sorted() == ["a", "b", "c", "plane"])
        #expect(parameters.replicas == 3)
        #expect(parameters.topologyKeys == ["kubernetes.io/hostname", "topology.kubernetes.io/zone"])
        #expect(parameters.gracePeriod == .seconds(16) && parameters.cluster?.leaseRenewal == .seconds(10))
        // Both had Karpenter's default.
        #expect(parameters.nodePools.map { "\($0.name)=\($0.age)" } == ["a=720h", "b=696h"])
        #expect(parameters.cluster?.peers == ["ew"] && parameters.cluster?.minor == 34)
        let set = try ManifestSet(parameters)
        #expect(try set.block("gateway-defaults.yaml").usage == "kubectl --context west apply -f gateway-defaults.yaml")
    }

    @Test("take the oldest ConfigMap of the class")
    func defaults() throws {
        var inventory = inventory([node("a"), node("b"), node("c")])
        inventory.gateways = [gateway("istio-east-west")]
        inventory.configMaps = [("new", "2026-02-01T00:00:00Z"), ("old", "2026-01-01T00:00:00Z")].map { name, time in
            [
                "metadata": [
                    "name": .string(name), "namespace": "istio-system", "creationTimestamp": .string(time),
                    "labels": ["gateway.istio.io/defaults-for-class": "istio-east-west"],
                ], "data": ["service": "spec: {}"],
            ]
        }
        let parameters = try inventory.parameters(mesh: nil, gatewayClass: nil, excluded: [])
        #expect(parameters.mesh == .istio && parameters.cluster?.defaults?.name == "old")
        #expect(parameters.topologyKeys == ["kubernetes.io/hostname"] && parameters.gracePeriod == nil)
    }

    @Test("leave the budget where istiod makes it: named in the ConfigMap, or made and no longer named")
    func budgetPlace() throws {
        var plain = inventory([node("a"), node("b"), node("c")])
        plain.gateways = [gateway("istio-east-west")]
        #expect(try plain.parameters(mesh: nil, gatewayClass: nil, excluded: []).budgetPlace == .object)
        var made = plain
        made.budgets = [
            [
                "metadata": [
                    "name": "ew", "namespace": "gateways", "ownerReferences": [["kind": "Gateway", "name": "ew"]],
                ]
            ]
        ]
        #expect(try made.parameters(mesh: nil, gatewayClass: nil, excluded: []).budgetPlace == .configmap)
        made.budgets[0].set([["kind": "Gateway", "name": "other"]], at: "metadata", "ownerReferences")
        #expect(try made.parameters(mesh: nil, gatewayClass: nil, excluded: []).budgetPlace == .object)
        var named = plain
        named.configMaps = [
            [
                "metadata": [
                    "name": "own", "namespace": "istio-system",
                    "labels": ["gateway.istio.io/defaults-for-class": "istio-east-west"],
                ], "data": ["podDisruptionBudget": "spec: {minAvailable: 1}"],
            ]
        ]
        let parameters = try named.parameters(mesh: nil, gatewayClass: nil, excluded: [])
        #expect(parameters.budgetPlace == .configmap)
        #expect(try !ManifestSet(parameters).blocks.contains { $0.kind == .podDisruptionBudget })
        named.configMaps[0].set("spec: {}", at: "data", "deployments")
        let refused = try problems(try named.parameters(mesh: nil, gatewayClass: nil, excluded: []))
        #expect(refused.first?.hasPrefix("ConfigMap own has the key deployments, which istiod does not know: ") == true)
    }

    @Test("take a NodePool's age from where karpenter.sh/v1beta1 had it, and warn")
    func oldPool() throws {
        var inventory = inventory([node("a"), node("b"), node("c")])
        inventory.nodePools = [["metadata": ["name": "p"], "spec": ["disruption": ["expireAfter": "240h"]]]]
        let set = try ManifestSet(try inventory.parameters(mesh: .istio, gatewayClass: nil, excluded: []))
        let spec = try set.block("nodepool-p.yaml").body["spec"]
        #expect(spec == ["disruption": [:], "template": ["spec": ["expireAfter": "240h"]]])
        #expect(set.warnings.contains { $0.hasPrefix("NodePool p has spec.disruption.expireAfter") })
    }

    @Test("need a mesh, unless it is given")
    func noMesh() throws {
        let inventory = inventory([node("a"), node("b")])
        #expect(throws: ManifestError.self) {
            try inventory.parameters(mesh: nil, gatewayClass: nil, excluded: [])
        }
        let given = try inventory.parameters(mesh: .istio, gatewayClass: nil, excluded: [NodeLabel(key: "x")])
        #expect(given.mesh == .istio && given.gatewayContainer == "istio-proxy" && given.replicas == 2)
        #expect(given.excluded == [NodeLabel(key: "x")])
    }
}
