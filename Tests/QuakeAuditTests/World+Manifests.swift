import Foundation
import QuakeAudit
import QuakeBase
import QuakeCluster
import QuakeKindConfig
import QuakeKube
import QuakeManifests
import QuakeMesh
import QuakeMeshAgent
import QuakeRecord

extension World {
    /// What a cluster has after the printed configuration: the objects by the command of each part, then what istiod, the
    /// chart and the controllers make of them.
    ///
    /// - Parameters:
    ///   - change: options of the command line.
    ///   - chart: the version of istiod's chart.
    mutating func applyManifests(
        in cluster: String, chart: String = "1.29.0", _ change: (inout ManifestParameters) -> Void = { _ in }
    ) throws {
        guard let before = snapshot.clusters.first(where: { $0.name == cluster }) else { return }
        var parameters = try ManifestInventory(before).parameters(mesh: nil, gatewayClass: nil, excluded: [])
        change(&parameters)
        let printed = try PrintedConfiguration(try ManifestSet(parameters).text)
        for part in printed.parts {
            switch part.use {
            case .apply: try apply(part.body, in: cluster)
            case .patch(let resource, let namespace, let names):
                try patch(part.body, resource, namespace, names, in: cluster)
            case .helm: try upgradeIstiod(part.body, chart: chart, in: cluster)
            case .kind: try setFlags(part.body, in: cluster)
            }
        }
        try buildGateways(in: cluster)
        settle(in: cluster, since: before)
    }

    // MARK: - kubectl

    /// As kubectl applies to an object that somebody else has made: nothing is removed but what is null.
    private mutating func apply(_ object: JSONValue, in cluster: String) throws {
        guard let resource = AuditResource.allCases.first(where: { $0.kind == object.kind }) else { return }
        var problem: (any Error)?
        items(resource, in: cluster) { items in
            let index = items.firstIndex { $0.name == object.name && $0.namespace == object.namespace }
            do {
                let result = try StrategicMerge.apply(object, to: index.map { items[$0] } ?? [:])
                if let index { items[index] = result } else { items.append(result) }
            } catch {
                problem = error
            }
        }
        if let problem { throw problem }
    }

    /// Merge patches and strategic ones differ in lists alone, and the merge patches have none.
    private mutating func patch(
        _ body: JSONValue, _ resource: String, _ namespace: String, _ names: [String], in cluster: String
    ) throws {
        let kind = AuditResource.allCases.first { [$0.rawValue, String($0.rawValue.dropLast())].contains(resource) }
        guard let kind else { throw PrintedConfiguration.Unreadable(line: resource) }
        for name in names {
            var result: Result<Void, any Error> = .failure(PrintedConfiguration.Unreadable(line: name))
            items(kind, in: cluster) { items in
                guard let index = items.firstIndex(where: { $0.name == name && $0.namespace == namespace }) else {
                    return
                }
                result = Result { items[index] = try StrategicMerge.apply(body, to: items[index]) }
            }
            try result.get()
        }
    }

    // MARK: - Helm

    /// Renderings that are recorded of the very values: `scripts/record-istiod-values`.
    private static func rendered(_ values: JSONValue, chart: String) throws -> JSONValue {
        let tests = folder.deletingLastPathComponent().deletingLastPathComponent()
        let fixtures = tests.appending(path: "QuakeManifestsTests/Fixtures")
        func read(_ name: String) throws -> JSONValue {
            try JSONValue(parsing: Data(contentsOf: fixtures.appending(path: name)))
        }
        let cases = try read("istiod-values.json").objectValue ?? [:]
        guard let name = cases.first(where: { $0.value == values })?.key,
            let result = try read("istiod-rendered.json").at("charts", chart, name)
        else { throw PrintedConfiguration.Unreadable(line: "no rendering of \(values.text()) with chart \(chart)") }
        return result
    }

    private mutating func upgradeIstiod(_ values: JSONValue, chart: String, in cluster: String) throws {
        let rendered = try Self.rendered(values, chart: chart)
        let least = rendered.at("autoscaler", 0, "minReplicas") ?? 1
        edit(.deployments, "istiod", in: cluster) { deployment in
            deployment.set(rendered["affinity"], at: "spec", "template", "spec", "affinity")
            for (key, value) in rendered["labels"]?.objectValue ?? [:] {
                deployment.set(value, at: "spec", "template", "metadata", "labels", key)
            }
            // The autoscaler's.
            if (deployment[path: "spec.replicas"]?.intValue ?? 1) < least.intValue ?? 1 {
                deployment.set(least, at: "spec", "replicas")
            }
        }
        put(
            .autoscalers,
            [
                "kind": "HorizontalPodAutoscaler", "apiVersion": "autoscaling/v2",
                "metadata": ["name": "istiod", "namespace": "istio-system"],
                "spec": [
                    "minReplicas": least, "maxReplicas": rendered.at("autoscaler", 0, "maxReplicas") ?? 5,
                    "scaleTargetRef": ["kind": "Deployment", "name": "istiod"],
                ],
            ], in: cluster)
        put(
            .budgets,
            [
                "kind": "PodDisruptionBudget", "apiVersion": "policy/v1",
                "metadata": ["name": "istiod", "namespace": "istio-system"], "spec": rendered["budget"]?[0] ?? [:],
            ], in: cluster)
        // --reuse-values: what the release had stays, but for what is given.
        edit(.configmaps, "values", in: cluster) { map in
            let text = map.at("data", "original-values")?.stringValue ?? "{}"
            guard let old = try? JSONValue(parsing: text), let new = try? StrategicMerge.apply(values, to: old) else {
                return
            }
            map.set(.string(new.text()), at: "data", "original-values")
        }
    }

    /// In place of the object of its name.
    private mutating func put(_ resource: AuditResource, _ object: JSONValue, in cluster: String) {
        items(resource, in: cluster) { items in
            items.removeAll { $0.name == object.name && $0.namespace == object.namespace }
            items.append(object)
        }
    }

    // MARK: - kubeadm

    private mutating func setFlags(_ configuration: JSONValue, in cluster: String) throws {
        let reading = KindReading(configuration.yamlText, file: "kind-cluster.yaml", for: .embedded)
        guard let made = reading.cluster, reading.refusals.isEmpty else {
            throw PrintedConfiguration.Unreadable(line: "\(reading.findings)")
        }
        edit(.pods, "kube-controller-manager", in: cluster) { pod in
            let flags = made.controllerManager.map { JSONValue.string($0.text) }
            pod["spec"]?["containers"]?[0]?["command"] = .array(["kube-controller-manager"] + flags)
        }
    }

    // MARK: - istiod

    /// What istiod makes of the Gateways of a real mesh: its own template, changed as the ConfigMap in force says.
    private mutating func buildGateways(in cluster: String) throws {
        guard let now = snapshot.clusters.first(where: { $0.name == cluster }),
            case .items(let gateways)? = now.lists[.gateways], case .items(let maps)? = now.lists[.configmaps]
        else { return }
        for gateway in gateways where gateway.labels[WellKnown.managedBy] != "peerquake" {
            let name = gateway[path: "spec.gatewayClassName"]?.stringValue
            guard IstioDistribution.allCases.contains(where: { $0.gatewayClass == name }) else { continue }
            let own = try now.items(.deployments).first { $0.name == gateway.name && $0.namespace == gateway.namespace }
            let service = try now.items(.services).first { $0.labels[WellKnown.gatewayName] == gateway.name }
            guard let own, let service else { continue }
            let map = GatewayBuild.oldest(maps.filter { $0.labels[WellKnown.gatewayDefaults] == name })
            let build = GatewayBuild(
                gateway: gateway,
                template: ["deployment": Self.template(own).text(), "service": Self.template(service: service).text()],
                changes: map?["data"]?.stringMembers ?? [:])
            for part in GatewayBuild.Part.allCases {
                guard let object = try build.object(part),
                    let resource = AuditResource.allCases.first(where: { $0.kind == object.kind })
                else { continue }
                var made = object
                if part.isOptional {
                    made.set(
                        [["kind": "Gateway", "name": .string(gateway.name)]], at: "metadata", "ownerReferences")
                }
                put(resource, made, in: cluster)
            }
        }
    }

    /// `files/waypoint.yaml` of the chart istiod, in which the defaults of its values give neither replicas nor a placement.
    private static func template(_ deployment: JSONValue) -> JSONValue {
        let spec = deployment[path: "spec.template.spec"]
        let containers = (spec?["containers"]?.arrayValue ?? []).map { container -> JSONValue in
            ["name": container["name"] ?? .null, "image": container["image"] ?? .null]
        }
        return [
            "kind": "Deployment", "apiVersion": "apps/v1", "metadata": deployment.metadata,
            "spec": [
                "selector": deployment[path: "spec.selector"] ?? [:],
                "template": [
                    "metadata": deployment[path: "spec.template.metadata"] ?? [:],
                    "spec": [
                        "containers": .array(containers), "terminationGracePeriodSeconds": 2,
                        "serviceAccountName": spec?["serviceAccountName"] ?? .null,
                    ],
                ],
            ],
        ]
    }

    private static func template(service: JSONValue) -> JSONValue {
        var result = service
        result.set(nil, at: "spec", "externalTrafficPolicy")
        return result
    }
}

extension ManifestInventory {
    /// What the command reads of a cluster, from what an audit has read of it.
    fileprivate init(_ cluster: ClusterSnapshot) throws {
        func items(_ resource: AuditResource) -> [JSONValue] { (try? cluster.items(resource)) ?? [] }
        let version = cluster.version ?? ""
        let managers = items(.pods).filter { $0.labels["component"] == "kube-controller-manager" }
        let flags = managers.first.map(NodeMonitoring.flags(of:)) ?? [:]
        self.init(
            context: cluster.name, version: version, nodes: items(.nodes),
            gracePeriod: NodeMonitoring.gracePeriod(flags, version: version),
            monitorPeriod: NodeMonitoring.monitorPeriod(flags))
        leases = items(.leases)
        gateways = items(.gateways).filter { $0.labels[WellKnown.managedBy] != "peerquake" }
        deployments = items(.deployments).filter { $0.labels[WellKnown.gatewayName] != nil }
        configMaps = items(.configmaps).filter {
            $0.labels[WellKnown.gatewayDefaults] != nil && $0.namespace == MeshNames.systemNamespace
        }
        nodePools = items(.nodepools)
        budgets = items(.budgets)
        balancers = items(.services).filter { $0.labels[MeshNames.peerLabel] != nil }
    }
}
