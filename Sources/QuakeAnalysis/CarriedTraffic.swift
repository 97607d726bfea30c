import QuakePlan
import QuakeTimeline

/// Whether the nodes of a fault carried traffic when it took effect, by the tunnels that the mesh recorded before it; of a mesh
/// that records none, by the streams that its gateways took in.
package struct CarriedTraffic: Sendable, Codable, Equatable {
    /// Of a cluster that dials theirs, the newest tunnel before the fault led through one of the nodes. Of streams: none of
    /// the other gateways took in more.
    package var isNewest: Bool
    /// Tunnels that came about in the last ten seconds before the fault.
    package var tunnels: Int
    /// Those of them that led through one of the nodes.
    package var through: Int
    /// The counts are of streams in tunnels.
    package var areStreams: Bool

    package init(isNewest: Bool, tunnels: Int, through: Int, areStreams: Bool = false) {
        self.areStreams = areStreams
        self.isNewest = isNewest
        self.tunnels = tunnels
        self.through = through
    }

    package var isCarrier: Bool { isNewest || through > 0 }
}

/// Counts, tunnel by tunnel, what the nodes of each fault carried.
struct CarrierCounter {
    /// A fault whose targets are nodes.
    struct Victim: Sendable {
        /// Its place among the findings.
        var trial: Int
        var fault: Int
        var cluster: String
        var nodes: Set<String>
        var at: RunInstant
    }

    /// Between which clusters a tunnel leads.
    private struct Way: Hashable {
        var from: String
        var to: String
    }

    private struct Tally {
        /// Node → streams that its gateway took in during the last stretch.
        var streams: [String: Int] = [:]
        /// Of each way, the newest tunnel since the victim before.
        var newest: [Way: (began: RunInstant, node: String)] = [:]
        var tunnels = 0
        var through = 0
    }

    /// What is counted before a fault.
    private static let stretch = Duration.seconds(10)

    /// In the order of their moments.
    let victims: [Victim]
    private var tallies: [Tally]

    init(_ victims: [Victim]) {
        self.victims = victims.sorted { $0.at < $1.at }
        tallies = victims.map { _ in Tally() }
    }

    /// Takes in a dial; what is no tunnel is passed over.
    mutating func add(_ dial: Dial<RunInstant>) {
        guard dial.dialer == .balancer, dial.outcome == .ok, !dial.gatewayNode.isEmpty else { return }
        let first = victims.partitioningIndex { $0.at > dial.began }
        guard first < victims.count else { return }
        let way = Way(from: dial.cluster, to: dial.peer)
        if tallies[first].newest[way].map({ $0.began <= dial.began }) ?? true {
            tallies[first].newest[way] = (dial.began, dial.gatewayNode)
        }
        for index in first..<victims.count {
            let victim = victims[index]
            guard dial.began + Self.stretch >= victim.at else { break }
            guard victim.cluster == dial.peer else { continue }
            tallies[index].tunnels += 1
            tallies[index].through += victim.nodes.contains(dial.gatewayNode) ? 1 : 0
        }
    }

    /// Takes in what a gateway counted; other events are passed over.
    mutating func add(_ event: Event) {
        guard case .carried(let cluster, let node, let streams) = event.what else { return }
        for index in victims.partitioningIndex(where: { $0.at > event.at })..<victims.count {
            guard event.at + Self.stretch >= victims[index].at else { break }
            if victims[index].cluster == cluster { tallies[index].streams[node, default: 0] += streams }
        }
    }

    /// What each victim carried, in their order; `nil` where no tunnel before it is known.
    func carried() -> [CarriedTraffic?] {
        var newest: [Way: String] = [:]
        return zip(victims, tallies).map { victim, tally in
            for (way, tunnel) in tally.newest { newest[way] = tunnel.node }
            let nodes = newest.filter { $0.key.to == victim.cluster }.values
            guard !nodes.isEmpty else { return carried(by: victim, tally.streams) }
            return CarriedTraffic(
                isNewest: nodes.contains(where: victim.nodes.contains), tunnels: tally.tunnels, through: tally.through)
        }
    }
}

extension CarrierCounter {
    private func carried(by victim: Victim, _ streams: [String: Int]) -> CarriedTraffic? {
        guard let most = streams.values.max() else { return nil }
        let own = streams.filter { victim.nodes.contains($0.key) }
        return CarriedTraffic(
            isNewest: own.values.contains(most), tunnels: streams.values.reduce(0, +),
            through: own.values.reduce(0, +), areStreams: true)
    }
}

extension CarrierCounter.Victim {
    /// The faults of nodes in trials, healing left out.
    static func all(in trials: [TrialFindings], of plan: Plan) -> [Self] {
        trials.indices.flatMap { index -> [Self] in
            let trial = trials[index]
            let steps = plan.cells.indices.contains(trial.cell) ? plan.cells[trial.cell].steps : []
            let onNodes = Set(steps.flatMap(nodeSteps))
            return trial.faults.enumerated().compactMap { position, fault in
                guard !fault.isHealing, onNodes.contains(fault.fault.step), !fault.fault.targets.isEmpty else {
                    return nil
                }
                return Self(
                    trial: index, fault: position, cluster: fault.fault.cluster, nodes: Set(fault.fault.targets),
                    at: fault.at)
            }
        }
    }

    /// Ids of a step, or of those in it, that disrupt nodes.
    private static func nodeSteps(_ step: Step) -> [String] {
        switch step.body {
        case .parallel(let steps): return steps.flatMap(nodeSteps)
        case .action(let action):
            guard action.traits.contains(.disruption) else { return [] }
            switch action.scope {
            case .nodes?, .nodePools?: return [step.id]
            default: return []
            }
        }
    }
}
