import QuakeKindConfig
import QuakeKube
import QuakeRecord
import QuakeYAML
import Testing

@testable import QuakeManifests

@Suite("istiod's Helm values")
struct IstiodTests {
    private static let sets: [String: ManifestParameters] = [
        "default": .made(.istio),
        "seven-by-zone": .made(.solo) {
            $0.istiodReplicas = 7
            $0.topologyKeys.append("topology.kubernetes.io/zone")
        },
        "two-by-zone": .made(.istio) { $0.topologyKeys.append("topology.kubernetes.io/zone") },
    ]

    /// The renderings are recorded: `scripts/record-istiod-values` has Helm's engine make them of the very values.
    @Test("are those of which the chart was rendered", arguments: sets.keys.sorted())
    func values(name: String) throws {
        let parameters = try #require(Self.sets[name])
        let body = try ManifestSet(parameters).block("istiod-values.yaml").body
        #expect(body == (try fixture("istiod-values.json"))[name])
    }

    @Test(
        "render into the wanted pods, autoscaler and budget with every version's chart", arguments: sets.keys.sorted())
    func rendering(name: String) throws {
        let charts = try #require(try fixture("istiod-rendered.json")["charts"]?.objectValue)
        #expect(charts.keys.sorted() == ["1.27.9", "1.28.0", "1.29.0", "1.30.3"])
        let values = try #require(try fixture("istiod-values.json")[name]?["pilot"])
        let count = try #require(Self.sets[name]?.istiodReplicas)
        for (version, cases) in charts {
            let rendered = try #require(cases[name])
            #expect(rendered["affinity"] == values["affinity"], "\(version)")
            #expect(
                rendered["autoscaler"]
                    == [["minReplicas": .int(Int64(count)), "maxReplicas": .int(Int64(max(5, count)))]], "\(version)")
            // The autoscaler alone decides.
            #expect(rendered["replicas"] == .null)
            let budget = rendered["budget"]?[0]
            #expect(budget?["maxUnavailable"] == 1 && budget?["minAvailable"] == nil, "\(version)")
            #expect(budget?["unhealthyPodEvictionPolicy"] == "AlwaysAllow", "\(version)")
            // The terms select the pods that they are to keep apart.
            let labels = rendered["labels"]?.stringMembers ?? [:]
            let terms = rendered.at("affinity", "podAntiAffinity", "preferredDuringSchedulingIgnoredDuringExecution")
            for term in terms?.arrayValue ?? [] {
                let selector = term[path: "podAffinityTerm.labelSelector.matchLabels"]?.stringMembers ?? [:]
                #expect(!selector.isEmpty && selector.allSatisfy { labels[$0.key] == $0.value })
            }
        }
    }

    @Test("are needed: the chart's own values keep one istiod, nowhere in particular")
    func chart() throws {
        for (version, cases) in try fixture("istiod-rendered.json")["charts"]?.objectValue ?? [:] {
            #expect(
                cases.at("chart", "autoscaler", 0, "minReplicas") == 1 && cases.at("chart", "affinity")?.isNull == true)
            // At the top level they come to the same, where nothing below pilot says otherwise.
            #expect(cases["at-the-top"] == cases["default"], "\(version)")
            #expect(cases["over-the-top"] == cases["default"], "\(version)")
            #expect(cases.at("null-below-pilot", "affinity")?.isNull == true, "\(version)")
        }
    }

    @Test("are left out for one istiod, which is warned about via NodePort alone")
    func single() throws {
        let set = try ManifestSet(.made(.istio) { $0.istiodReplicas = 1 })
        #expect(!set.blocks.contains { $0.kind == .helmValues } && set.warnings.isEmpty)
        let nodePort = try ManifestSet(
            .made(.solo) {
                $0.istiodReplicas = 1
                $0.peering = .nodePort
            })
        #expect(nodePort.warnings.first?.hasPrefix("--istiod-replicas 1") == true)
    }
}

@Suite("NodePools of a configuration")
struct NodePoolTests {
    private func faults(_ value: JSONValue, _ schema: JSONValue, _ path: String) -> [String] {
        var found: [String] = []
        for name in schema["required"]?.arrayValue ?? [] where value[name.stringValue ?? ""] == nil {
            found.append("\(path) lacks \(name)")
        }
        if let pattern = schema["pattern"]?.stringValue, let text = value.stringValue {
            let matches = (try? Regex(pattern)).flatMap { try? $0.wholeMatch(in: text) } != nil
            if !matches { found.append("\(path) is \(text)") }
        }
        if let items = schema["items"] {
            for (index, element) in (value.arrayValue ?? []).enumerated() {
                found += faults(element, items, "\(path)[\(index)]")
            }
        }
        if let known = schema["properties"]?.objectValue {
            for (key, member) in value.objectValue ?? [:] {
                guard let own = known[key] else {
                    found.append("\(path) has the unknown \(key)")
                    continue
                }
                found += faults(member, own, "\(path).\(key)")
            }
        }
        return found
    }

    @Test("have what Karpenter's definition asks for, and nothing that it does not know")
    func schema() throws {
        let schema = try #require(try fixture("nodepool-v1.json")["schema"])
        let set = try ManifestSet(
            .made(.istio) { $0.nodePools = PoolExpiry.pools("pool-a,pool-b=Never,pool-c=36h30m") ?? [] })
        #expect(
            set.blocks.filter { $0.kind == .nodePool }.map(\.file)
                == (["a", "b", "c"].map { "nodepool-pool-\($0).yaml" }))
        var ages: [JSONValue?] = []
        for block in set.blocks where block.kind == .nodePool {
            let spec = try #require(block.body[path: "spec.template.spec"])
            #expect(faults(spec, schema, "spec") == [])
            ages.append(spec["expireAfter"])
        }
        #expect(ages == ["720h", "Never", "2190m"])
        // The check finds what is wrong.
        #expect(faults(["expireAfter": "30d", "x": 1, "nodeClassRef": ["kind": "K"]], schema, "spec").count == 5)
    }

    @Test("of a cluster stay as they are but for their age")
    func present() throws {
        let spec: JSONValue = [
            "template": [
                "spec": ["expireAfter": "720h", "nodeClassRef": ["name": "own"], "terminationGracePeriod": "1h"]
            ],
            "weight": 3,
        ]
        let object: JSONValue = [
            "kind": "NodePool", "metadata": ["name": "a", "uid": "u", "labels": ["team": "edge"]], "spec": spec,
            "status": ["nodes": 3],
        ]
        let pool = PoolExpiry(name: "a", age: .after(.seconds(3600)), present: object)
        let set = try ManifestSet(.made(.istio) { $0.nodePools = [pool] })
        let body = try set.block("nodepool-a.yaml").body
        var wanted = spec
        wanted.set("1h", at: "template", "spec", "expireAfter")
        #expect(body["spec"] == wanted && body["status"] == nil)
        #expect(body["metadata"] == ["name": "a", "labels": ["team": "edge"]])
        #expect(set.warnings.first?.hasPrefix("NodePool a has terminationGracePeriod 1h") == true)
    }
}

@Suite("The kubeadm patch")
struct KubeadmTests {
    private func set(_ time: Duration?) throws -> ManifestSet {
        try ManifestSet(
            .made(.solo) {
                $0.peering = .nodePort
                $0.gracePeriod = time
            })
    }

    @Test(
        "is taken by kind, for every version of kubeadm's configuration, and reaches the controller manager",
        arguments: ["v1.31.4", "v1.35.0", "v1.36.2"])
    func taken(version: String) throws {
        let block = try set(.seconds(16)).block("kind-cluster.yaml")
        for purpose in [KindReading.Purpose.embedded, .kind(image: "kindest/node:\(version)")] {
            let reading = KindReading(block.text, file: block.file, for: purpose)
            #expect(reading.findings.map(\.description) == [])
            #expect(reading.cluster?.controllerManagerFlag("node-monitor-grace-period") == "16s")
        }
    }

    @Test("is left out where the grace period is left alone")
    func none() throws {
        #expect(!(try set(nil).blocks.contains { $0.kind == .kubeadmPatch }))
    }
}

@Suite("The text of a configuration")
struct ManifestTextTests {
    private static let parameters: [ManifestParameters] = ManifestMesh.allCases.flatMap { mesh in
        PeeringMethod.allCases.map { method in
            ManifestParameters.made(mesh) {
                $0.peering = method
                $0.gracePeriod = .seconds(40)
                $0.nodePools = PoolExpiry.pools("a,b") ?? []
                $0.topologyKeys.append("topology.kubernetes.io/zone")
                $0.excluded = [NodeLabel(key: "maintenance", value: "true")]
            }
        }
    }

    @Test("is a stream of YAML documents that read back as the blocks", arguments: parameters)
    func reads(parameters: ManifestParameters) throws {
        let set = try ManifestSet(parameters)
        let documents = try YAML.parseAll(set.text, file: "all.yaml")
        #expect(documents.map { JSONValue(yaml: $0) } == set.blocks.map(\.body))
        #expect(Set(set.blocks.map(\.file)).count == set.blocks.count)
        for block in set.blocks {
            #expect(!block.reasons.isEmpty && block.reasons.allSatisfy { $0.hasSuffix(".") }, "\(block.file)")
            #expect(try JSONValue.manifests(block.text, file: block.file) == [block.body])
            if block.kind.isObject { #expect(!block.body.apiVersion.isEmpty && !block.body.name.isEmpty) }
        }
    }

    @Test("says what every top-level part of a gateway's patch is for", arguments: parameters)
    func reasons(parameters: ManifestParameters) throws {
        let file = parameters.mesh == .standin ? "gateway-deployment-patch.yaml" : "gateway-defaults.yaml"
        let block = try ManifestSet(parameters).block(file)
        for field in [
            "replicas", "strategy", "nodeAffinity", "podAntiAffinity", "terminationGracePeriodSeconds", "preStop",
        ] {
            #expect(block.reasons.contains { $0.hasPrefix("\(field): ") }, "\(field)")
        }
    }

    @Test("as JSON has blocks with their kinds and reasons, and warnings")
    func json() throws {
        let set = try ManifestSet(.made(.istio) { $0.replicas = 1 })
        let json = set.json
        #expect(json["blocks"]?.arrayValue?.count == set.blocks.count)
        #expect(json["blocks"]?[0]?["kind"] == "PodDisruptionBudget")
        #expect(json["warnings"]?.arrayValue?.count == 2)
        #expect(set.text.hasPrefix("# WARNING: --replicas 1:"))
    }
}
