/// The scheduler: filters, then scores; ties are broken by the seed.
extension Simulation {
    /// Pods that found no node look again, as something changed.
    mutating func rescheduleWaiting() {
        for key in pods.keys.sorted() where pods[key]?.node == nil && pods[key]?.unschedulableReason != nil {
            after(timings.scheduling, .schedule(key))
        }
    }

    mutating func schedule(_ key: ObjectKey) {
        guard let pod = pods[key], pod.node == nil, !pod.isTerminating else { return }
        var rejections: [String: Int] = [:]
        var candidates: [String] = []
        for name in nodes.keys.sorted() {
            guard let node = nodes[name] else { continue }
            if let reason = rejection(of: pod, by: node) {
                rejections[reason, default: 0] += 1
            } else {
                candidates.append(name)
            }
        }
        if let chosen = best(of: candidates, for: pod) {
            bind(key, to: chosen)
        } else {
            refuse(key, rejections)
        }
    }

    private mutating func refuse(_ key: ObjectKey, _ rejections: [String: Int]) {
        let parts = rejections.sorted { ($0.value, $1.key) > ($1.value, $0.key) }.map { "\($0.value) \($0.key)" }
        let message =
            "0/\(nodes.count) nodes are available: \(parts.isEmpty ? "no nodes" : parts.joined(separator: ", "))."
        guard pods[key]?.unschedulableReason != message else { return }
        pods[key]?.unschedulableReason = message
        podChanged(key)
        emit(
            .notice(Notice(.pod, key, "FailedScheduling", message, isWarning: true, source: "default-scheduler")))
    }

    /// Why a node may not take a pod, in the words of the real scheduler's plugins; the first that objects counts.
    func rejection(of pod: Pod, by node: Node) -> String? {
        let template = pod.template
        if let pinned = pod.pinnedTo, pinned != node.name { return "node(s) didn't satisfy plugin(s) [NodeAffinity]" }
        let cordon = Taint(Taint.unschedulableKey, .noSchedule)
        if node.unschedulable, !template.tolerations.contains(where: { $0.tolerates(cordon) }) {
            return "node(s) were unschedulable"
        }
        let blocking = node.taints.first { taint in
            taint.effect != .preferNoSchedule && !template.tolerations.contains { $0.tolerates(taint) }
        }
        if let blocking { return "node(s) had untolerated taint {\(blocking.key): \(blocking.value)}" }
        let selected = template.nodeSelector.allSatisfy { node.labels[$0.key] == $0.value }
        let affine =
            template.nodeAffinity.isEmpty
            || template.nodeAffinity.contains { term in term.allSatisfy { $0.matches(node.labels) } }
        if !selected || !affine { return "node(s) didn't match Pod's node affinity/selector" }
        return affinityRejection(of: pod, by: node)
    }

    private func affinityRejection(of pod: Pod, by node: Node) -> String? {
        let required = pod.template.antiAffinity.filter { $0.weight == nil }
        for term in required where conflicts(term, of: pod.key.namespace, on: node, except: pod.key) > 0 {
            return "node(s) didn't match pod anti-affinity rules"
        }
        for other in pods.values where other.key != pod.key && !other.isFinished {
            guard let place = other.node.flatMap({ nodes[$0] }) else { continue }
            for term in other.template.antiAffinity where term.weight == nil {
                let namespaces = term.namespaces.isEmpty ? [other.key.namespace] : term.namespaces
                guard namespaces.contains(pod.key.namespace), term.selector.matches(pod.template.labels),
                    let domain = place.labels[term.topologyKey], node.labels[term.topologyKey] == domain
                else { continue }
                return "node(s) didn't satisfy existing pods anti-affinity rules"
            }
        }
        return nil
    }

    /// How many pods in the node's topology domain match the term; terminating ones still count.
    private func conflicts(
        _ term: PodTemplate.AntiAffinity, of namespace: String, on node: Node, except key: ObjectKey
    ) -> Int {
        guard let domain = node.labels[term.topologyKey] else { return 0 }
        let namespaces = term.namespaces.isEmpty ? [namespace] : term.namespaces
        return pods.values.count { other in
            guard other.key != key, !other.isFinished, namespaces.contains(other.key.namespace),
                term.selector.matches(other.template.labels), let place = other.node.flatMap({ nodes[$0] })
            else { return false }
            return place.labels[term.topologyKey] == domain
        }
    }

    /// The node with the least preferred conflicts, then the fewest PreferNoSchedule taints, pods of the same owner, and
    /// pods; the seed decides what is left.
    private mutating func best(of candidates: [String], for pod: Pod) -> String? {
        let ranked = candidates.map { name in (name: name, cost: cost(of: name, for: pod)) }
        guard let least = ranked.map(\.cost).min(by: { $0.lexicographicallyPrecedes($1) }) else { return nil }
        return ranked.filter { $0.cost == least }.map(\.name).randomElement(using: &generator)
    }

    private func cost(of name: String, for pod: Pod) -> [Int] {
        guard let node = nodes[name] else { return [.max] }
        let preferred = pod.template.antiAffinity.reduce(0) { sum, term in
            guard let weight = term.weight else { return sum }
            return sum + weight * conflicts(term, of: pod.key.namespace, on: node, except: pod.key)
        }
        let discouraged = node.taints.count { taint in
            taint.effect == .preferNoSchedule && !pod.template.tolerations.contains { $0.tolerates(taint) }
        }
        let here = podsByNode[name] ?? []
        let siblings = here.count { pod.owner != nil && pods[$0]?.owner == pod.owner }
        return [preferred, discouraged, siblings, here.count]
    }
}
