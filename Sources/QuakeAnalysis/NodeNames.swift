import QuakeTimeline

/// Which names of a run's nodes occur in more than one of its clusters.
struct NodeNames: Sendable {
    private var clusters: [String: Set<String>] = [:]

    /// - Parameter events: of the whole run.
    init(_ events: [Event]) {
        for event in events {
            switch event.what {
            case .nodeReady(let cluster, let node, _), .nodeGone(let cluster, let node),
                .nodeUnschedulable(let cluster, let node, _), .nodeTaints(let cluster, let node, _, _):
                clusters[node, default: []].insert(cluster)
            default: break
            }
        }
    }

    /// A node's name, with its cluster before it where the name alone could mean two.
    func name(of node: String, in cluster: String) -> String {
        guard !cluster.isEmpty, let known = clusters[node], known.count > 1 else { return node }
        return "\(cluster)/\(node)"
    }
}

/// The nodes that turned NotReady in a trial, each of its cluster, and when each first did.
struct NotReadyNodes {
    private struct Node: Hashable {
        var cluster: String
        var name: String
    }

    private var first: [Node: RunInstant] = [:]

    /// - Parameter events: of the trial, in order.
    init(_ events: [Event]) {
        for event in events {
            guard case .nodeReady(let cluster, let name, let status) = event.what, status != .ready else { continue }
            let node = Node(cluster: cluster, name: name)
            first[node] = first[node] ?? event.at
        }
    }

    /// Sorted.
    func names(_ names: NodeNames) -> [String] { first.keys.map { names.name(of: $0.name, in: $0.cluster) }.sorted() }

    /// How many turned so at a moment that `body` is true of.
    func count(where body: (RunInstant) -> Bool) -> Int { first.values.count(where: body) }
}

extension TrialDoubts {
    /// - Parameters:
    ///   - events: of the trial, in order.
    ///   - span: of the trial.
    init(_ events: [Event], windows: [FaultWindow], span: Interval, suspects: SuspectSeconds) {
        self.init()
        let nodes = NotReadyNodes(events)
        leastNotReady = nodes.count { !suspects.touches(Interval(start: span.start, end: $0)) }
        if let fault = windows.first(where: { !$0.isHealing }) {
            mayMissNotReady = suspects.touches(Interval(start: fault.at, end: max(fault.at, span.end)))
        }
        guard !suspects.isEmpty else { return }
        var begun: [String: RunInstant] = [:]
        for event in events {
            if case .stepStarted(let step, _) = event.what { begun[step] = event.at }
            guard case .stepFinished(let step, _, _) = event.what else { continue }
            if suspects.touches(Interval(start: begun[step] ?? event.at, end: event.at)) { steps.insert(step) }
        }
    }
}
