import QuakeBase
import QuakeCluster
import QuakePlan
import QuakeTimeline
import Synchronization

/// Which gateway's node carries each traffic now, by the tunnels that the mesh's agents tell of: the newest one, which streams
/// share; where many were opened lately, each has few streams, and the node of most of them carries most. Of a mesh that does
/// not tell whom it dials, by what its gateways took in lately, whichever traffic it was.
///
/// A dial names the client's port, and so do samples: where several traffics go the same way, these tell whose a tunnel is.
/// Records are read every half a second, so that what is told here is as old as that.
final class CarrierLedger: Sendable {
    /// Between which clusters, and from which of the prober's ports.
    private struct Key: Hashable {
        var from: String
        var to: String
        var port: UInt16
    }

    private struct Tunnel {
        var key: Key
        var began: RunInstant
        var node: String
    }

    private struct State {
        /// Those of the last stretch, in the order in which they were told.
        var recent: [Tunnel] = []
        /// Of each key the newest tunnel that came about.
        var tunnels: [Key: (began: RunInstant, node: String)] = [:]
        /// Of each server's cluster the streams that gateways took in, in the order in which they were told.
        var streams: [String: [(at: RunInstant, node: String, count: Int)]] = [:]
        /// The prober's port → the lanes that used it, the last one last: connections to two destinations may share a port.
        var lanes: [UInt16: [LaneID]] = [:]
    }

    /// What counts of the tunnels that were opened, and of the streams that gateways took in.
    private static let stretch = Duration.seconds(10)
    /// So many tunnels within the stretch are not shared by streams: of these one lasts a request, and carries 100 at once.
    private static let many = 20

    private let state = Mutex(State())

    /// What balancers have dialled; what failed, and what does not say whose gateway answered, carries nothing.
    func add(_ dials: [Dial<RunInstant>]) {
        state.withLock { state in
            for dial in dials
            where dial.dialer == .balancer && dial.outcome == .ok && !dial.gatewayNode.isEmpty {
                let key = Key(from: dial.cluster, to: dial.peer, port: dial.clientPort)
                state.recent.append(Tunnel(key: key, began: dial.began, node: dial.gatewayNode))
                if let known = state.tunnels[key], known.began > dial.began { continue }
                state.tunnels[key] = (dial.began, dial.gatewayNode)
            }
            guard let newest = state.recent.map(\.began).max() else { return }
            state.recent.removeAll { $0.began + Self.stretch < newest }
        }
    }

    /// Streams that the gateway on a node took in.
    func add(_ streams: Int, through node: String, of cluster: String, at moment: RunInstant) {
        state.withLock { state in
            state.streams[cluster, default: []].append((moment, node, streams))
            let newest = state.streams[cluster]?.map(\.at).max() ?? moment
            state.streams[cluster]?.removeAll { $0.at + Self.stretch < newest }
        }
    }

    func add(_ samples: [Sample]) {
        state.withLock { state in
            for sample in samples where sample.localPort != 0 && state.lanes[sample.localPort]?.last != sample.lane {
                state.lanes[sample.localPort, default: []].removeAll { $0 == sample.lane }
                state.lanes[sample.localPort, default: []].append(sample.lane)
            }
        }
    }

    /// Which of some lanes used one of the prober's ports last; `nil` where none is known to have.
    func lane(using port: UInt16, among lanes: [Lane]) -> LaneID? {
        let wanted = Set(lanes.map(\.id))
        return state.withLock { $0.lanes[port]?.last(where: wanted.contains) }
    }

    /// The node of the gateway that carries a traffic; `nil` where none is known.
    ///
    /// - Parameters:
    ///   - all: the traffics that run now, it among them.
    ///   - lanes: those of the trial under way.
    func node(carrying traffic: Traffic, of all: [Traffic], lanes: [Lane]) -> String? {
        let isAlone = all.allSatisfy { other in
            other.name == traffic.name || other.from != traffic.from || other.to != traffic.to
        }
        let probes = lanes.filter { $0.role == .probe }
        let own = Set(probes.filter { $0.traffic == traffic.name }.map(\.id))
        let ids = Set(probes.map(\.id))
        return state.withLock { state in
            func isOwn(_ key: Key) -> Bool {
                guard key.from == traffic.from, key.to == traffic.to else { return false }
                return isAlone || state.lanes[key.port]?.last(where: ids.contains).map(own.contains) ?? false
            }
            let recent = state.recent.filter { isOwn($0.key) }
            if recent.count >= Self.many { return Self.busiest(recent.map { ($0.began, $0.node, 1) }) }
            return state.tunnels.filter { isOwn($0.key) }.values.max { $0.began < $1.began }?.node
                ?? Self.busiest(state.streams[traffic.to] ?? [])
        }
    }

    /// The node whose gateway took in the most streams; of several the first by name.
    private static func busiest(_ streams: [(at: RunInstant, node: String, count: Int)]) -> String? {
        var sums: [String: Int] = [:]
        for entry in streams { sums[entry.node, default: 0] += entry.count }
        return sums.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
    }

    /// As above, once the mesh has told of a tunnel: a busy machine delivers its records late.
    ///
    /// - Parameters:
    ///   - lanes: those of the trial under way, asked at each look.
    ///   - within: counts on `clock` from the call.
    /// - Throws: `.noTargets` where no tunnel of the traffic came to be known in time; `CancellationError`.
    func awaitNode<C: Clock>(
        carrying traffic: Traffic, of all: [Traffic], lanes: @Sendable () -> [Lane], within limit: Duration, clock: C
    ) async throws -> String where C.Duration == Duration {
        let words = "a tunnel that carries \(traffic.name)"
        do {
            return try await poll(until: words, within: limit, every: .milliseconds(100), clock: clock) {
                node(carrying: traffic, of: all, lanes: lanes()).map { .met($0) } ?? .notYet("no record of one")
            }
        } catch is PollTimeout {
            throw ClusterError(
                .noTargets,
                "no gateway is known to carry \(traffic.name): the mesh has recorded no tunnel for it within "
                    + Quantity.text(limit))
        }
    }
}

extension Session {
    /// How long a step waits for the first record of a tunnel. Records are read every half a second; a machine on which
    /// this takes longer than half a minute cannot run a trial.
    static let carrierPatience = Duration.seconds(30)

    /// The node of `nodes: {carrying: …}`.
    ///
    /// - Throws: `.noTargets` where no tunnel of the traffic came to be known; `CancellationError`.
    func node(carrying name: String, of cell: Cell) async throws -> String {
        guard let traffic = cell.traffic.first(where: { $0.name == name }) else {
            return try StepTargets.unknownCarrier(of: name)
        }
        return try await recorder.carriers.awaitNode(
            carrying: traffic, of: cell.traffic, lanes: { self.request.lanes.snapshots.map(\.lane) },
            within: Self.carrierPatience, clock: ContinuousClock())
    }
}
