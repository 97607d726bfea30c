import QuakeAnalysis
import QuakeBase
import QuakeKube
import QuakeMesh
import QuakePlan

/// What a kill of a gateway's node costs new connections, where a formula of it is measured: for the stand-in whose tunnels
/// have a connection each. `scripts/check-loss` measures it; with tunnels that share connections the share depends on rates
/// and times, which no snapshot has, and of other meshes nothing is measured.
enum KillCost {
    /// One sentence for each peering that leads here.
    ///
    /// - Parameter local: another externalTrafficPolicy than the one in force.
    static func words(_ workload: Workload, at site: AuditSite, local: Bool? = nil) -> String? {
        guard let nodes = try? site.nodes(), let services = try? site.facts.services(),
            let incoming = try? site.incoming.get()
        else { return nil }
        let gateways = Set(workload.ready.compactMap(\.node)).count
        guard gateways > 0, let service = services.first(where: { $0.namespace == workload.namespace }) else {
            return nil
        }
        let isLocal = local ?? (ServiceView(service).externalTrafficPolicy == ExternalTrafficPolicy.local.rawValue)
        let passing = nodes.count { $0.isReady && $0.labels[WellKnown.excludeFromLoadBalancers] == nil }
        let balanced = isLocal ? gateways : passing
        let sentences = incoming.filter { $0.tunnels == .single && balanced > 0 }.map { peering in
            let isNodePort = peering.method == .nodePort
            let share = PhaseLoss.expected(
                nodePort: isNodePort, local: isLocal, checkedOut: false, gateways: gateways, balanced: balanced)
            let until = isNodePort ? "until it is NotReady" : "until the health check drops it"
            return "a kill of \(gateways == 1 ? "this node" : "one of these \(gateways) nodes") costs "
                + "\(fraction(share)) of new connections from \(peering.client) \(until) "
                + "(stand-in, tunnels single, \(peering.method.rawValue), externalTrafficPolicy "
                + "\(isLocal ? "Local" : "Cluster"))"
        }
        return sentences.isEmpty ? nil : sentences.joined(separator: "; ")
    }

    /// `3/4`; `all`; a percentage where no small denominator fits.
    static func fraction(_ share: Double) -> String {
        if share > 1 - 1e-9 { return "all" }
        if share < 1e-9 { return "none" }
        for denominator in 2...400 {
            let numerator = (share * Double(denominator)).rounded()
            if abs(numerator / Double(denominator) - share) < 1e-9 { return "\(Int(numerator))/\(denominator)" }
        }
        return "\(Int((share * 100).rounded())) %"
    }
}
