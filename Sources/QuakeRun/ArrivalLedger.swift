import QuakeCluster
import QuakePlan
import QuakeTimeline
import Synchronization

/// What the clients of clusters know, by the records of the mesh's agents and by who answers requests.
///
/// Records are read every half a second; each has the moment at which its agent wrote it.
final class ArrivalLedger: Arrivals {
    /// What has a set of nodes: a balancer of a client's cluster, or a load balancer.
    private enum Holder: Hashable {
        case balancer(client: String, peer: String)
        case loadBalancer(cluster: String)
    }

    /// Since when a node is in a set, or is no longer.
    private struct Membership {
        var isIn: Bool
        var since: RunInstant
    }

    private struct Answer: Hashable {
        var lane: LaneID
        var server: UInt32
    }

    private struct State {
        /// Nodes that have been in a set.
        var sets: [Holder: [String: Membership]] = [:]
        /// The number of each pod that has answered, by its cluster and name.
        var servers: [ServingPod: UInt32] = [:]
        /// When a pod first answered on a lane.
        var answers: [Answer: RunInstant] = [:]
    }

    private struct ServingPod: Hashable {
        var cluster: String
        var pod: String
    }

    private let state = Mutex(State())
    private let running: @Sendable () -> [Lane]

    /// - Parameter running: the lanes of the trial under way.
    init(_ running: @escaping @Sendable () -> [Lane]) { self.running = running }

    // MARK: - What is recorded

    /// The set of a balancer, each as `node=address:port`.
    func targets(of client: String, to peer: String, _ addresses: [String], at moment: RunInstant) {
        let nodes = Set(addresses.compactMap { $0.split(separator: "=").first.map(String.init) })
        state.withLock { state in
            var set = state.sets[.balancer(client: client, peer: peer)] ?? [:]
            for node in nodes where set[node]?.isIn != true { set[node] = Membership(isIn: true, since: moment) }
            for (node, known) in set where known.isIn && !nodes.contains(node) {
                set[node] = Membership(isIn: false, since: moment)
            }
            state.sets[.balancer(client: client, peer: peer)] = set
        }
    }

    func health(of node: String, in cluster: String, _ isHealthy: Bool, at moment: RunInstant) {
        state.withLock { state in
            guard state.sets[.loadBalancer(cluster: cluster)]?[node]?.isIn != isHealthy else { return }
            state.sets[.loadBalancer(cluster: cluster), default: [:]][node] = Membership(isIn: isHealthy, since: moment)
        }
    }

    func add(_ identity: ServingIdentity, _ number: UInt32) {
        state.withLock { $0.servers[ServingPod(cluster: identity.cluster, pod: identity.pod)] = number }
    }

    func add(_ samples: [Sample]) {
        state.withLock { state in
            for sample in samples where sample.server != 0 {
                let answer = Answer(lane: sample.lane, server: sample.server)
                if let first = state.answers[answer], first <= sample.done { continue }
                state.answers[answer] = sample.done
            }
        }
    }

    // MARK: - What is asked

    func lanes(to cluster: String) -> [Propagation.View] {
        var views: [Propagation.View] = []
        for lane in running() where lane.role == .probe && lane.to == cluster && lane.mode == .new {
            let view = Propagation.View.lane(traffic: lane.traffic, mode: lane.mode)
            if !views.contains(view) { views.append(view) }
        }
        return views
    }

    func shows(node: String, of cluster: String, at view: Propagation.View) -> Bool {
        guard let holder = Self.holder(of: view, cluster) else { return false }
        return state.withLock { $0.sets[holder]?[node]?.isIn ?? false }
    }

    /// What clients of a cluster have in their sets now: nodes, and what stands for an address that is no node's.
    ///
    /// - Returns: `nil` where no set of any client is known.
    func dialled(of cluster: String) -> Set<String>? {
        state.withLock { state in
            let sets = state.sets.filter { if case .balancer(_, cluster) = $0.key { true } else { false } }
            guard !sets.isEmpty else { return nil }
            return Set(sets.values.flatMap { set in set.filter(\.value.isIn).keys })
        }
    }

    func moment(
        _ direction: Propagation.Direction, node: String, pod: String, of cluster: String, at view: Propagation.View
    ) -> RunInstant? {
        guard let holder = Self.holder(of: view, cluster) else {
            return direction == .added ? firstAnswer(of: pod, of: cluster, at: view) : nil
        }
        return state.withLock { state in
            guard let known = state.sets[holder]?[node], known.isIn == (direction == .added) else { return nil }
            return known.since
        }
    }

    private func firstAnswer(of pod: String, of cluster: String, at view: Propagation.View) -> RunInstant? {
        let own = running().filter { lane in
            lane.role == .probe && lane.to == cluster && view == .lane(traffic: lane.traffic, mode: lane.mode)
        }.map(\.id)
        return state.withLock { state in
            guard let server = state.servers[ServingPod(cluster: cluster, pod: pod)] else { return nil }
            return own.compactMap { state.answers[Answer(lane: $0, server: server)] }.min()
        }
    }

    private static func holder(of view: Propagation.View, _ cluster: String) -> Holder? {
        switch view {
        case .targets(let client): .balancer(client: client, peer: cluster)
        case .healthCheck: .loadBalancer(cluster: cluster)
        case .lane: nil
        }
    }
}

extension Session {
    /// The nodes of `nodes: {dialled: …}`.
    ///
    /// - Throws: `.noTargets` where the mesh has told of no client's targets yet.
    func nodes(dialledIn cluster: String) throws(ClusterError) -> Set<String> {
        guard let dialled = recorder.arrivals.dialled(of: cluster) else {
            throw ClusterError(
                .noTargets, "which nodes of \(cluster) clients dial is not known: the mesh has reported no targets yet")
        }
        return dialled
    }
}
