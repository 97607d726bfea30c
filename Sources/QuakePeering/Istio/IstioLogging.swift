import QuakeBase
import QuakeCluster
import QuakeKube
import QuakeMesh
import QuakePlan

/// What open-source Istio's proxies log beyond what they log by themselves: each connection's beginning and the connections that ztunnel
/// shares (its modules `access` and `proxy::pool` at `debug`), and a line for each stream that a gateway's Envoy carried.
struct IstioLogging: Sendable {
    /// Modules of ztunnel 1.27: the target of `src/proxy/metrics.rs`, and `src/proxy/pool.rs` by its path.
    static let levels = "access=debug,ztunnel::proxy::pool=debug"
    /// Of the Telemetry that switches a gateway's access log on.
    static let telemetry = "peerquake-gateway-log"
    /// What is kept of one log; kubelets keep 10 MiB before they begin another file.
    private static let limit = 32 << 20

    private let cluster: Cluster
    private let gateway: WorkloadPlace
    private let views: ZtunnelViews

    init(_ cluster: Cluster, _ gateway: WorkloadPlace, _ views: ZtunnelViews) {
        self.cluster = cluster
        self.gateway = gateway
        self.views = views
    }

    /// Of the ztunnels on nodes that run probers, and of the gateways.
    func changes() async throws -> [Mutation] {
        var changes: [Mutation] = []
        for pod in try await proberZtunnels() {
            let before = try await views.logLevels(of: pod, in: cluster)
            guard !Self.has(before) else { continue }
            changes.append(raising(pod, from: before))
        }
        return try await changes + (accessLog().map { [$0] } ?? [])
    }

    /// Whether levels say what ``levels`` asks for already.
    static func has(_ levels: String) -> Bool {
        let parts = Set(levels.split(separator: ",").map { String($0) })
        return Self.levels.split(separator: ",").allSatisfy { parts.contains(String($0)) }
    }

    private func proberZtunnels() async throws -> [JSONValue] {
        do {
            return try await views.pods(in: cluster)
        } catch let error as ClusterError where error.code == .failed {
            // A cluster that sends no requests has no prober.
            return []
        }
    }

    private func raising(_ pod: JSONValue, from before: String) -> Mutation {
        let kubectl = cluster.kubectl
        let path = ResourcePath.pod(pod.namespace, pod.name).path
        return Mutation(
            cluster: cluster.name, action: "setting", about: "log \(Self.levels) in ztunnel \(pod.name)",
            objectUID: pod.uid, inverse: .logLevels(pod: path, uid: pod.uid, levels: before)
        ) { try await ProxyLevels.write("\(before),\(Self.levels)", of: pod, by: kubectl) }
    }

    /// `nil` where it is there already.
    private func accessLog() async throws -> Mutation? {
        let path = ResourcePath(
            group: "telemetry.istio.io", version: "v1", resource: "telemetries", namespace: gateway.namespace,
            name: Self.telemetry)
        do throws(KubeError) {
            _ = try await cluster.kube.get(path)
            return nil
        } catch {
            guard error.code == .notFound else { throw error }
        }
        let object: JSONValue = [
            "apiVersion": "telemetry.istio.io/v1", "kind": "Telemetry",
            "metadata": ["namespace": .string(gateway.namespace), "name": .string(Self.telemetry)],
            "spec": [
                "selector": ["matchLabels": .object(gateway.labels.mapValues { .string($0) })],
                "accessLogging": [["providers": [["name": "envoy"]]]],
            ],
        ]
        return MadeObject(object, at: path, of: cluster).mutation(
            action: "setting", about: "switch the access log of \(gateway.name) on")
    }

    /// What these proxies and istiod have logged since a moment, pod by pod; what cannot be read says why in its place.
    ///
    /// - Parameter start: Unix nanoseconds.
    func texts(since start: Int64) async -> [(about: String, text: String)] {
        var pods = (try? await proberZtunnels()) ?? []
        for (namespace, labels) in [
            (gateway.namespace, gateway.selector), (MeshNames.systemNamespace, "app=\(MeshNames.istiod)"),
        ] {
            let found = (try? await cluster.kube.list(.pods(namespace), labels: labels).items) ?? []
            // Others have no log.
            pods += found.filter { PodView($0).phase == "Running" }
        }
        var texts: [(about: String, text: String)] = []
        for pod in pods {
            let about = "log \(cluster.name) \(pod.name)"
            do {
                let bytes = try await PodLog.read(
                    pod, in: cluster, since: start, limit: Self.limit, timeout: .seconds(20))
                texts.append((about, String(decoding: bytes, as: UTF8.self)))
            } catch {
                texts.append((about, "not read: \(error)\n"))
            }
        }
        return texts
    }
}
