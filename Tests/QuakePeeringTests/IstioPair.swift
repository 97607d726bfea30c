import Foundation
import Logging
import QuakeBase
import QuakeCluster
import QuakeEmbedded
import QuakeKube
import Synchronization
import Testing

@testable import QuakePeering

/// istiod and the ztunnels of embedded clusters with the objects of an open-source Istio. What a ztunnel knows is worked out from
/// the Gateways of all clusters each time that it is asked, as istiod 1.27 does it
/// (`pilot/pkg/serviceregistry/kube/controller/ambient/networks.go`).
///
/// Of several gateways of a network istiod takes one in no defined order: this one takes the one that is wrong for who waits
/// too little, the server's own while there is one.
final class FakeIstio: ZtunnelReading, GatewayReading {
    struct Behaviour: Sendable {
        /// Whether istiod writes the status of Gateways of class `istio-remote`.
        var reportsAddresses = true
        /// Whether it tells the ztunnels anything new.
        var pushes = true
        /// Of every ztunnel's logging.
        var levels = "info"
    }

    let clusters: [String: Cluster]
    let behaviour = Mutex(Behaviour())
    /// What each client was told last.
    private let last = Mutex<[String: ZtunnelConfig]>([:])

    init(_ clusters: [String: Cluster]) { self.clusters = clusters }

    /// Reports the addresses of remote Gateways as they are written, until it is cancelled.
    func report() async {
        while !Task.isCancelled {
            if behaviour.withLock({ $0.reportsAddresses }) {
                for cluster in clusters.values { try? await report(cluster.kube) }
            }
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    private func report(_ kube: KubeClient) async throws {
        for object in try await kube.list(IstioObjects.gateways()).items
        where object[path: "spec.gatewayClassName"]?.stringValue == "istio-remote"
            && object[path: "status.addresses"] != object[path: "spec.addresses"]
        {
            let path = IstioObjects.gateways(object.namespace).named(object.name).subresource("status")
            try await kube.patch(path, ["status": ["addresses": object[path: "spec.addresses"] ?? []]])
        }
    }

    func config(of pod: JSONValue, in client: Cluster) async throws -> ZtunnelConfig {
        guard behaviour.withLock({ $0.pushes }) else { return try #require(last.withLock { $0[client.name] }) }
        var workloads: [JSONValue] = []
        for server in clusters.values.sorted(by: { $0.name < $1.name }) where server.name != client.name {
            let network = "network-\(server.name)"
            var ends: [(address: String, port: Int)] = []
            for object in try await gateways(server, "istio-east-west", network) {
                ends += addresses(object).map { ($0, 0) }
            }
            for object in try await gateways(client, "istio-remote", network) {
                let port = object.at("spec", "listeners", 0, "port")?.intValue ?? 0
                ends += addresses(object).map { ($0, port) }
            }
            for end in ends {
                let uid = "NetworkGateway/\(network)/\(end.address)/\(end.port)"
                workloads.append(["uid": .string(uid), "network": .string(network)])
            }
            guard let first = ends.first else { continue }
            let gateway: JSONValue = [
                "destination": .string("\(network)/\(first.address)"),
                "hboneMtlsPort": .int(Int64(first.port == 0 ? 15_008 : first.port)),
            ]
            workloads.append([
                "uid": .string("\(network)/SplitHorizonWorkload/x/demo/echo.demo.svc.cluster.local"),
                "network": .string(network), "services": ["demo/echo.demo.svc.cluster.local"],
                "networkGateway": gateway,
            ])
        }
        let dump: JSONValue = ["workloads": .array(workloads)]
        let config = try ZtunnelConfig(parsing: dump.serialized())
        last.withLock { $0[client.name] = config }
        return config
    }

    func logLevels(of pod: JSONValue, in cluster: Cluster) async throws -> String {
        behaviour.withLock { $0.levels }
    }

    func streams(of pod: JSONValue, in cluster: Cluster) async throws -> Int { 0 }

    private func addresses(_ object: JSONValue) -> [String] {
        (object[path: "status.addresses"]?.arrayValue ?? []).compactMap { $0["value"]?.stringValue }
    }

    /// Those of a class that announce a network.
    private func gateways(_ cluster: Cluster, _ className: String, _ network: String) async throws -> [JSONValue] {
        try await cluster.kube.list(IstioObjects.gateways()).items.filter { object in
            object[path: "spec.gatewayClassName"]?.stringValue == className
                && object.labels["topology.istio.io/network"] == network
        }
    }
}

/// Clusters of one process with what ``FakeIstio`` needs, as long as a test.
struct IstioPair: Sendable {
    let istio: FakeIstio
    let clusters: [String: Cluster]
    let peering: IstioPeering

    var east: Cluster { get throws { try #require(clusters["east"]) } }
    var west: Cluster { get throws { try #require(clusters["west"]) } }

    private static func shape(_ name: String) -> String {
        """
        kind: Cluster
        apiVersion: kind.x-k8s.io/v1alpha4
        name: \(name)
        nodes: [{role: control-plane}, {role: worker}, {role: worker}]
        """
    }

    /// - Parameter networks: cluster → its `values.global.network`, where that is another one than its Gateway's.
    static func with(
        _ names: [String] = ["east", "west"], networks: [String: String] = [:], patience: Duration = .seconds(20),
        _ body: @escaping @Sendable (IstioPair) async throws -> Void
    ) async throws {
        let shapes = try names.map { try ClusterShape.parse(shape($0), file: "\($0).yaml") }
        let (ready, announce) = AsyncStream<[Kubeconfig.Context]>.makeStream()
        var logger = Logger(label: "test")
        logger.logLevel = .error
        let host = EmbeddedHost(shapes, logger: logger)
        let hosting = Task { try await host.run { contexts in announce.yield(contexts) } }
        defer { hosting.cancel() }
        for await contexts in ready {
            var clusters: [String: Cluster] = [:]
            for context in contexts {
                let kube = KubeClient(context)
                clusters[context.name] = Cluster(
                    name: context.name, uid: context.name, kube: kube,
                    kubectl: Kubectl(kubeconfigPath: "/absent", context: context.name, cacheDirectory: "/tmp"))
                try await install(context.name, networks[context.name] ?? "network-\(context.name)", kube)
            }
            for cluster in clusters.values { try await awaitPods(cluster.kube) }
            let istio = FakeIstio(clusters)
            let reporting = Task { await istio.report() }
            defer { reporting.cancel() }
            let peering = try #require(
                try await IstioPeering.find(in: clusters, patience: patience, ztunnels: istio, gateways: istio))
            try await body(IstioPair(istio: istio, clusters: clusters, peering: peering))
            return
        }
    }

    // MARK: - Objects

    private static func namespace(_ name: String, _ labels: JSONValue = [:]) -> JSONValue {
        ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(name), "labels": labels]]
    }

    private static func workload(
        _ kind: String, _ namespace: String, _ name: String, _ labels: JSONValue, _ replicas: Int?
    ) -> JSONValue {
        let pod: JSONValue = [
            "serviceAccountName": "default", "containers": [["name": "c", "image": "example.com/inert:1"]],
        ]
        var spec: JSONValue = [
            "selector": ["matchLabels": labels], "template": ["metadata": ["labels": labels], "spec": pod],
        ]
        if let replicas { spec["replicas"] = .int(Int64(replicas)) }
        let metadata: JSONValue = ["namespace": .string(namespace), "name": .string(name), "labels": labels]
        return ["apiVersion": "apps/v1", "kind": .string(kind), "metadata": metadata, "spec": spec]
    }

    private static let gatewayPods: JSONValue = ["gateway.networking.k8s.io/gateway-name": "istio-eastwest"]

    private static let service: JSONValue = [
        "apiVersion": "v1", "kind": "Service",
        "metadata": ["namespace": "istio-eastwest", "name": "istio-eastwest"],
        "spec": [
            "type": "LoadBalancer", "selector": gatewayPods,
            "ports": [["name": "status", "port": 15_021], ["name": "mesh", "port": 15_008, "nodePort": 31_008]],
        ],
    ]

    private static func gateway(_ cluster: String) -> JSONValue {
        let labels: JSONValue = [
            "topology.istio.io/network": .string("network-\(cluster)"), "topology.istio.io/cluster": .string(cluster),
        ]
        return [
            "apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway",
            "metadata": ["namespace": "istio-eastwest", "name": "istio-eastwest", "labels": labels],
            "spec": [
                "gatewayClassName": "istio-east-west",
                "listeners": [["name": "cross-network", "port": 15_008, "protocol": "HBONE"]],
            ],
        ]
    }

    private static func values(_ network: String) -> JSONValue {
        let values: JSONValue = ["global": ["network": .string(network)]]
        return [
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": ["namespace": "istio-system", "name": "istio-sidecar-injector"],
            "data": ["values": .string(values.text())],
        ]
    }

    private static func install(_ name: String, _ global: String, _ kube: KubeClient) async throws {
        var objects = [
            namespace("istio-system", ["topology.istio.io/network": .string("network-\(name)")]),
            namespace("istio-eastwest"), values(global), service, gateway(name),
        ]
        objects.append(workload("Deployment", "istio-system", "istiod", ["app": "istiod"], 1))
        objects.append(workload("DaemonSet", "istio-system", "ztunnel", ["app": "ztunnel"], nil))
        objects.append(workload("Deployment", "istio-system", "peerquake-prober", ["app": "peerquake-prober"], 1))
        objects.append(workload("Deployment", "istio-eastwest", "istio-eastwest", gatewayPods, 2))
        for object in objects { try await kube.apply(object) }
        let address: JSONValue = ["type": "IPAddress", "value": .string("10.0.0.\(name.utf8.count)")]
        try await kube.patch(
            IstioObjects.gateways("istio-eastwest").named("istio-eastwest").subresource("status"),
            ["status": ["addresses": [address]]])
    }

    private static func awaitPods(_ kube: KubeClient) async throws {
        try await poll(until: "the pods of Istio", within: .seconds(30), every: .milliseconds(50)) { () -> Look<Void> in
            let pods = try await kube.list(.pods("istio-system")).items + kube.list(.pods("istio-eastwest")).items
            let ready = pods.filter { PodView($0).isReady }
            return ready.count >= 6 && ready.count == pods.count ? .met(()) : .notYet("\(ready.count) of \(pods.count)")
        }
    }

    // MARK: - What is so

    /// The server's label, and the client's Gateways of class `istio-remote` as `NAME NETWORK ADDRESS:PORT`.
    func state(of client: String = "east", server: String = "west") async throws -> (label: String?, remotes: [String])
    {
        let gateways = IstioObjects.gateways("istio-eastwest")
        let own = try await (try #require(clusters[server])).kube.get(gateways.named("istio-eastwest"))
        let all = try await (try #require(clusters[client])).kube.list(gateways).items
        let remotes = all.filter { $0[path: "spec.gatewayClassName"]?.stringValue == "istio-remote" }
        let words = remotes.map { object -> String in
            let address = object.at("spec", "addresses", 0, "value")?.stringValue ?? "-"
            let port = object.at("spec", "listeners", 0, "port")?.intValue ?? 0
            return "\(object.name) \(object.labels["topology.istio.io/network"] ?? "-") \(address):\(port)"
        }
        return (own.labels["topology.istio.io/network"], words)
    }
}
