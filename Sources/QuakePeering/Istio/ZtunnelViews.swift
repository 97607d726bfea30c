import QuakeCluster
import QuakeKube
import QuakeMesh
import QuakePlan

/// What the ztunnels of a client's cluster know that carry its probers' requests.
struct ZtunnelViews: Sendable {
    private let reader: any ZtunnelReading
    private let known = RecentPods()

    /// Of one look at the pods.
    private static let patience = Duration.seconds(5)

    init(_ reader: any ZtunnelReading) { self.reader = reader }

    /// The ready ztunnels of the nodes that run a ready prober, by their names.
    ///
    /// - Throws: ``ClusterError`` where there is none.
    func pods(in client: Cluster) async throws -> [JSONValue] { try await found(in: client).ztunnels }

    /// These ztunnels, and the addresses of the probers that they carry.
    func found(in client: Cluster) async throws -> (ztunnels: [JSONValue], probers: Set<String>) {
        let pods = try await pods(in: MeshNames.systemNamespace, of: client)
        func ready(_ app: String) -> [JSONValue] {
            pods.filter { $0.labels["app"] == app && PodView($0).isReady && !$0.isBeingDeleted }
        }
        let probers = ready(MeshNames.prober).map { PodView($0) }
        let hosts = Set(probers.compactMap(\.node))
        let found = ready(IstioNames.ztunnel).filter { PodView($0).node.map(hosts.contains) ?? false }
        guard !found.isEmpty else {
            throw ClusterError(
                .failed, "\(client.name): no node runs both a ready prober and a ready ztunnel",
                hint: "peerquake mesh install --mesh istio brings the prober.")
        }
        return (found.sorted { $0.name < $1.name }, Set(probers.compactMap(\.ip)))
    }

    /// The pods of a namespace, as they were at most two seconds ago: several readers ask twice a second.
    func pods(in namespace: String, of cluster: Cluster) async throws -> [JSONValue] {
        try await known.pods(in: namespace, of: cluster, within: Self.patience)
    }

    /// The levels of logging of one of them.
    func logLevels(of pod: JSONValue, in client: Cluster) async throws -> String {
        try await reader.logLevels(of: pod, in: client)
    }

    func configs(of client: Cluster) async throws -> [ZtunnelConfig] {
        var configs: [ZtunnelConfig] = []
        for pod in try await pods(in: client) { configs.append(try await reader.config(of: pod, in: client)) }
        return configs
    }

    /// What these ztunnels dial for the backend in a network, sorted: what one of them dials is among it.
    func dialled(by client: Cluster, for network: String) async throws -> [ZtunnelConfig.Gateway] {
        Self.dialled(try await configs(of: client), for: network)
    }

    static func dialled(_ configs: [ZtunnelConfig], for network: String) -> [ZtunnelConfig.Gateway] {
        let service = "\(MeshNames.backendNamespace)/\(MeshNames.backend)"
        return Set(configs.flatMap { $0.dialled(for: network, service: service) }).sorted()
    }
}
