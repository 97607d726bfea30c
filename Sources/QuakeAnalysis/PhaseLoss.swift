import QuakePlan
package import QuakeTimeline

/// The share of new connections that fail after a silent kill, phase by phase, beside what the stand-in's rules give.
package struct PhaseLoss: Sendable, Equatable {
    package var peering: String
    package var policy: String
    package var phase: String
    package var slots: Int
    package var bad: Int
    package var expected: Double

    package var share: Double { slots == 0 ? 0 : Double(bad) / Double(slots) }
    /// Enough slots, and within 0.1 of the formula.
    package var holds: Bool { slots >= 300 && abs(share - expected) <= 0.1 }

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
            let counts = counts(timeline.events, before: fault.at, cluster: fault.fault.cluster)
            let isNodePort = trial.peering == PeeringMethod.nodePort.rawValue
            let policy = trial.labels["externalTrafficPolicy"] ?? "Cluster"
            let isLocal = policy == ExternalTrafficPolicy.local.rawValue
            var phases: [(String, Int64, Int64, Bool)] = [("until NotReady", 0, detection, false)]
            if !isNodePort, let out = fault.breakdown.healthCheckOut {
                phases = [
                    ("until the health check", 0, out, false), ("then until NotReady", out, detection, true),
                ]
            }
            for (name, from, to, checkedOut) in phases {
                var row = PhaseLoss(
                    peering: trial.peering, policy: policy, phase: name, slots: 0, bad: 0,
                    expected: expected(
                        nodePort: isNodePort, local: isLocal, checkedOut: checkedOut, gateways: counts.gateways,
                        balanced: isLocal ? counts.gateways : counts.workers))
                try timeline.forEachSample(of: lane.id) { sample in
                    let after = (sample.due - fault.at).inNanoseconds
                    guard after >= from, after < to, !sample.outcome.isClientFailure else { return }
                    row.slots += 1
                    row.bad += sample.outcome == .ok ? 0 : 1
                }
                rows.append(row)
            }
        }
        return rows
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
