import QuakeTimeline

/// Follows nodes, gateway pods, endpoints, target sets and health checks through a run's events.
struct StateRows {
    private struct Key: Hashable {
        var group: ChartRow.Group
        var name: String
    }

    private struct Pod {
        var node: String
        var phase: String
        var ready: Bool
    }

    private struct Node {
        var status: NodeReadiness = .ready
        var isCordoned = false
    }

    /// Rows of a chart at most; those that never changed are left out first.
    private static let most = 60

    private var rows: [Key: [ChartRow.Span]] = [:]
    private var nodes: [String: Node] = [:]
    private var pods: [String: Pod] = [:]
    private var endpoints: [String: [String: EndpointState]] = [:]
    private var readyMost: [String: Int] = [:]
    private var sets: [String: Set<String>] = [:]

    /// - Parameter events: of the whole run, in order.
    init(_ events: [Event]) {
        for event in events { add(event) }
    }

    /// The rows within an interval, and how many were left out.
    func rows(in span: Interval, parts: Int) -> (rows: [ChartRow], omitted: Int) {
        var all: [ChartRow] = []
        for (key, spans) in rows {
            let clipped = spans.compactMap { item -> ChartRow.Span? in
                var item = item
                item.interval = Interval(
                    start: max(item.interval.start, span.start), end: min(item.interval.end, span.end))
                return item.interval.start < item.interval.end ? item : nil
            }
            guard clipped.contains(where: { $0.state != .gone }) else { continue }
            all.append(ChartRow(group: key.group, name: key.name, spans: clipped).thinned(span, parts: parts))
        }
        let order = Dictionary(uniqueKeysWithValues: ChartRow.Group.allCases.enumerated().map { ($1, $0) })
        let kept = all.sorted { a, b in
            (a.spans.count < 2 ? 1 : 0, order[a.group] ?? 0, a.name) < (
                b.spans.count < 2 ? 1 : 0, order[b.group] ?? 0, b.name
            )
        }.prefix(Self.most)
        let sorted = kept.sorted { (order[$0.group] ?? 0, $0.name) < (order[$1.group] ?? 0, $1.name) }
        return (sorted, all.count - sorted.count)
    }

    // MARK: - Events

    private mutating func add(_ event: Event) {
        switch event.what {
        case .nodeReady(let cluster, let node, let status):
            nodes["\(cluster)/\(node)", default: Node()].status = status
            show(node: "\(cluster)/\(node)", event.at)
        case .nodeUnschedulable(let cluster, let node, let flag):
            nodes["\(cluster)/\(node)", default: Node()].isCordoned = flag
            show(node: "\(cluster)/\(node)", event.at)
        case .nodeGone(let cluster, let node):
            nodes["\(cluster)/\(node)"] = nil
            set(.nodes, "\(cluster)/\(node)", .gone, "gone", event.at)
        case .pod(let cluster, let namespace, let name, let node, let phase, let ready) where Self.isGateway(namespace):
            let before = pods.updateValue(Pod(node: node, phase: phase, ready: ready), forKey: "\(cluster)/\(name)")
            if let before, before.node != node { show(podsOn: before.node, cluster, event.at) }
            show(podsOn: node, cluster, event.at)
        case .podGone(let cluster, let namespace, let name) where Self.isGateway(namespace):
            guard let before = pods.removeValue(forKey: "\(cluster)/\(name)") else { return }
            show(podsOn: before.node, cluster, event.at)
        case .endpoint(let cluster, let service, let state):
            endpoints["\(cluster)/\(service)", default: [:]][state.pod] = state
            show(service: "\(cluster)/\(service)", event.at)
        case .endpointGone(let cluster, let service, let pod):
            endpoints["\(cluster)/\(service)"]?[pod] = nil
            show(service: "\(cluster)/\(service)", event.at)
        case .targetSet(let cluster, let peer, let addresses):
            show(targets: Set(addresses), of: cluster.isEmpty ? "to \(peer)" : "\(cluster) to \(peer)", event.at)
        case .loadBalancerHealth(let cluster, let node, let healthy):
            let name = cluster.isEmpty ? node : "\(cluster)/\(node)"
            set(.healthChecks, name, healthy ? .good : .bad, healthy ? "in" : "out", event.at)
        default: break
        }
    }

    /// Istio's name for what lets other clusters in.
    private static func isGateway(_ namespace: String) -> Bool { namespace.contains("eastwest") }

    private mutating func show(node name: String, _ at: RunInstant) {
        guard let node = nodes[name] else { return }
        if node.status != .ready {
            set(.nodes, name, .bad, "NotReady (\(node.status.rawValue))", at)
        } else {
            set(.nodes, name, node.isCordoned ? .changing : .good, node.isCordoned ? "Ready, cordoned" : "Ready", at)
        }
    }

    private mutating func show(podsOn node: String, _ cluster: String, _ at: RunInstant) {
        let here = pods.filter { $0.value.node == node && $0.key.hasPrefix(cluster + "/") }.sorted { $0.key < $1.key }
        let words = here.map { key, pod in
            "\(key.dropFirst(cluster.count + 1)) \(pod.phase)\(pod.ready ? ", ready" : ", not ready")"
        }
        let state: ChartRow.State =
            here.isEmpty
            ? .gone
            : here.contains { $0.value.ready }
                ? .good : here.contains { $0.value.phase == "Pending" } ? .changing : .bad
        let name = node.isEmpty ? "\(cluster)/(not scheduled)" : "\(cluster)/\(node)"
        set(.gateways, name, state, here.isEmpty ? "none" : words.joined(separator: "; "), at)
    }

    private mutating func show(service name: String, _ at: RunInstant) {
        let all = (endpoints[name] ?? [:]).values.sorted { $0.pod < $1.pod }
        let ready = all.filter(\.ready)
        let most = max(readyMost[name] ?? 0, ready.count)
        readyMost[name] = most
        let others = all.filter { !$0.ready }.map {
            "\($0.pod) on \($0.node) \($0.terminating ? "terminating" : "not ready")"
        }
        let words = ["\(ready.count) ready\(ready.isEmpty ? "" : " on " + ready.map(\.node).joined(separator: ", "))"]
        set(
            .endpoints, name, ready.isEmpty ? .bad : ready.count < most ? .changing : .good,
            (words + others).joined(separator: "; "), at)
    }

    private mutating func show(targets now: Set<String>, of name: String, _ at: RunInstant) {
        func node(_ address: String) -> String { address.split(separator: "=").first.map(String.init) ?? address }
        let before = sets.updateValue(now, forKey: name) ?? []
        let left = Set(before.map(node)).subtracting(now.map(node))
        for gone in left { set(.targets, "\(name): \(gone)", .gone, "not in the set", at) }
        for address in now {
            let at = at
            set(
                .targets, "\(name): \(node(address))", .good,
                "in the set as \(address.split(separator: "=").last ?? "")", at)
        }
    }

    private mutating func set(
        _ group: ChartRow.Group, _ name: String, _ state: ChartRow.State, _ words: String, _ at: RunInstant
    ) {
        let key = Key(group: group, name: name)
        let open = RunInstant(nanoseconds: .max)
        var spans = rows[key] ?? []
        if let last = spans.last {
            guard last.state != state || last.words != words else { return }
            spans[spans.count - 1].interval.end = at
        }
        spans.append(ChartRow.Span(interval: Interval(start: at, end: open), state: state, words: words))
        rows[key] = spans
    }
}
