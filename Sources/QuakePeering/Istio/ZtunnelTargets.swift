import QuakeBase
import QuakeCluster
import QuakeKube
import QuakeMesh
import QuakePlan
import QuakeRecord
import Synchronization

/// What the ztunnels of one client dial for its peers, told as a balancer's target sets are. A change is dated to when it was
/// read: up to the pause between two readings, half a second in a run, after it came about.
actor ZtunnelTargets {
    private let client: Cluster
    private let peers: [Cluster]
    private let views: ZtunnelViews
    private var records: [AgentRecord] = []
    private var networks: [String: String] = [:]
    /// Peer → what was told last.
    private var told: [String: [ZtunnelConfig.Gateway]] = [:]
    /// Peer → address → node, as last asked.
    private var nodes: [String: [String: String]] = [:]

    init(_ client: Cluster, peers: [Cluster], _ views: ZtunnelViews) {
        self.client = client
        self.peers = peers
        self.views = views
    }

    /// What is new since a cursor, which counts from 1.
    func page(from cursor: UInt64) async throws -> RecordPage {
        try await look()
        return RecordPage(of: records, from: cursor, incarnation: client.uid)
    }

    private func look() async throws {
        let configs = try await views.configs(of: client)
        let now = SystemClock.unix
        for peer in peers {
            let dialled = ZtunnelViews.dialled(configs, for: try await network(of: peer))
            guard dialled != told[peer.name] else { continue }
            let known = try await names(of: dialled, in: peer)
            told[peer.name] = dialled
            records.append(
                AgentRecord(
                    at: now,
                    .targets(
                        peer: peer.name,
                        // What is no node's, a load balancer's address, stands for itself.
                        addresses: dialled.map { "\(known[$0.host] ?? $0.host)=\($0)" }.sorted())))
        }
    }

    private func network(of peer: Cluster) async throws -> String {
        if let known = networks[peer.name] { return known }
        let network = try await IstioServer.network(of: peer)
        networks[peer.name] = network
        return network
    }

    /// Nodes by their InternalIPs; asked again where one of the addresses is new. A peer that does not answer may be the one
    /// that was just broken: then the addresses stand for themselves.
    private func names(of gateways: [ZtunnelConfig.Gateway], in peer: Cluster) async throws -> [String: String] {
        let known = nodes[peer.name] ?? [:]
        if gateways.allSatisfy({ known[$0.host] != nil }) { return known }
        guard let found = try? await peer.kube.list(.nodes, timeout: .seconds(2)).items else { return known }
        var names = known
        for node in found.map({ NodeView($0) }) { if let address = node.internalIP { names[address] = node.name } }
        nodes[peer.name] = names
        return names
    }
}

/// The readers of a run's clients: each keeps what it has told.
final class ZtunnelTargetReaders: Sendable {
    private let readers = Mutex<[String: ZtunnelTargets]>([:])

    func reader(of client: Cluster, peers: [Cluster], _ views: ZtunnelViews) -> ZtunnelTargets {
        readers.withLock { readers in
            let reader = readers[client.name] ?? ZtunnelTargets(client, peers: peers, views)
            readers[client.name] = reader
            return reader
        }
    }
}
