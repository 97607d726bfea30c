/// The scheduler: filters, then scores; ties are broken by the seed.
extension Simulation {
    /// Pods that found no node look again, as something changed.
    mutating func rescheduleWaiting() { reschedule { _ in true } }

    mutating func reschedule(where wanted: (Pod) -> Bool) {
        guard !waiting.isEmpty else { return }
        for key in waiting.sorted() where pods[key].map(wanted) ?? false {
            after(timings.scheduling, .schedule(key))
        }
    }

    mutating func schedule(_ key: ObjectKey) {
        guard let pod = pods[key], pod.node == nil, !pod.isTerminating else { return }
        if pod.isAssigned, let node = pod.pinnedTo {
            // Nobody asks the scheduler: the kubelet of that name takes it, if there is one.
            if nodes[node] != nil { bind(key, to: node) } else { waiting.insert(key) }
            return
        }
        if pod.template.placement.isGated {
            hold(key, Self.gated)
            return
        }
        let placing = Placing(pod, in: self)
        var rejections: [Rejection] = []
        var candidates: [String] = []
        for name in nodes.keys.sorted() {
            guard let node = nodes[name] else { continue }
            if let reason = rejection(of: pod, by: node) ?? placing.rejection(by: node) {
                rejections.append(reason)
            } else {
                candidates.append(name)
            }
        }
        if let chosen = best(of: candidates, for: pod, placing) {
            bind(key, to: chosen)
        } else {
            refuse(key, rejections)
        }
    }

    /// What the PodScheduled condition of a gated pod says.
    package static let gated = "Scheduling is blocked due to non-empty scheduling gates"

    private mutating func refuse(_ key: ObjectKey, _ rejections: [Rejection]) {
        let message = Rejection.message(rejections, of: nodes.count)
        guard hold(key, message) else { return }
        emit(
            .notice(Notice(.pod, key, "FailedScheduling", message, isWarning: true, source: "default-scheduler")))
    }

    /// - Returns: whether that is news.
    @discardableResult
    private mutating func hold(_ key: ObjectKey, _ message: String) -> Bool {
        waiting.insert(key)
        guard pods[key]?.unschedulableReason != message else { return false }
        pods[key]?.unschedulableReason = message
        podChanged(key)
        return true
    }

    /// Why a node may not take a pod whatever runs there; the first plugin that objects counts, as in the real scheduler.
    func rejection(of pod: Pod, by node: Node) -> Rejection? {
        let template = pod.template
        if let pinned = pod.pinnedTo, pinned != node.name { return .notNamed }
        if let names = template.placement.nodeNames, !names.contains(node.name) { return .notNamed }
        let cordon = Taint(Taint.unschedulableKey, .noSchedule)
        if node.unschedulable, !template.tolerations.contains(where: { $0.tolerates(cordon) }) { return .unschedulable }
        if !template.tolerates(node) { return .tainted }
        return template.selects(node) ? nil : .notSelected
    }

    /// The node with the least preferred conflicts, then the fewest PreferNoSchedule taints, the best spread, the fewest
    /// pods of the same owner, and pods; the seed decides what is left.
    private mutating func best(of candidates: [String], for pod: Pod, _ placing: Placing) -> String? {
        let spread = placing.spreadCosts(of: candidates)
        let ranked = candidates.map { name in (name: name, cost: cost(of: name, for: pod, placing, spread)) }
        guard let least = ranked.map(\.cost).min(by: { $0.lexicographicallyPrecedes($1) }) else { return nil }
        return ranked.filter { $0.cost == least }.map(\.name).randomElement(using: &generator)
    }

    private func cost(of name: String, for pod: Pod, _ placing: Placing, _ spread: [String: Int]) -> [Int] {
        guard let node = nodes[name] else { return [.max] }
        let wanted = pod.template.placement.nodePreferences.reduce(0) { sum, preference in
            sum + (preference.requirements.allSatisfy { $0.matches(node.labels) } ? preference.weight : 0)
        }
        let discouraged = node.taints.count { taint in
            taint.effect == .preferNoSchedule && !pod.template.tolerations.contains { $0.tolerates(taint) }
        }
        let here = podsByNode[name] ?? []
        let siblings = here.count { pod.owner != nil && pods[$0]?.owner == pod.owner }
        return [placing.preferenceCost(of: node) - wanted, discouraged, spread[name] ?? 0, siblings, here.count]
    }
}

extension PodTemplate {
    /// No taint of the node keeps it away.
    package func tolerates(_ node: Node) -> Bool {
        node.taints.allSatisfy { taint in
            taint.effect == .preferNoSchedule || tolerations.contains { $0.tolerates(taint) }
        }
    }

    /// Node selector and required node affinity.
    package func selects(_ node: Node) -> Bool {
        nodeSelector.allSatisfy { node.labels[$0.key] == $0.value }
            && (nodeAffinity.isEmpty
                || nodeAffinity.contains { term in term.allSatisfy { $0.matches(node.labels) } })
    }
}

/// Why a node does not take a pod, in the words of the real scheduler's plugins.
package enum Rejection: String, Sendable {
    case notNamed = "node(s) didn't satisfy plugin(s) [NodeAffinity]"
    case unschedulable = "node(s) were unschedulable"
    case tainted = "node(s) had untolerated taint(s)"
    case notSelected = "node(s) didn't match Pod's node affinity/selector"
    case noFreePorts = "node(s) didn't have free ports for the requested pod ports"
    case skewed = "node(s) didn't match pod topology spread constraints"
    case noDomain = "node(s) didn't match pod topology spread constraints (missing required label)"
    case noCompany = "node(s) didn't match pod affinity rules"
    case badCompany = "node(s) didn't match pod anti-affinity rules"
    case unwelcome = "node(s) didn't satisfy existing pods anti-affinity rules"

    /// Whether the removal of pods could help: the scheduler looks for victims then, and finds none, as all pods here
    /// have one priority.
    var couldPreempt: Bool {
        switch self {
        case .noFreePorts, .skewed, .badCompany, .unwelcome: true
        default: false
        }
    }

    /// The PodScheduled condition's message.
    static func message(_ rejections: [Rejection], of count: Int) -> String {
        guard count > 0 else { return "no nodes available to schedule pods" }
        let reasons = summary(rejections.map(\.rawValue))
        let preemption = summary(
            rejections.map {
                $0.couldPreempt
                    ? "No preemption victims found for incoming pod" : "Preemption is not helpful for scheduling"
            })
        return
            "0/\(count) nodes are available: \(reasons). no new claims to deallocate, preemption: 0/\(count) nodes are available: \(preemption)."
    }

    private static func summary(_ words: [String]) -> String {
        Dictionary(grouping: words) { $0 }.map { "\($0.value.count) \($0.key)" }.sorted().joined(separator: ", ")
    }
}
