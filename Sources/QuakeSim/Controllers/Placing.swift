import Glibc

/// One pod's place among the pods that are there: host ports, spread, affinity and anti-affinity. What holds for all nodes
/// is counted once.
struct Placing: Sendable {
    private let pod: Pod
    private let model: Simulation
    /// Running and starting pods with their nodes.
    private let placed: [(pod: Pod, node: Node)]
    private let required: [Spread]
    private let preferred: [Spread]
    private let affinity: Affinity

    /// The domains of one spread constraint and how many pods it selects in each.
    private struct Spread: Sendable {
        var constraint: SpreadConstraint
        var counts: [String: Int] = [:]
        /// The pod itself is one that it counts.
        var countsItself: Bool

        /// The least filled domain; nothing where there are too few.
        var least: Int {
            counts.count < constraint.minDomains ? 0 : counts.values.min() ?? Int.max / 2
        }
    }

    /// Where the pods of the required affinity terms are.
    private struct Affinity: Sendable {
        var terms: [PodTerm]
        /// Term's key → domains.
        var domains: [String: Set<String>] = [:]
        /// The pod meets its own terms: the first of a group may go anywhere.
        var meetsItself: Bool
    }

    init(_ pod: Pod, in model: Simulation) {
        self.pod = pod
        self.model = model
        placed = model.pods.values.compactMap { other in
            guard other.key != pod.key, !other.isFinished, let node = other.node.flatMap({ model.nodes[$0] }) else {
                return nil
            }
            return (other, node)
        }
        let spread = pod.template.placement.spread
        required = Self.count(spread.filter(\.isRequired), pod, model, placed)
        preferred = Self.count(spread.filter { !$0.isRequired }, pod, model, placed)
        affinity = Self.company(pod, model, placed)
    }

    // MARK: - Filters

    func rejection(by node: Node) -> Rejection? {
        if takesPorts(of: node) { return .noFreePorts }
        for spread in required {
            guard let domain = node.labels[spread.constraint.topologyKey] else { return .noDomain }
            let skew = (spread.counts[domain] ?? 0) + (spread.countsItself ? 1 : 0) - spread.least
            if skew > spread.constraint.maxSkew { return .skewed }
        }
        if lacksCompany(on: node) { return .noCompany }
        for term in pod.template.antiAffinity where term.weight == nil && matches(term, of: pod, on: node) > 0 {
            return .badCompany
        }
        return isUnwelcome(on: node) ? .unwelcome : nil
    }

    private func takesPorts(of node: Node) -> Bool {
        let wanted = pod.template.placement.hostPorts
        guard !wanted.isEmpty else { return false }
        return (model.podsByNode[node.name] ?? []).contains { key in
            guard key != pod.key, let other = model.pods[key], !other.isFinished else { return false }
            return other.template.placement.hostPorts.contains { used in wanted.contains { $0.conflicts(with: used) } }
        }
    }

    private func lacksCompany(on node: Node) -> Bool {
        guard !affinity.terms.isEmpty else { return false }
        guard affinity.terms.allSatisfy({ node.labels[$0.topologyKey] != nil }) else { return true }
        let found = affinity.terms.allSatisfy { term in
            affinity.domains[term.topologyKey]?.contains(node.labels[term.topologyKey] ?? "") ?? false
        }
        return !found && !(affinity.domains.values.allSatisfy(\.isEmpty) && affinity.meetsItself)
    }

    /// Anti-affinity of those who are there.
    private func isUnwelcome(on node: Node) -> Bool {
        placed.contains { other, place in
            other.template.antiAffinity.contains { term in
                guard term.weight == nil, let domain = place.labels[term.topologyKey],
                    node.labels[term.topologyKey] == domain
                else { return false }
                return Self.selects(term, of: other, pod, model)
            }
        }
    }

    /// How many pods in the node's topology domain match the term; terminating ones still count.
    private func matches(_ term: PodTerm, of owner: Pod, on node: Node) -> Int {
        guard let domain = node.labels[term.topologyKey] else { return 0 }
        return placed.count { other, place in
            place.labels[term.topologyKey] == domain && Self.selects(term, of: owner, other, model)
        }
    }

    private static func selects(_ term: PodTerm, of owner: Pod, _ other: Pod, _ model: Simulation) -> Bool {
        let space = other.key.namespace
        let byLabels = term.namespaceSelector?.matches(model.namespaceLabels[space] ?? [:]) ?? false
        let isOwn = term.namespaces.isEmpty && term.namespaceSelector == nil && space == owner.key.namespace
        return (byLabels || isOwn || term.namespaces.contains(space))
            && term.selector(for: owner.template.labels).matches(other.template.labels)
    }

    // MARK: - Scores

    /// Weights of preferred anti-affinity that the node offends, less those of affinity that it meets.
    func preferenceCost(of node: Node) -> Int {
        let offended = pod.template.antiAffinity.reduce(0) { sum, term in
            sum + (term.weight ?? 0) * (term.weight == nil ? 0 : matches(term, of: pod, on: node))
        }
        return pod.template.placement.affinity.reduce(offended) { sum, term in
            sum - (term.weight ?? 0) * (term.weight == nil ? 0 : matches(term, of: pod, on: node))
        }
    }

    /// `ScheduleAnyway`: Σ count · ln(domains + 2) + maxSkew − 1, as the plugin scores; a node without a key is worst.
    func spreadCosts(of candidates: [String]) -> [String: Int] {
        guard !preferred.isEmpty else { return [:] }
        var costs: [String: Int] = [:]
        for name in candidates {
            guard let node = model.nodes[name] else { continue }
            let parts = preferred.map { spread -> Double? in
                guard let domain = node.labels[spread.constraint.topologyKey] else { return nil }
                let weight = log(Double(spread.counts.count) + 2)
                return Double(spread.counts[domain] ?? 0) * weight + Double(spread.constraint.maxSkew - 1)
            }
            costs[name] = parts.contains { $0 == nil } ? .max : Int(parts.reduce(0) { $0 + ($1 ?? 0) } * 1_000)
        }
        return costs
    }

    // MARK: - Counting

    /// Nodes without all of the keys are left out; cordoned and tainted ones count unless a constraint honours taints.
    private static func count(
        _ constraints: [SpreadConstraint], _ pod: Pod, _ model: Simulation, _ placed: [(pod: Pod, node: Node)]
    ) -> [Spread] {
        let keys = constraints.map(\.topologyKey)
        return constraints.map { constraint in
            let selector = constraint.selector(for: pod.template.labels)
            var spread = Spread(constraint: constraint, countsItself: selector.matches(pod.template.labels))
            func isEligible(_ node: Node) -> Bool {
                keys.allSatisfy { node.labels[$0] != nil }
                    && (!constraint.honoursAffinity || pod.template.selects(node))
                    && (!constraint.honoursTaints || pod.template.tolerates(node))
            }
            for node in model.nodes.values where isEligible(node) {
                if let domain = node.labels[constraint.topologyKey] { spread.counts[domain, default: 0] += 0 }
            }
            for (other, node) in placed where isEligible(node) && !other.isTerminating {
                guard other.key.namespace == pod.key.namespace, selector.matches(other.template.labels),
                    let domain = node.labels[constraint.topologyKey]
                else { continue }
                spread.counts[domain, default: 0] += 1
            }
            return spread
        }
    }

    /// A pod is company where it meets all of the terms.
    private static func company(
        _ pod: Pod, _ model: Simulation, _ placed: [(pod: Pod, node: Node)]
    ) -> Affinity {
        let terms = pod.template.placement.affinity.filter { $0.weight == nil }
        func meets(_ other: Pod) -> Bool { terms.allSatisfy { selects($0, of: pod, other, model) } }
        var affinity = Affinity(terms: terms, meetsItself: meets(pod))
        guard !terms.isEmpty else { return affinity }
        for (other, node) in placed where meets(other) {
            for term in terms {
                guard let domain = node.labels[term.topologyKey] else { continue }
                affinity.domains[term.topologyKey, default: []].insert(domain)
            }
        }
        return affinity
    }
}
