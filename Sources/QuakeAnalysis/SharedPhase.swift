import QuakeBase
import QuakePlan
import QuakeTimeline

/// What a silent kill costs those whose tunnels share connections, in a part of the time after it.
///
/// A tunnel that the victim carried answers nobody until a dial succeeds: ``SharedTunnelLoss/redial(sincePong:rate:kept:)``
/// and k dials that fail. How many fail is chance, so that there is a formula for each k:
///
///     lost(k) = Σ of the tunnels that the victim carried: weight · overlap([from, to], [0, redial + k · attempt])
///             + weight of the tunnel that leads to the victim itself (NodePort), which never comes back
///
/// divided by to − from. It holds while fewer requests wait for a dial than a connection carries: rate · attempt below the
/// limit of streams.
struct SharedPhase: Sendable, Equatable {
    var loss: SharedTunnelLoss
    /// New requests of one tunnel, a second.
    var rate: Double
    /// The share of the requests that one tunnel carries.
    var weight: Double
    /// How many tunnels lead to the victim itself.
    var own: Int
    /// How many of the other tunnels it carried; several numbers where the records do not tell.
    var carried: ClosedRange<Int>
    /// How long a dial that fails takes.
    var attempt: Duration

    /// A share of the requests that the formula allows.
    struct Value: Sendable, Equatable {
        /// Both ends differ where the time since the last pong decides.
        var share: ClosedRange<Double>
        var carried: Int
        /// Dials that failed, of all tunnels together.
        var failed: Int
    }

    /// How far a measured share may be from a value: a second's three quarters of each tunnel, and, where requests choose
    /// a tunnel by chance, three standard deviations of that.
    func tolerance(from: Duration, to: Duration, slots: Int) -> Double {
        let choice = (weight * (1 - weight) / Double(max(1, slots))).squareRoot()
        let tunnels = Double(max(1, carried.upperBound))
        return 0.01 + 3 * choice + weight * tunnels * 0.75 / max((to - from).inSeconds, 0.001)
    }

    /// The value that is nearest to a measured share.
    func nearest(to share: Double, from: Duration, to end: Duration) -> Value {
        let all = values(from: from, to: end)
        return all.min { Self.distance($0, share) < Self.distance($1, share) }
            ?? Value(share: 0...0, carried: 0, failed: 0)
    }

    private static func distance(_ value: Value, _ share: Double) -> Double {
        max(value.share.lowerBound - share, share - value.share.upperBound, 0)
    }

    func values(from: Duration, to end: Duration) -> [Value] {
        let one = tunnel(from: from, to: end)
        let lost = weight * Double(own)
        return carried.flatMap { count in
            var values = [Value(share: lost...lost, carried: count, failed: 0)]
            for _ in 0..<count {
                values = values.flatMap { sum in
                    one.map { add in
                        Value(
                            share: sum.share.lowerBound + add.share.lowerBound...sum.share.upperBound
                                + add.share.upperBound,
                            carried: count, failed: sum.failed + add.failed)
                    }
                }
            }
            return values
        }
    }

    /// Of one tunnel that the victim carried, for each number of failed dials that can be told apart.
    private func tunnel(from: Duration, to end: Duration) -> [Value] {
        let soonest = loss.redial(sincePong: loss.pingInterval, rate: rate)
        let latest = loss.redial(sincePong: .zero, rate: rate)
        let share = { (lost: Duration) in
            weight * max(.zero, min(lost, end) - from).inSeconds / max((end - from).inSeconds, 0.001)
        }
        var values: [Value] = []
        var wait = Duration.zero
        repeat {
            values.append(
                Value(share: share(soonest + wait)...share(latest + wait), carried: 1, failed: values.count))
            wait += attempt
        } while soonest + wait - attempt < end && attempt > .zero
        return values
    }
}

// MARK: Out of an archive

extension SharedPhase {
    /// Of a load balancer (`CONNECT_TIMEOUT` of the stand-in's).
    static let balancerTimeout = Duration.seconds(3)

    /// - Parameters:
    ///   - lane: one of new connections.
    ///   - gateways: how many nodes have a ready gateway.
    init(
        _ facts: TunnelFacts, _ lane: Lane, of trial: TrialFindings, _ fault: FaultFindings, local: Bool, gateways: Int,
        in timeline: some Timeline
    ) throws {
        let nodePort = trial.peering == PeeringMethod.nodePort.rawValue
        let all = 1 / lane.period.inSeconds
        let dials = try LastDials(
            from: lane.from, in: Interval(start: trial.start, end: fault.at), nodePort: nodePort, of: fault.fault,
            in: timeline)
        self.init(
            loss: facts.loss, rate: nodePort ? all / Double(gateways) : all,
            weight: nodePort ? 1 / Double(gateways) : 1, own: nodePort ? 1 : 0,
            carried: nodePort ? dials.carried(local: local, gateways: gateways) : dials.carriedByBalancer,
            attempt: nodePort ? facts.loss.connectTimeout : min(facts.loss.connectTimeout, Self.balancerTimeout))
    }
}

/// Where dials led last before a fault.
struct LastDials {
    private let victims: Set<String>
    /// Gateways' nodes, by the address dialled, of a trial's dials to other nodes than the victims.
    private let gateways: [String: String]
    /// Nodes that load balancers chose last, by port: a connection may be older than the trial.
    private let chosen: [String: String]

    /// - Parameter span: from the trial's start to the fault.
    init(
        from client: String, in span: Interval, nodePort: Bool, of fault: Fault, in timeline: some Timeline
    ) throws {
        let victims = Set(fault.targets)
        var gateways: [String: String] = [:]
        var chosen: [String: String] = [:]
        try timeline.forEachDial { dial in
            guard dial.began < span.end, dial.outcome == .ok, TargetSets.isSame(dial.peer, fault.cluster) else {
                return
            }
            if dial.dialer == .loadBalancer {
                chosen[String(dial.targetAddress.split(separator: ":").last ?? "")] = dial.targetNode
            } else if dial.began >= span.start, TargetSets.isSame(dial.cluster, client),
                (dial.peering == .nodePort) == nodePort, !victims.contains(dial.targetNode)
            {
                gateways[dial.targetAddress] = dial.gatewayNode
            }
        }
        self.victims = victims
        self.gateways = gateways
        self.chosen = chosen
    }

    /// How many tunnels to other nodes the victim's gateway carried.
    func carried(local: Bool, gateways count: Int) -> ClosedRange<Int> {
        guard !local else { return 0...0 }
        let certain = gateways.values.count(where: victims.contains)
        return certain...max(certain, certain + count - 1 - gateways.count)
    }

    /// Whether the victim carried the one tunnel through a load balancer: as the node that it chose, or as the gateway's.
    var carriedByBalancer: ClosedRange<Int> {
        if gateways.values.contains(where: victims.contains) { return 1...1 }
        let isChosen = Set(chosen.values.map(victims.contains))
        // Where several Services are balanced, the records do not say which is the gateway's.
        if isChosen == [true] { return 1...1 }
        return isChosen == [false] && !gateways.isEmpty ? 0...0 : 0...1
    }
}
