import Foundation
import QuakeKube
import QuakeMesh
import QuakeMeshInstall
import QuakeYAML
import Testing

@testable import QuakeEmbedded

@Suite("What the model leaves out", .timeLimit(.minutes(2)))
struct NotModelledTests {
    private static let deployments = "/apis/apps/v1/namespaces/default/deployments"

    @Test("a field with an effect that is left out warns once per object, and is in the ledger")
    func warnsOnce() async throws {
        let api = try await InProcessAPI()
        let manifest = """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web}
            spec:
              replicas: 1
              selector: {matchLabels: {app: web}}
              template:
                metadata: {labels: {app: web}}
                spec:
                  securityContext: {runAsUser: 1000}
                  initContainers: [{name: first, image: x}]
                  containers:
                    - {name: web, image: x, imagePullPolicy: Always, livenessProbe: {tcpSocket: {port: 80}}}
            """
        let answer = try await api.post(Self.deployments, manifest)
        #expect(answer.code == 201)
        #expect(
            answer.warnings == [
                "not modelled by embedded clusters: spec.template.spec.containers[0].livenessProbe, spec.template.spec.initContainers"
            ])
        let again = await api.call(
            "PATCH", "\(Self.deployments)/web", Array(#"{"spec":{"replicas":2}}"#.utf8),
            type: "application/merge-patch+json")
        #expect(again.code == 200)
        #expect(again.warnings.isEmpty)
        let ledger = await api.get("/peerquake.dev/v1/not-modelled")
        #expect(
            ledger["items"] == [
                [
                    "kind": "Deployment", "namespace": "default", "name": "web",
                    "fields": [
                        "spec.template.spec.containers[0].livenessProbe", "spec.template.spec.initContainers",
                    ],
                ]
            ])
        await api.stop()
    }

    @Test("usual, empty and harmless values warn of nothing")
    func usual() async throws {
        let api = try await InProcessAPI()
        let answer = try await api.post(
            "/api/v1/namespaces/default/pods",
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: web}
            spec:
              restartPolicy: Always
              schedulerName: default-scheduler
              hostNetwork: false
              initContainers: []
              containers: [{name: web, image: x, resources: {}, securityContext: {privileged: true}}]
            """)
        #expect(answer.code == 201, "\(answer.message)")
        #expect(answer.warnings.isEmpty)
        await api.stop()
    }

    @Test("the stand-in's own manifests are accepted strictly, and warn of nothing")
    func standin() async throws {
        let api = try await InProcessAPI()
        let manifests = MeshManifests(cluster: "west", tunings: MeshTunings(), token: "secret")
        let layout = ProberLayout.perZone
        let objects =
            manifests.server + manifests.gateways
            + manifests.balancer(peer: "east", gatewayAddress: "1.2.3.4", istiodAddress: "1.2.3.5")
            + manifests.prober(layout, replicas: 2) + MeshManifests.loadBalancerAccess
        for object in objects {
            let kind = try #require(ResourceKind.all.first { $0.kind == object.kind }, "\(object.kind)")
            let prefix = kind.group.isEmpty ? "/api/v1" : "/apis/\(kind.apiVersion)"
            let space = kind.namespaced ? "/namespaces/\(object.namespace)" : ""
            let answer = await api.call(
                "POST", "\(prefix)\(space)/\(kind.resource)?fieldValidation=Strict", object.serialized())
            #expect(answer.code == 201 || answer.code == 409, "\(object.kind) \(object.name): \(answer.message)")
            // Requests take no room here, and nobody goes before anybody: true of the probers, which no run puts here.
            let isProber = object.kind == "Deployment" && object.name == MeshNames.prober
            let left = [
                "not modelled by embedded clusters: spec.template.spec.containers[0].resources, spec.template.spec.priorityClassName"
            ]
            #expect(answer.warnings == (isProber ? left : []), "\(object.kind) \(object.name)")
        }
        let told = await api.get("/peerquake.dev/v1/not-modelled")["items"]?.arrayValue ?? []
        #expect(told.map { $0["name"] } == [.string(MeshNames.prober)])
        await api.stop()
    }

    @Test("a PriorityClass is kept and shown, gives pods its value, and asks for nothing else")
    func priorities() async throws {
        let api = try await InProcessAPI()
        let classes = "/apis/scheduling.k8s.io/v1/priorityclasses"
        let pods = "/api/v1/namespaces/default/pods"
        func pod(_ name: String, _ priority: String) async throws -> InProcessAPI.Answer {
            try await api.post(
                pods,
                "{apiVersion: v1, kind: Pod, metadata: {name: \(name)}, spec: {priorityClassName: \(priority), containers: [{name: web, image: x}]}}"
            )
        }
        #expect(try await pod("early", "probes").message.contains("no PriorityClass with name probes was found"))
        let made = try await api.post(
            "\(classes)?fieldValidation=Strict",
            "{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: probes}, value: 1000, preemptionPolicy: Never}"
        )
        #expect(made.code == 201, "\(made.message)")
        #expect(made.warnings.isEmpty)
        #expect(try await pod("probe", "probes").code == 201)
        #expect(try await pod("critical", "system-node-critical").code == 201)
        let spec = await api.get("\(pods)/probe")["spec"]
        #expect(spec?["priority"] == 1000)
        #expect(spec?["preemptionPolicy"] == "Never")
        #expect(await api.get("\(pods)/critical")[path: "spec.priority"] == 2_000_001_000)
        // A class is made once and for all: who applies it again changes nothing, and another value is refused.
        for (value, code) in [(1000, 200), (2000, 422)] {
            let again = await api.call(
                "PATCH", "\(classes)/probes", Array(#"{"value":\#(value)}"#.utf8), type: "application/merge-patch+json")
            #expect(again.code == code, "\(again.message)")
        }
        let tooHigh = try await api.post(
            classes, "{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: top}, value: 1000000001}"
        )
        #expect(tooHigh.code == 422)
        #expect(tooHigh.message.contains("maximum allowed value of a user defined priority is 1000000000"))
        #expect(await api.call("DELETE", "\(classes)/probes", []).code == 200)
        await api.stop()
    }

    @Test("every manifest of the shipped plans is accepted strictly")
    func plans() async throws {
        let plans = Self.root.appending(path: "Plans")
        let api = try await InProcessAPI()
        let files = try #require(FileManager.default.enumerator(at: plans, includingPropertiesForKeys: nil))
        for case let file as URL in files where file.pathExtension == "yaml" {
            let text = try String(contentsOf: file, encoding: .utf8)
            for node in try YAML.parseAll(text, file: file.lastPathComponent) where node["kind"]?.scalar != "Plan" {
                let object = JSONValue(yaml: node)
                guard let kind = ResourceKind.all.first(where: { $0.kind == object.kind }) else { continue }
                let prefix = kind.group.isEmpty ? "/api/v1" : "/apis/\(kind.apiVersion)"
                let space = kind.namespaced ? "/namespaces/default" : ""
                var here = object
                here.set(nil, at: "metadata", "namespace")
                let answer = await api.call(
                    "POST", "\(prefix)\(space)/\(kind.resource)?fieldValidation=Strict", here.serialized())
                #expect(answer.code == 201 || answer.code == 409, "\(file.lastPathComponent): \(answer.message)")
            }
        }
        await api.stop()
    }

    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    @Test("docs/fidelity.md lists the fields of the table")
    func document() throws {
        let file = Self.root.appending(path: "docs/fidelity.md")
        let text = try String(contentsOf: file, encoding: .utf8)
        let begin = "<!-- fields: generated by NotModelledTests -->\n", end = "\n<!-- fields: end -->"
        let start = try #require(text.range(of: begin)), finish = try #require(text.range(of: end))
        let present = String(text[start.upperBound..<finish.lowerBound])
        guard present != FieldDocument.text else { return }
        if ProcessInfo.processInfo.environment["PEERQUAKE_RECORD"] == "1" {
            let next = text.replacingCharacters(in: start.upperBound..<finish.lowerBound, with: FieldDocument.text)
            try Data(next.utf8).write(to: file)
        }
        Issue.record("docs/fidelity.md is stale: run this test with PEERQUAKE_RECORD=1")
    }
}

@Suite("Objects do what they say", .timeLimit(.minutes(2)))
struct ModelledTests {
    private static let pods = "/api/v1/namespaces/default/pods"
    private static let deployments = "/apis/apps/v1/namespaces/default/deployments"

    private func deployment(_ name: String, replicas: Int, pod: String, container: String = "") -> String {
        """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: \(name)}
        spec:
          replicas: \(replicas)
          selector: {matchLabels: {app: \(name)}}
          template:
            metadata: {labels: {app: \(name)}}
            spec: {\(pod)containers: [{name: web, image: nginx\(container)}]}
        """
    }

    private func phases(_ app: String, _ api: InProcessAPI) async -> [String: Int] {
        let pods = await api.list(Self.pods).filter { $0.labels["app"] == app }
        return Dictionary(grouping: pods) { $0[path: "status.phase"]?.stringValue ?? "" }.mapValues(\.count)
    }

    @Test("a spread, pod affinity and a host port, with a cordoned node")
    func placement() async throws {
        let api = try await InProcessAPI()
        _ = await api.call(
            "PATCH", "/api/v1/nodes/test-worker3", Array(#"{"spec":{"unschedulable":true}}"#.utf8),
            type: "application/merge-patch+json")
        let selector = "labelSelector: {matchLabels: {app: edge}}"
        let zone = "topologyKey: topology.kubernetes.io/zone"
        try await api.post(
            Self.deployments,
            deployment(
                "edge", replicas: 4,
                pod:
                    "topologySpreadConstraints: [{maxSkew: 1, \(zone), whenUnsatisfiable: DoNotSchedule, \(selector)}], "
            ))
        let leader = "{labelSelector: {matchLabels: {app: leader}}, topologyKey: kubernetes.io/hostname}"
        try await api.post(
            Self.deployments,
            deployment(
                "sidecar", replicas: 3,
                pod: "affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [\(leader)]}}, "))
        try await api.post(
            Self.deployments,
            deployment("port", replicas: 5, pod: "", container: ", ports: [{containerPort: 80, hostPort: 8443}]"))
        try await api.eventually("two of edge, two of port run") {
            let edge = await phases("edge", api), port = await phases("port", api)
            return edge["Running"] == 2 && port["Running"] == 2
        }
        #expect(await phases("edge", api) == ["Running": 2, "Pending": 2])
        #expect(await phases("sidecar", api) == ["Pending": 3])
        #expect(await phases("port", api) == ["Running": 2, "Pending": 3])
        let waiting = try #require(await api.list(Self.pods).first { $0.labels["app"] == "sidecar" })
        let condition = try #require(
            waiting[path: "status.conditions"]?.arrayValue?.first { $0["type"] == "PodScheduled" })
        #expect(condition["status"] == "False")
        #expect(condition["reason"] == "Unschedulable")
        #expect(
            condition["message"]?.stringValue?.hasPrefix(
                "0/4 nodes are available: 1 node(s) had untolerated taint(s), 1 node(s) were unschedulable, 2 node(s) didn't match pod affinity rules."
            ) == true)
        await api.stop()
    }

    @Test("AlwaysAllow lets an unready pod go whatever the budget says")
    func alwaysAllow() async throws {
        let api = try await InProcessAPI()
        try await api.post(Self.deployments, deployment("orders", replicas: 3, pod: ""))
        try await api.post(
            "/apis/policy/v1/namespaces/default/poddisruptionbudgets",
            """
            apiVersion: policy/v1
            kind: PodDisruptionBudget
            metadata: {name: orders}
            spec: {minAvailable: 3, unhealthyPodEvictionPolicy: AlwaysAllow, selector: {matchLabels: {app: orders}}}
            """)
        let budget = "/apis/policy/v1/namespaces/default/poddisruptionbudgets/orders"
        try await api.eventually("three are healthy") { await api.get(budget)[path: "status.currentHealthy"] == 3 }
        let names = await api.list(Self.pods).filter { $0.labels["app"] == "orders" }.map(\.name)
        let unready = #"{"status":{"conditions":[{"type":"Ready","status":"False"}]}}"#
        let patched = await api.call(
            "PATCH", "\(Self.pods)/\(names[0])/status", Array(unready.utf8),
            type: "application/strategic-merge-patch+json")
        #expect(patched.code == 200)
        try await api.eventually("one is not") { await api.get(budget)[path: "status.currentHealthy"] == 2 }
        for (name, code) in [(names[1], 429), (names[0], 201)] {
            let answer = try await api.post(
                "\(Self.pods)/\(name)/eviction",
                "{apiVersion: policy/v1, kind: Eviction, metadata: {name: \(name), namespace: default}}")
            #expect(answer.code == code, "\(answer.message)")
        }
        await api.stop()
    }

    @Test(
        "a dry run of an eviction is answered as the eviction would be, and evicts nothing"
    )
    func dryRun() async throws {
        let api = try await InProcessAPI()
        try await api.post(Self.deployments, deployment("orders", replicas: 1, pod: ""))
        let budgets = "/apis/policy/v1/namespaces/default/poddisruptionbudgets"
        func budget(_ name: String) async throws {
            try await api.post(
                budgets,
                """
                apiVersion: policy/v1
                kind: PodDisruptionBudget
                metadata: {name: \(name)}
                spec: {maxUnavailable: 0, selector: {matchLabels: {app: orders}}}
                """)
            try await api.eventually("\(name) is seen") {
                await api.get("\(budgets)/\(name)")[path: "status.currentHealthy"] == 1
            }
        }
        try await api.eventually("it is ready") {
            await api.list(Self.pods).contains { $0.labels["app"] == "orders" && PodView($0).isReady }
        }
        let pod = try #require(await api.list(Self.pods).first { $0.labels["app"] == "orders" }).name
        func ask(_ name: String, uid: String? = nil) async throws -> InProcessAPI.Answer {
            let options = uid.map { ", deleteOptions: {preconditions: {uid: \($0)}}" } ?? ""
            return try await api.post(
                "\(Self.pods)/\(name)/eviction?dryRun=All",
                "{apiVersion: policy/v1, kind: Eviction, metadata: {name: \(name), namespace: default}\(options)}")
        }
        #expect(try await ask(pod).code == 201)
        #expect(try await ask("absent").code == 404)
        #expect(try await ask(pod, uid: "other").code == 409)
        try await budget("first")
        for uid in [nil, "other"] {
            let held = try await ask(pod, uid: uid)
            #expect(held.code == 429 && held.reason == "TooManyRequests", "\(held)")
            #expect(held.causes == [" DisruptionBudget"])
            #expect(held.body[path: "details.retryAfterSeconds"] == nil)
        }
        try await budget("second")
        let several = try await ask(pod)
        #expect(several.code == 500 && several.message.hasPrefix("This pod has more than one PodDisruptionBudget"))
        #expect(await api.get("\(Self.pods)/\(pod)").metadata["deletionTimestamp"] == nil)
        await api.stop()
    }

    @Test("a rollout past its deadline says so")
    func deadline() async throws {
        let api = try await InProcessAPI()
        var manifest = deployment("stuck", replicas: 1, pod: "nodeSelector: {never: there}, ")
        manifest = manifest.replacing("replicas: 1", with: "replicas: 1\n  progressDeadlineSeconds: 1")
        try await api.post(Self.deployments, manifest)
        var progress: JSONValue = .null
        try await api.eventually("the deadline passes") {
            let object = await api.get("\(Self.deployments)/stuck")
            progress =
                object[path: "status.conditions"]?.arrayValue?.first { $0["type"] == "Progressing" } ?? .null
            return progress["status"] == "False"
        }
        #expect(progress["reason"] == "ProgressDeadlineExceeded")
        #expect(progress["message"]?.stringValue?.hasSuffix("\" has timed out progressing.") == true)
        await api.stop()
    }

    @Test("a Service keeps what it was given through a PUT that does not say so")
    func service() async throws {
        let api = try await InProcessAPI()
        let path = "/api/v1/namespaces/default/services"
        let manifest =
            "{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {type: NodePort, ports: [{port: 80}]}}"
        let made = try await api.post(path, manifest).body
        let put = await api.call("PUT", "\(path)/web", Array(try YAML.parse(manifest, file: "s").json.utf8))
        #expect(put.code == 200, "\(put.message)")
        #expect(put.body[path: "spec.clusterIP"] == made[path: "spec.clusterIP"])
        #expect(put.body[path: "spec.ports"] == made[path: "spec.ports"])
        await api.stop()
    }
}
