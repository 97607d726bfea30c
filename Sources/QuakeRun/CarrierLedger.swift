import QuakeBase
import QuakeCluster
import QuakePlan
import QuakeTimeline
import Synchronization

/// Which gateway's node carries each traffic now, by the newest tunnels that the mesh's agents tell of.
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

    private struct State {
        /// Of each key the newest tunnel that came about.
        var tunnels: [Key: (began: RunInstant, node: String)] = [:]
        /// The prober's port → the lane that used it last.
        var lanes: [UInt16: LaneID] = [:]
    }

    private let state = Mutex(State())

    /// What balancers have dialled; what failed, and what does not say whose gateway answered, carries nothing.
    func add(_ dials: [Dial<RunInstant>]) {
        state.withLock { state in
            for dial in dials
            where dial.dialer == .balancer && dial.outcome == .ok && !dial.gatewayNode.isEmpty {
                let key = Key(from: dial.cluster, to: dial.peer, port: dial.clientPort)
                if let known = state.tunnels[key], known.began > dial.began { continue }
                state.tunnels[key] = (dial.began, dial.gatewayNode)
            }
        }
    }

    func add(_ samples: [Sample]) {
        state.withLock { state in
            for sample in samples where sample.localPort != 0 { state.lanes[sample.localPort] = sample.lane }
        }
    }

    /// The lane that used one of the prober's ports last; `nil` where none is known to have.
    func lane(using port: UInt16) -> LaneID? { state.withLock { $0.lanes[port] } }

    /// The node of the gateway that carries a traffic's newest tunnel; `nil` where none is known.
    ///
    /// - Parameters:
    ///   - all: the traffics that run now, it among them.
    ///   - lanes: those of the trial under way.
    func node(carrying traffic: Traffic, of all: [Traffic], lanes: [Lane]) -> String? {
        let isAlone = all.allSatisfy { other in
            other.name == traffic.name || other.from != traffic.from || other.to != traffic.to
        }
        let own = Set(lanes.filter { $0.traffic == traffic.name }.map(\.id))
        return state.withLock { state in
            state.tunnels.filter { key, _ in
                guard key.from == traffic.from, key.to == traffic.to else { return false }
                return isAlone || state.lanes[key.port].map(own.contains) ?? false
            }.values.max { $0.began < $1.began }?.node
        }
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
