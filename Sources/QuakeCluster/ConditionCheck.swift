import QuakeKube
package import QuakePlan

/// Whether a condition holds, by what a cluster's watches have shown.
package enum ConditionCheck {
    /// - Parameter newPods: the pods that count of a workload whose rollout the step caused, `nil` for all.
    /// - Returns: the answer, and what was seen, for messages.
    package static func evaluate(
        _ condition: Condition, observer: ClusterObserver, nodes: [NodeTarget], peering: any Peering,
        drain: DrainProgress?, newPods: (WorkloadPlace) async -> Set<String>? = { _ in nil }
    ) async -> (holds: Bool, seen: String) {
        switch condition {
        case .node(let wanted): return node(wanted, observer, nodes)
        case .pods(let hosting, let wanted, let count):
            guard let place = peering.place(of: hosting) else { return (false, "the mesh has no \(hosting)") }
            let new = wanted == .ready ? await newPods(place) : nil
            let pods = observer.pods(at: place).map { PodView($0) }
                .filter { !$0.isBeingDeleted && (new?.contains($0.name) ?? true) }
            let matching = pods.count { pod in
                switch wanted {
                case .ready: pod.isReady
                case .pending: pod.phase == "Pending"
                }
            }
            let which = new == nil ? "pods" : "new pods"
            return (matching == count, "\(matching) of \(pods.count) \(which) of \(hosting) are \(wanted.rawValue)")
        case .endpoints(let hosting, let count):
            guard let place = peering.place(of: hosting) else { return (false, "the mesh has no \(hosting)") }
            let new = await newPods(place)
            let ready = observer.readyEndpoints(of: place, amongst: new)
            return (ready == count, "\(ready) ready \(new == nil ? "" : "new ")endpoints of \(hosting)")
        case .drain(let wanted):
            return (drain?.hasShown(wanted) ?? false, drain?.words ?? "no drain has begun")
        // The runner asks the rollouts themselves.
        case .rollout: return (false, "no rollout has begun")
        }
    }

    private static func node(
        _ wanted: Condition.NodeState, _ observer: ClusterObserver, _ targets: [NodeTarget]
    ) -> (Bool, String) {
        let all = observer.nodes
        let seen = targets.map { target -> (name: String, state: Condition.NodeState) in
            guard let node = all.first(where: { $0.name == target.name && $0.uid == target.uid }) else {
                return (target.name, .gone)
            }
            return (target.name, NodeView(node).isReady ? .ready : .notReady)
        }
        let words = seen.map { "\($0.name) is \($0.state.rawValue)" }.joined(separator: ", ")
        return (!seen.isEmpty && seen.allSatisfy { $0.state == wanted }, words)
    }
}
