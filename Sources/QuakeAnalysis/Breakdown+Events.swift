import QuakeTimeline

extension Breakdown {
    /// What the clusters' and the mesh's own records say happened in a window, as nanoseconds from the fault.
    ///
    /// Nodes of two clusters may have the same names: only what the fault's own cluster tells counts, or what is told without
    /// a cluster, as older archives have it.
    init(of window: FaultWindow, in events: [Event], _ targetSets: TargetSets) {
        self.init()
        let targets = Set(window.fault.targets)
        let isOwn = { (cluster: String) in TargetSets.isSame(cluster, window.fault.cluster) }
        var sets = targetSets.last(before: window.at, of: window.fault.cluster)
        for event in events where event.at >= window.at && event.at < window.interval.end {
            let after = (event.at - window.at).inNanoseconds
            switch event.what {
            case .nodeReady(let cluster, let node, let status)
            where isOwn(cluster) && targets.contains(node) && status != .ready:
                detection = detection ?? after
            case .endpoint(let cluster, _, let state)
            where isOwn(cluster) && targets.contains(state.node) && !state.ready:
                endpointWithdrawn = endpointWithdrawn ?? after
            case .endpoint(let cluster, _, let state)
            where isOwn(cluster) && state.ready && endpointWithdrawn != nil:
                endpointReplaced = endpointReplaced ?? after
            case .loadBalancerHealth(let cluster, let node, false) where isOwn(cluster) && targets.contains(node):
                healthCheckOut = healthCheckOut ?? after
            case .configPush(let cluster, _) where isOwn(cluster):
                configPushed = configPushed ?? after
            case .targetSet(let cluster, let peer, let addresses) where isOwn(peer):
                let now = TargetSets.nodes(addresses)
                let before = sets.updateValue(now, forKey: TargetSets.Balancer(cluster: cluster, peer: peer)) ?? []
                if !before.intersection(targets).isEmpty, now.intersection(targets).isEmpty {
                    balancerDropped = balancerDropped ?? after
                }
            default: break
            }
        }
    }
}

/// The sets that balancers were told to dial, over a whole run.
struct TargetSets {
    /// By the cluster that it stands in, empty where older archives do not tell, and the cluster that it dials.
    struct Balancer: Hashable {
        var cluster: String
        var peer: String
    }

    private var changes: [(at: RunInstant, balancer: Balancer, addresses: [String])] = []
    private var balancers: Set<Balancer> = []

    /// - Parameter events: in the order of their moments.
    init(_ events: [Event]) {
        for event in events {
            guard case .targetSet(let cluster, let peer, let addresses) = event.what else { continue }
            let balancer = Balancer(cluster: cluster, peer: peer)
            balancers.insert(balancer)
            changes.append((event.at, balancer, addresses))
        }
    }

    /// Which nodes each balancer that dials a cluster had last.
    func last(before moment: RunInstant, of cluster: String) -> [Balancer: Set<String>] {
        let wanted = balancers.filter { Self.isSame($0.peer, cluster) }
        var found: [Balancer: Set<String>] = [:]
        // Of a long run, few are looked at.
        for change in changes[..<changes.partitioningIndex { $0.at >= moment }].reversed() {
            if found.count == wanted.count { break }
            guard wanted.contains(change.balancer), found[change.balancer] == nil else { continue }
            found[change.balancer] = Self.nodes(change.addresses)
        }
        return found
    }

    /// Whether two clusters are one, or one of them is not told.
    static func isSame(_ a: String, _ b: String) -> Bool { a == b || a.isEmpty || b.isEmpty }

    /// Of `node=address:port`.
    static func nodes(_ addresses: [String]) -> Set<String> {
        Set(addresses.compactMap { $0.split(separator: "=").first.map(String.init) })
    }
}
