import QuakeKube
import QuakeMeshAgent
import Testing

@Suite("What istiod makes of a Gateway")
struct GatewayBuildTests {
    private static let gateway: JSONValue = [
        "metadata": ["name": "edge", "namespace": "mesh"], "spec": ["gatewayClassName": "istio-eastwest"],
    ]
    private static let deployment: JSONValue = [
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": "edge", "namespace": "mesh"],
        "spec": ["replicas": 2, "template": ["spec": ["containers": [["name": "gateway", "image": "agent"]]]]],
    ]

    private static func build(_ changes: [String: String]) -> GatewayBuild {
        GatewayBuild(gateway: gateway, template: ["deployment": deployment.text()], changes: changes)
    }

    @Test("is what the class says where no ConfigMap changes it, and neither a budget nor an autoscaler")
    func plain() throws {
        let build = Self.build([:])
        #expect(try build.object(.deployment) == Self.deployment && build.made(.deployment) == Self.deployment)
        #expect(try build.patch(.deployment, of: Self.deployment) == nil)
        for part in [GatewayBuild.Part.podDisruptionBudget, .horizontalPodAutoscaler, .service] {
            #expect(try build.object(part) == nil)
        }
    }

    @Test("is changed by strategic merge; its name, its namespace and its kind stay")
    func merged() throws {
        let change = """
            kind: StatefulSet
            metadata: {name: other, labels: {tier: edge}}
            spec:
              replicas: 3
              template: {spec: {containers: [{name: gateway, env: [{name: A, value: b}]}]}}
            """
        let made = try #require(try Self.build(["deployment": change]).made(.deployment))
        #expect(made.kind == "Deployment" && made.name == "edge" && made.labels == ["tier": "edge"])
        #expect(made[path: "spec.replicas"] == 3)
        let container = made.at("spec", "template", "spec", "containers", 0)
        #expect(container?["image"] == "agent" && container?.at("env", 0, "value") == "b")
    }

    @Test("changes what it has made before, and leaves what others have changed")
    func patches() throws {
        let change = "spec: {replicas: 3, template: {spec: {nodeSelector: {pool: edge}}}}"
        let first = Self.build(["deployment": change])
        var live = Self.deployment
        live.set(7, at: "spec", "minReadySeconds")
        live = try StrategicMerge.apply(try #require(try first.patch(.deployment, of: live)), to: live)
        #expect(live[path: "spec.replicas"] == 3 && live[path: "spec.minReadySeconds"] == 7)
        #expect(try first.patch(.deployment, of: live) == nil)
        // Another hand scales it.
        live.set(5, at: "spec", "replicas")
        #expect(try first.patch(.deployment, of: live) == nil)
        let next = Self.build(["deployment": "spec: {replicas: 3}"])
        live = try StrategicMerge.apply(try #require(try next.patch(.deployment, of: live)), to: live)
        #expect(live[path: "spec.replicas"] == 5 && live[path: "spec.template.spec.nodeSelector"] == nil)
        // The ConfigMap is gone: as the class says, and no record.
        live = try StrategicMerge.apply(try #require(try Self.build([:]).patch(.deployment, of: live)), to: live)
        #expect(live[path: "spec.replicas"] == 2 && live[path: "spec.minReadySeconds"] == 7)
        #expect(live.annotations[GatewayBuild.record] == nil)
    }

    @Test("has a budget and an autoscaler where the ConfigMap has their keys")
    func optional() throws {
        let build = Self.build([
            "podDisruptionBudget": "spec: {minAvailable: 1}", "horizontalPodAutoscaler": "spec: {maxReplicas: 5}",
        ])
        let budget = try #require(try build.made(.podDisruptionBudget))
        #expect(budget.kind == "PodDisruptionBudget" && budget.name == "edge" && budget.namespace == "mesh")
        #expect(budget[path: "spec.minAvailable"] == 1)
        #expect(
            budget.at("spec", "selector", "matchLabels", "gateway.networking.k8s.io/gateway-name") == "edge")
        let scaler = try #require(try build.made(.horizontalPodAutoscaler))
        #expect(scaler[path: "spec.scaleTargetRef.name"] == "edge" && scaler[path: "spec.maxReplicas"] == 5)
        #expect(scaler.labels["gateway.istio.io/managed"] != nil)
    }

    @Test(
        "is refused with its reason",
        arguments: [
            (["deploy": "{}"], "unknown key \"deploy\" (known: deployment, horizontalPodAutoscaler, "),
            (["deployment": "- a"], "deployment: one object is expected"),
            (["deployment": "a: ["], "deployment: "),
            (
                ["deployment": "spec: {template: {spec: {containers: [{image: x}]}}}"],
                "does not contain declared merge key: name"
            ),
        ])
    func refused(changes: [String: String], words: String) {
        let error = #expect(throws: GatewayBuildError.self) { try Self.build(changes).object(.deployment) }
        #expect(error?.words.contains(words) == true, "\(error?.words ?? "")")
    }

    @Test("goes by the oldest ConfigMap, and of two of one second by the name")
    func oldest() {
        func map(_ name: String, _ stamp: String) -> JSONValue {
            ["metadata": ["name": .string(name), "creationTimestamp": .string(stamp)]]
        }
        let maps = [
            map("b", "2026-01-02T00:00:00Z"), map("d", "2026-01-01T00:00:00Z"), map("c", "2026-01-01T00:00:00Z"),
        ]
        #expect(GatewayBuild.oldest(maps)?.name == "c" && GatewayBuild.oldest([]) == nil)
    }
}
