import Foundation
import NIOHTTP1
import QuakeCluster
import QuakeHTTP
import QuakeKube
import QuakeMesh
import QuakeMeshAgent
import QuakeMeshInstall
import QuakePlan
import Synchronization
import Testing

@testable import QuakePeering

/// A control plane with Gateways in it: patches change them, and the rest of Solo's is answered by a script.
private final class ControlPlane: Sendable {
    struct State {
        var gateways: [String: JSONValue] = [:]
        var serviceEntries: [JSONValue] = []
        var nodeEntries: [JSONValue] = []
        var patches: [String] = []
        /// Called after each patch of the peer's Gateway.
        var react: @Sendable (inout State) -> Void = { _ in }
        /// Looks at the peer's Gateway since the last patch.
        var looks = 0
    }

    /// Shared with the listener, which is there before this object.
    final class Held: Sendable {
        let state: Mutex<State>
        init(_ state: State) { self.state = Mutex(state) }
    }

    let held: Held
    private let listener: any MeshListener
    private let url: String

    init(_ initial: State) async throws {
        let held = Held(initial)
        let address = "127.79.\(UInt8.random(in: 1...250)).\(UInt8.random(in: 1...250))"
        url = "http://\(address):8001"
        let server = HTTPServer { request in .now(held.state.withLock { Self.answer(request, &$0) }) }
        listener = try await SystemNetwork().listen(host: address, port: 8001, accept: server.accept)
        self.held = held
    }

    var patches: [String] { held.state.withLock { $0.patches } }

    private static func answer(_ request: SimpleRequest, _ state: inout State) -> SimpleAnswer {
        let path = String(request.uri.split(separator: "?").first ?? "")
        func list(_ items: [JSONValue]) -> SimpleAnswer {
            SimpleAnswer(
                body: JSONValue.object(["metadata": ["resourceVersion": "1"], "items": .array(items)]).serialized())
        }
        if path.hasSuffix("/workloadentries") { return list(state.nodeEntries) }
        if path.hasSuffix("/serviceentries") { return list(state.serviceEntries) }
        if path.hasSuffix("/gateways") {
            guard !state.gateways.isEmpty else { return absent }
            return list(state.gateways.sorted { $0.key < $1.key }.map(\.value))
        }
        let name = String(path.split(separator: "/").last ?? "")
        guard path.contains("/gateways/"), var object = state.gateways[name] else { return absent }
        if request.method == .PATCH, let patch = try? JSONValue(parsing: request.body) {
            for (key, value) in patch.at("metadata", "annotations")?.objectValue ?? [:] {
                object.set(value, at: "metadata", "annotations", key)
                state.patches.append("\(name) \(key)=\(value.stringValue ?? "null")")
            }
            state.gateways[name] = object
            state.looks = 0
        } else {
            state.looks += 1
            state.react(&state)
        }
        return SimpleAnswer(body: (state.gateways[name] ?? object).serialized())
    }

    private static let absent = SimpleAnswer(
        status: .notFound, body: Array("{\"kind\":\"Status\",\"reason\":\"NotFound\",\"code\":404}".utf8))

    func cluster(_ name: String) -> Cluster {
        Cluster(
            name: name, uid: name,
            kube: KubeClient(
                Kubeconfig.Context(name: name, cluster: .init(name: name, server: url), user: .init(name: name))),
            kubectl: Kubectl(kubeconfigPath: "/absent", context: name, cacheDirectory: "/tmp"))
    }

    func stop() async { await listener.close() }
}

@Suite("Peering by Istio and Solo", .serialized, .timeLimit(.minutes(3)))
struct IstioPeeringTests {
    private static let own = "peering.solo.io/data-plane-service-type"
    private static let preferred = "peering.solo.io/preferred-data-plane-service-type"

    private static func gateway(_ name: String, _ className: String, ready: Bool = true) -> JSONValue {
        var object: JSONValue = [
            "metadata": [
                "name": .string(name), "namespace": "istio-eastwest", "uid": .string("uid-\(name)"),
                "labels": ["topology.istio.io/cluster": "west"],
                "annotations": ["gateway.istio.io/service-account": "istio-eastwest"],
            ], "spec": ["gatewayClassName": .string(className)],
        ]
        object.set(conditions(ready ? "True" : "False"), at: "status", "conditions")
        return object
    }

    private static func conditions(_ last: String) -> JSONValue {
        [
            ["type": "gloo.solo.io/PeeringSucceeded", "status": "True"],
            ["type": "gloo.solo.io/PeerConnected", "status": "True"],
            ["type": "gloo.solo.io/PeerDataPlaneProgrammed", "status": .string(last)],
        ]
    }

    /// Two clusters in which a method is programmed some looks after the client was told.
    private func withSolo(
        after looks: Int, _ body: (_ east: ControlPlane, _ west: ControlPlane, IstioPeering) async throws -> Void
    ) async throws {
        var client = ControlPlane.State()
        client.gateways = [
            "istio-eastwest": Self.gateway("istio-eastwest", "istio-eastwest"),
            "istio-remote-peer-west": Self.gateway("istio-remote-peer-west", "istio-remote"),
        ]
        client.react = { state in
            guard state.looks >= looks else { return }
            let annotations = state.gateways["istio-remote-peer-west"]?.annotations ?? [:]
            state.nodeEntries =
                annotations[Self.preferred] == "nodeport" ? [["metadata": ["name": "autogen.node.west.n1.x"]]] : []
        }
        var server = ControlPlane.State()
        server.gateways = ["istio-eastwest": Self.gateway("istio-eastwest", "istio-eastwest")]
        let (east, west) = (try await ControlPlane(client), try await ControlPlane(server))
        let clusters = ["east": east.cluster("east"), "west": west.cluster("west")]
        let peering = try #require(try await IstioPeering.find(in: clusters, patience: .seconds(5)))
        #expect(peering.distribution == .solo)
        try await body(east, west, peering)
        await east.stop()
        await west.stop()
    }

    @Test("switches by both Gateways' annotations, waits until it is programmed, and switches back")
    func switches() async throws {
        try await withSolo(after: 3) { east, west, peering in
            let client = east.cluster("east")
            #expect(try await peering.method(from: client, to: "west") == .loadBalancer)
            let there = try await peering.switching(from: client, to: "west", method: .nodePort)
            #expect(there.map(\.cluster) == ["west", "east"])
            for change in there { try await change.apply() }
            #expect(west.patches == ["istio-eastwest \(Self.own)=nodeport"])
            #expect(east.patches == ["istio-remote-peer-west \(Self.preferred)=nodeport"])
            #expect(east.held.state.withLock { $0.nodeEntries.count } == 1, "it has waited for the nodes' entries")
            #expect(try await peering.method(from: client, to: "west") == .nodePort)
            #expect(try await peering.switching(from: client, to: "west", method: .nodePort).isEmpty)

            let back = try await peering.switching(from: client, to: "west", method: .loadBalancer)
            #expect(back.map(\.cluster) == ["east", "west"])
            for change in back { try await change.apply() }
            #expect(east.patches.last == "istio-remote-peer-west \(Self.preferred)=null")
            #expect(east.held.state.withLock { $0.nodeEntries.isEmpty })
            // What undoes the way there is what the run's end carries out.
            for change in there.reversed() {
                try await change.inverse.revert(on: change.cluster == "east" ? client : west.cluster("west"))
            }
            #expect(west.patches.last == "istio-eastwest \(Self.own)=null")
        }
    }

    @Test("says what it waited for when a method is not programmed")
    func unprogrammed() async throws {
        try await withSolo(after: .max) { east, west, _ in
            let clusters = ["east": east.cluster("east"), "west": west.cluster("west")]
            let hasty = IstioPeering(.solo, clusters: clusters, patience: .zero)
            let changes = try await hasty.switching(from: east.cluster("east"), to: "west", method: .nodePort)
            let last = try #require(changes.last)
            let error = await #expect(throws: ClusterError.self) { try await last.apply() }
            #expect(error.map { "\($0)" }?.contains("no WorkloadEntry of the peer's nodes") == true)
            east.held.state.withLock {
                $0.gateways["istio-remote-peer-west"]?.set(Self.conditions("False"), at: "status", "conditions")
            }
            let again = await #expect(throws: ClusterError.self) { try await last.apply() }
            #expect(
                again.map { "\($0)" }?.contains("condition gloo.solo.io/PeerDataPlaneProgrammed is False") == true)
        }
    }

    @Test("refuses NodePort for a peer's Gateway that lacks what it takes, before anything is changed")
    func incomplete() async throws {
        try await withSolo(after: 0) { east, west, peering in
            east.held.state.withLock {
                $0.gateways["istio-remote-peer-west"]?.set([:], at: "metadata", "annotations")
            }
            let client = east.cluster("east")
            let error = await #expect(throws: ClusterError.self) {
                _ = try await peering.switching(from: client, to: "west", method: .nodePort)
            }
            #expect(error.map { "\($0)" }?.contains("annotation gateway.istio.io/service-account") == true)
            #expect(west.patches.isEmpty)
        }
    }

    @Test("finds the backend at the address that the shared Service got")
    func routes() async throws {
        try await withSolo(after: 0) { east, _, peering in
            let client = east.cluster("east")
            await #expect(throws: ClusterError.self) { _ = try await peering.route(from: client, to: "west") }
            east.held.state.withLock {
                $0.serviceEntries = [
                    ["spec": ["hosts": ["other.demo.mesh.internal"], "addresses": ["240.0.0.1"]]],
                    [
                        "spec": ["hosts": ["echo.demo.mesh.internal"], "ports": [["number": 8080]]],
                        "status": ["addresses": [["value": "2001:2::1"], ["value": "240.240.0.7"]]],
                    ],
                ]
            }
            let route = try await peering.route(from: client, to: "west")
            #expect(route == ("240.240.0.7", 8080))
            #expect(try await peering.recordAgents(in: client).isEmpty)
        }
    }

    @Test("open-source Istio's gateways are found by their class, wherever they stand")
    func openSource() async throws {
        var state = ControlPlane.State()
        state.gateways = ["istio-eastwestgateway": Self.gateway("istio-eastwestgateway", "istio-east-west")]
        let plane = try await ControlPlane(state)
        let peering = try #require(try await IstioPeering.find(in: ["east": plane.cluster("east")]))
        #expect(peering.distribution == .istio)
        #expect(peering.place(of: .gateway)?.name == "istio-eastwestgateway")
        #expect(peering.targetObstacle == nil)
        #expect(IstioPeering(.solo, clusters: [:]).targetObstacle?.contains("cannot be read yet") == true)
        await plane.stop()
    }

    @Test("is not found where no cluster knows Gateways, and is refused where clusters differ")
    func found() async throws {
        let bare = try await ControlPlane(ControlPlane.State())
        #expect(try await IstioPeering.find(in: ["east": bare.cluster("east")]) == nil)
        var state = ControlPlane.State()
        state.gateways = ["a": Self.gateway("a", "istio-eastwest")]
        let one = try await ControlPlane(state)
        state.gateways = ["a": Self.gateway("a", "istio-east-west")]
        let other = try await ControlPlane(state)
        let clusters = ["east": one.cluster("east"), "west": other.cluster("west")]
        await #expect(throws: ClusterError.self) { _ = try await IstioPeering.find(in: clusters) }
        for plane in [bare, one, other] { await plane.stop() }
    }

    @Test("installs the backend and its own prober too", arguments: IstioDistribution.allCases)
    func guests(distribution: IstioDistribution) {
        let manifests = MeshManifests(cluster: "west", tunings: MeshTunings(), token: "")
        let prober = manifests.prober(.count(2), replicas: 2)
        let server = manifests.guests(of: distribution, servesBackend: true, probers: prober)
        let client = manifests.guests(of: distribution, servesBackend: false, probers: prober)
        func names(_ objects: [JSONValue]) -> [String] {
            objects.filter { $0.kind == "Deployment" }.map(\.name).sorted()
        }
        #expect(names(server) == ["echo", "peerquake-prober"])
        #expect(names(client) == ["peerquake-prober"])
        let service = server.first { $0.kind == "Service" }
        let label = distribution == .istio ? "istio.io/global" : "solo.io/service-scope"
        #expect(service?.labels[label] == (distribution == .istio ? "true" : "global"))
        let pod = server.first { $0.name == "peerquake-prober" && $0.kind == "Deployment" }?.at("spec", "template")
        #expect(pod?.at("metadata", "labels", "istio.io/dataplane-mode") == "ambient")
        // Nothing of a prober's may speak to the API server.
        #expect(!prober.contains { $0.kind.hasSuffix("Binding") || $0.kind.hasSuffix("Role") })
    }

    @Test("gives probers what keeps them in time: SYS_NICE, a share of a processor, and a class that ends no other pod")
    func priority() throws {
        let manifests = MeshManifests(cluster: "east", tunings: MeshTunings(), token: "")
        let objects = manifests.prober(.count(1), replicas: 1)
        let pod = try #require(objects.first { $0.kind == "Deployment" }?.at("spec", "template", "spec"))
        let container = try #require(pod.at("containers", 0))
        #expect(container[path: "securityContext.capabilities.add"] == ["SYS_NICE"])
        #expect(container[path: "resources.requests.cpu"] == "250m")
        #expect(container[path: "resources.limits"] == nil, "a limit is a quota, which throttles")
        let priority = try #require(objects.first { $0.kind == "PriorityClass" })
        #expect(pod["priorityClassName"]?.stringValue == priority.name)
        #expect(priority["preemptionPolicy"] == "Never")
        // Two installations in one cluster apply the same one, for its value cannot be changed.
        let other = MeshManifests(cluster: "west", tunings: MeshTunings(), token: "x").prober(.perZone, replicas: 3)
        #expect(other.first { $0.kind == "PriorityClass" } == priority)
        // Many probers share what a node gives.
        func request(_ replicas: Int, _ nodes: Int) -> String? {
            manifests.prober(.count(replicas), replicas: replicas, nodes: nodes).first { $0.kind == "Deployment" }?
                .at("spec", "template", "spec", "containers", 0)?[path: "resources.requests.cpu"]?.stringValue
        }
        #expect([request(3, 5), request(10, 5), request(50, 5), request(50, 0)] == ["250m", "250m", "50m", "10m"])
    }

    @Test("spreads several probers over nodes, or over zones, one in each")
    func layout() {
        let nodes: [JSONValue] =
            ["a", "b", "a"].map {
                ["metadata": ["labels": ["topology.kubernetes.io/zone": .string($0)]]]
            } + [["metadata": ["name": "control-plane"]]]
        #expect(ProberLayout("zones")?.replicas(nodes: nodes) == 2)
        #expect(ProberLayout("3")?.replicas(nodes: nodes) == 3)
        for wrong in ["0", "51", "x", ""] { #expect(ProberLayout(wrong) == nil) }
        let manifests = MeshManifests(cluster: "east", tunings: MeshTunings(), token: "")
        func key(_ layout: ProberLayout) -> String? {
            let object = manifests.prober(layout, replicas: 2).first { $0.kind == "Deployment" }
            return object?.at("spec", "template", "spec", "topologySpreadConstraints", 0, "topologyKey")?.stringValue
        }
        #expect(key(.count(1)) == nil)
        #expect(key(.count(2)) == "kubernetes.io/hostname")
        #expect(key(.perZone) == "topology.kubernetes.io/zone")
    }
}
