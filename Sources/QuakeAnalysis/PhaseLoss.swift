import QuakePlan
package import QuakeTimeline

/// The share of new connections that fail after a silent kill, phase by phase, beside what the stand-in's rules give.
package struct PhaseLoss: Sendable, Equatable {
    package var tunnels: TunnelFacts.Mode
    package var peering: String
    package var policy: String
    package var phase: String
    package var slots: Int
    package var bad: Int
    package var expected: Double
    /// How far the share may be from the formula.
    package var tolerance = 0.1
    /// What the formula takes from the trial's records, in words; empty with `single`, whose formula takes nothing.
    package var given = ""

    package var share: Double { slots == 0 ? 0 : Double(bad) / Double(slots) }
    /// Connections that share tunnels are not independent of each other: more of them tell no more.
    package var isLong: Bool { slots >= (tunnels == .shared ? 80 : 300) }
    /// Enough slots, and near enough to the formula.
    package var holds: Bool { isLong && abs(share - expected) <= tolerance }

    /// Of N gateway nodes (M load-balanced ones) one is dead, and nobody knows yet or the health check alone does.
    package static func expected(nodePort: Bool, local: Bool, checkedOut: Bool, gateways: Int, balanced: Int) -> Double
    {
        let n = Double(gateways)
        let m = Double(balanced)
        if nodePort { return local ? 1 / n : 1 - ((n - 1) / n) * ((n - 1) / n) }
        if local { return checkedOut ? 0 : 1 / n }
        return checkedOut ? 1 / n : 1 - (m - 1) / m * (n - 1) / n
    }

    /// One row for each phase of each trial's first kill.
    package static func table(_ timeline: some Timeline, findings: Findings) throws -> [PhaseLoss] {
        var rows: [PhaseLoss] = []
        for trial in findings.trials {
            guard let fault = trial.faults.first(where: { $0.fault.action == KillNode.declaration.name }),
                let detection = fault.breakdown.detection,
                let lane = trial.lanes.first(where: { $0.lane.role == .probe && $0.lane.mode == .new })?.lane
            else { continue }
            let isNodePort = trial.peering == PeeringMethod.nodePort.rawValue
            var phases: [Phase] = [("until NotReady", 0, detection, false)]
            if !isNodePort, let out = fault.breakdown.healthCheckOut {
                phases = [("until the health check", 0, out, false), ("then until NotReady", out, detection, true)]
            }
            for phase in phases { rows.append(try row(phase, of: trial, fault, lane, in: timeline)) }
        }
        return rows
    }

    private typealias Phase = (name: String, from: Int64, to: Int64, checkedOut: Bool)

    private static func row(
        _ phase: Phase, of trial: TrialFindings, _ fault: FaultFindings, _ lane: Lane, in timeline: some Timeline
    ) throws -> PhaseLoss {
        let facts = TunnelFacts(timeline.info, of: lane.from)
        let isNodePort = trial.peering == PeeringMethod.nodePort.rawValue
        let policy = trial.labels["externalTrafficPolicy"] ?? "Cluster"
        let isLocal = policy == ExternalTrafficPolicy.local.rawValue
        let counts = counts(timeline.events, before: fault.at, cluster: fault.fault.cluster)
        var row = PhaseLoss(
            tunnels: facts.mode, peering: trial.peering, policy: policy, phase: phase.name, slots: 0, bad: 0,
            expected: expected(
                nodePort: isNodePort, local: isLocal, checkedOut: phase.checkedOut, gateways: counts.gateways,
                balanced: isLocal ? counts.gateways : counts.workers))
        try timeline.forEachSample(of: lane.id) { sample in
            let after = (sample.due - fault.at).inNanoseconds
            guard after >= phase.from, after < phase.to, !sample.outcome.isClientFailure else { return }
            row.slots += 1
            row.bad += sample.outcome == .ok ? 0 : 1
        }
        guard facts.mode == .shared else { return row }
        let shared = try SharedPhase(
            facts, lane, of: trial, fault, local: isLocal, gateways: counts.gateways, in: timeline)
        let (from, to) = (Duration.nanoseconds(phase.from), Duration.nanoseconds(phase.to))
        let value = shared.nearest(to: row.share, from: from, to: to)
        row.expected = min(max(row.share, value.share.lowerBound), value.share.upperBound)
        row.tolerance = shared.tolerance(from: from, to: to, slots: row.slots)
        row.given = "carried \(value.carried), dials failed \(value.failed)"
        return row
    }

    /// Nodes with a ready gateway, and nodes that the health check passed, just before the fault.
    private static func counts(
        _ events: [Event], before moment: RunInstant, cluster: String
    ) -> (gateways: Int, workers: Int) {
        var endpoints: [String: EndpointState] = [:]
        var nodes: Set<String> = []
        var healthy: Set<String> = []
        for event in events where event.at < moment {
            switch event.what {
            case .nodeReady(cluster, let node, _): nodes.insert(node)
            case .endpoint(cluster, "istio-eastwest", let state): endpoints[state.pod] = state
            case .endpointGone(cluster, "istio-eastwest", let pod): endpoints[pod] = nil
            case .loadBalancerHealth(let place, let node, let isHealthy) where place == cluster || place.isEmpty:
                if isHealthy { healthy.insert(node) } else { healthy.remove(node) }
            default: break
            }
        }
        return (
            max(1, Set(endpoints.values.filter(\.ready).map(\.node)).count), max(1, healthy.intersection(nodes).count)
        )
    }
}
