import FoundationEssentials
import QuakeKube
import QuakeRecord
import Testing

@testable import QuakeManifests

@Suite("The gateway's part of a configuration")
struct GatewayTests {
    private func data(_ parameters: ManifestParameters) throws -> [String: JSONValue] {
        let block = try ManifestSet(parameters).block("gateway-defaults.yaml")
        #expect(block.kind == .configMap && block.body.kind == "ConfigMap")
        return try (block.body["data"]?.stringMembers ?? [:]).mapValues { text in
            try #require(try JSONValue.manifests(text, file: "data").first)
        }
    }

    @Test(
        "customises the mesh's class, in istiod's namespace, by keys that istiod knows",
        arguments: [ManifestMesh.istio, .solo])
    func configMap(mesh: ManifestMesh) throws {
        let parameters = ManifestParameters.made(mesh) {
            $0.peering = .nodePort
            $0.budgetPlace = .configmap
        }
        let block = try ManifestSet(parameters).block("gateway-defaults.yaml")
        let name = mesh == .istio ? "istio-east-west" : "istio-eastwest"
        #expect(block.body.labels == ["gateway.istio.io/defaults-for-class": name])
        #expect(block.body.namespace == "istio-system" && block.body.name == "\(name)-defaults")
        let data = try data(parameters)
        // istio/istio 1.29.0, pilot/pkg/config/kube/gateway/deploymentcontroller.go, supportedOverlays.
        let known = ["deployment", "service", "serviceAccount", "horizontalPodAutoscaler", "podDisruptionBudget"]
        #expect(data.keys.sorted() == ["deployment", "podDisruptionBudget", "service"])
        #expect(Set(data.keys).isSubset(of: known))
        #expect(data["service"]?[path: "spec.externalTrafficPolicy"] == "Local")
        #expect(data["podDisruptionBudget"]?[path: "spec.maxUnavailable"] == 1)
    }

    @Test("keeps control planes and labelled nodes out, and pods apart")
    func placement() throws {
        let deployment = try data(
            .made(.istio) {
                $0.replicas = 3
                $0.excluded = [NodeLabel(key: "maintenance"), NodeLabel(key: "pool", value: "batch")]
                $0.topologyKeys = ["kubernetes.io/hostname", "topology.kubernetes.io/zone"]
            })["deployment"]
        #expect(deployment?[path: "spec.replicas"] == 3)
        let pod = try #require(deployment?[path: "spec.template.spec"])
        let expressions = pod[
            path:
                "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms.0.matchExpressions"
        ]
        #expect(
            expressions == [
                ["key": "node-role.kubernetes.io/control-plane", "operator": "DoesNotExist"],
                ["key": "maintenance", "operator": "DoesNotExist"],
                ["key": "pool", "operator": "NotIn", "values": ["batch"]],
            ])
        let rules = pod[path: "affinity.podAntiAffinity"]
        let selector: JSONValue = ["matchLabels": ["gateway.networking.k8s.io/gateway-name": "istio-eastwest"]]
        #expect(
            rules?["requiredDuringSchedulingIgnoredDuringExecution"]
                == [["labelSelector": selector, "topologyKey": "kubernetes.io/hostname"]])
        #expect(
            rules?["preferredDuringSchedulingIgnoredDuringExecution"] == [
                [
                    "weight": 100,
                    "podAffinityTerm": ["labelSelector": selector, "topologyKey": "topology.kubernetes.io/zone"],
                ]
            ])
        #expect(pod["terminationGracePeriodSeconds"] == 30)
        #expect(
            pod["containers"]
                == [["name": "istio-proxy", "lifecycle": ["preStop": ["sleep": ["seconds": 5]]]]])
    }

    @Test("takes a pod away first unless a node is known to be free")
    func rollout() throws {
        func strategy(_ cluster: ManifestCluster?) throws -> JSONValue? {
            try data(.made(.istio) { $0.cluster = cluster })["deployment"]?[path: "spec.strategy.rollingUpdate"]
        }
        #expect(try strategy(nil) == ["maxSurge": 0, "maxUnavailable": 1])
        #expect(try strategy(cluster([nil, nil])) == ["maxSurge": 0, "maxUnavailable": 1])
        #expect(try strategy(cluster([nil, nil, nil])) == ["maxSurge": 1, "maxUnavailable": 0])
    }

    @Test("writes a preStop hook only where the container is known and its Kubernetes has the action")
    func preStop() throws {
        func containers(_ parameters: ManifestParameters) throws -> JSONValue? {
            try data(parameters)["deployment"]?[path: "spec.template.spec.containers"]
        }
        #expect(try containers(.made(.solo)) == nil)
        #expect(try containers(.made(.solo) { $0.gatewayContainer = "proxy" })?[0]?["name"] == "proxy")
        var old = cluster([nil, nil])
        old.minor = 29
        #expect(try containers(.made(.istio) { $0.cluster = old }) == nil)
    }

    @Test("keeps what the ConfigMap of the cluster has besides, and says what it replaces")
    func merged() throws {
        var west = cluster([nil, nil, nil])
        west.defaults = .init(
            name: "own",
            data: [
                "deployment": "spec: {replicas: 1}\n", "service": "spec: {type: NodePort}\n", "serviceAccount": "{}\n",
            ])
        let parameters = ManifestParameters.made(.istio) {
            $0.cluster = west
            $0.peering = .nodePort
        }
        let set = try ManifestSet(parameters)
        #expect(try set.block("gateway-defaults.yaml").body.name == "own")
        let data = try data(parameters)
        #expect(data.keys.sorted() == ["deployment", "service", "serviceAccount"])
        #expect(data["service"]?["spec"] == ["type": "NodePort", "externalTrafficPolicy": "Local"])
        #expect(data["deployment"]?[path: "spec.replicas"] == 2)
        #expect(set.warnings.last == "ConfigMap own has a deployment, which the one below replaces.")
    }

    @Test("is a patch of the Deployment and of the Service for the stand-in")
    func standin() throws {
        let set = try ManifestSet(.made(.standin) { $0.peering = .nodePort })
        #expect(
            set.blocks.map(\.file) == [
                "gateway-budget.yaml", "istiod-deployment-patch.yaml", "istiod-budget.yaml",
                "gateway-deployment-patch.yaml",
                "gateway-service-patch.yaml",
            ])
        let patch = try set.block("gateway-deployment-patch.yaml")
        #expect(patch.usage.hasPrefix("kubectl -n istio-eastwest patch deployment istio-eastwest --patch-file "))
        #expect(patch.body[path: "spec.template.spec.containers.0.name"] == "gateway")
        #expect(try set.block("istiod-budget.yaml").body[path: "spec.selector.matchLabels.app"] == "istiod")
    }

    @Test("annotates Solo's Gateways in lower case via NodePort, and otherwise not")
    func peering() throws {
        var west = cluster([nil, nil, nil])
        west.peers = ["istio-remote-peer-east", "istio-remote-peer-north"]
        let set = try ManifestSet(
            .made(.solo) {
                $0.peering = .nodePort
                $0.cluster = west
            })
        let own = try set.block("gateway-nodeport-patch.yaml")
        #expect(
            own.body == ["metadata": ["annotations": ["peering.solo.io/data-plane-service-type": "nodeport"]]])
        let peer = try set.block("peer-nodeport-patch.yaml")
        #expect(peer.usage.components(separatedBy: " && ").count == 2 && peer.usage.contains("istio-remote-peer-north"))
        #expect(
            peer.body[path: "metadata.annotations"] == [
                "peering.solo.io/preferred-data-plane-service-type": "nodeport",
                "gateway.istio.io/service-account": "istio-eastwest",
            ])
        #expect(try ManifestSet(.made(.solo)).blocks.allSatisfy { !$0.file.contains("nodeport") })
        #expect(
            try ManifestSet(.made(.istio) { $0.peering = .nodePort }).warnings.first?.hasPrefix("open-source Istio")
                == true)
    }

    @Test("has one budget, in one place")
    func budget() throws {
        let object = try ManifestSet(.made(.istio))
        #expect(
            try object.block("gateway-budget.yaml").body["spec"] == [
                "maxUnavailable": 1, "minAvailable": .null, "unhealthyPodEvictionPolicy": "AlwaysAllow",
                "selector": ["matchLabels": ["gateway.networking.k8s.io/gateway-name": "istio-eastwest"]],
            ])
        #expect(try data(.made(.istio))["podDisruptionBudget"] == nil)
        let other = try ManifestSet(.made(.istio) { $0.budgetPlace = .configmap })
        #expect(!other.blocks.contains { $0.kind == .podDisruptionBudget })
    }
}
