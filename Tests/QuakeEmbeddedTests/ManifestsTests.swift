import Foundation
import QuakeKube
import QuakeManifests
import QuakeRecord
import QuakeTestSupport
import Testing

/// Configurations of `peerquake manifests`, as an API server and kubectl take them.
@Suite("Printed configurations on a cluster", .serialized, .timeLimit(.minutes(2)))
struct ManifestsTests {
    private static func made(_ mesh: ManifestMesh) throws -> ManifestSet {
        var parameters = ManifestParameters(mesh: mesh)
        parameters.peering = .nodePort
        parameters.gracePeriod = .seconds(16)
        parameters.topologyKeys.append("topology.kubernetes.io/zone")
        parameters.nodePools = PoolExpiry.pools("pool-a,pool-b") ?? []
        return try ManifestSet(parameters)
    }

    private static func prepare(_ kube: KubeClient) async throws {
        try await FakeKarpenter.definition(of: kube)
        for name in ["istio-system", "istio-eastwest"] {
            try await kube.apply(["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(name)]])
        }
    }

    /// The controller manager's command line shows it, as on kind.
    @Test("the kubeadm patch makes a cluster with its grace period, and every object passes a strict server dry run")
    func objects() async throws {
        let set = try Self.made(.istio)
        let config = try #require(set.blocks.first { $0.kind == .kubeadmPatch }).text + "name: test\n"
        let objects = set.blocks.filter(\.kind.isObject)
        #expect(objects.map(\.body.kind) == ["PodDisruptionBudget", "ConfigMap", "NodePool", "NodePool"])
        let folder = try TemporaryDirectory()
        let files = try objects.map { try folder.file($0.file, $0.text) }
        try await withCluster("kubectl", config: config) { kubectl, kube in
            let managers = try await kube.list(.pods("kube-system"), labels: "component=kube-controller-manager").items
            let command = managers.first?.at("spec", "containers", 0, "command")?.arrayValue ?? []
            #expect(command.contains("--node-monitor-grace-period=16s"))
            try await Self.prepare(kube)
            for file in files {
                for options in [["--dry-run=server"], []] {
                    let result = try await kubectl.run(["apply", "--validate=strict", "-f", file] + options)
                    #expect(result.succeeded, "\(result.commandLine): \(result.standardError)")
                }
            }
            let budget = try await kube.get(.podDisruptionBudget("istio-eastwest", "istio-eastwest"))
            #expect(budget[path: "spec.maxUnavailable"] == 1)
            #expect(budget[path: "spec.unhealthyPodEvictionPolicy"] == "AlwaysAllow")
        }
    }

    /// What istiod does with the ConfigMap: kubectl merges strategically by the same rules.
    @Test("the gateway's patch merges into a Deployment as istiod makes it, and so do the stand-in's")
    func patches() async throws {
        let folder = try TemporaryDirectory()
        let data = try #require(Self.made(.istio).blocks.first { $0.kind == .configMap }?.body["data"])
        let patch = try folder.file("deployment.yaml", data["deployment"]?.stringValue ?? "")
        let standin = try Self.made(.standin).blocks.filter { $0.file.hasPrefix("istiod-deployment") }
        let istiod = try folder.file("istiod.yaml", try #require(standin.first).text)
        try await withCluster("kubectl") { kubectl, kube in
            try await Self.prepare(kube)
            for (namespace, name, container) in [
                ("istio-eastwest", "istio-eastwest", "istio-proxy"), ("istio-system", "istiod", "istiod"),
            ] {
                let labels: JSONValue = ["gateway.networking.k8s.io/gateway-name": .string(name)]
                try await kube.apply([
                    "apiVersion": "apps/v1", "kind": "Deployment",
                    "metadata": ["name": .string(name), "namespace": .string(namespace)],
                    "spec": [
                        "replicas": 1, "selector": ["matchLabels": labels],
                        "template": [
                            "metadata": ["labels": labels],
                            "spec": [
                                "terminationGracePeriodSeconds": 2,
                                "affinity": ["nodeAffinity": Self.onControlPlane],
                                "containers": [["name": .string(container), "image": "example.test/proxy"]],
                            ],
                        ],
                    ],
                ])
            }
            for (namespace, name, file) in [
                ("istio-eastwest", "istio-eastwest", patch), ("istio-system", "istiod", istiod),
            ] {
                let result = try await kubectl.run(
                    ["-n", namespace, "patch", "deployment", name, "--patch-file", file])
                #expect(result.succeeded, "\(result.standardError)")
            }
            let gateway = try await kube.get(.deployment("istio-eastwest", "istio-eastwest"))
            #expect(gateway[path: "spec.replicas"] == 2)
            #expect(gateway[path: "spec.strategy.rollingUpdate"] == ["maxSurge": 0, "maxUnavailable": 1])
            let pod = try #require(gateway[path: "spec.template.spec"])
            #expect(pod["terminationGracePeriodSeconds"] == 30)
            let containers = pod["containers"]?.arrayValue ?? []
            #expect(containers.count == 1 && containers.first?["image"] == "example.test/proxy")
            #expect(containers.first?[path: "lifecycle.preStop.sleep.seconds"] == 5)
            let spread = try await kube.get(.deployment("istio-system", "istiod"))[path: "spec.template.spec.affinity"]
            #expect(spread?["nodeAffinity"] == nil && spread?["podAntiAffinity"] != nil)
        }
    }

    private static let onControlPlane: JSONValue = [
        "requiredDuringSchedulingIgnoredDuringExecution": [
            "nodeSelectorTerms": [
                ["matchExpressions": [["key": "node-role.kubernetes.io/control-plane", "operator": "Exists"]]]
            ]
        ]
    ]
}
