package import QuakeKube
import QuakeTime
import Synchronization

/// Something about a cluster's objects that a run records.
package enum Observation: Sendable, Equatable {
    case nodeReady(node: String, status: String)
    case nodeGone(String)
    case nodeUnschedulable(node: String, Bool)
    case endpoint(service: String, pod: String, node: String, ready: Bool, serving: Bool, terminating: Bool)
    case endpointGone(service: String, pod: String)
    case pod(namespace: String, name: String, node: String, phase: String, ready: Bool)
    case podGone(namespace: String, name: String)
    case interrupted(String)
}

/// Watches a cluster's nodes, pods and EndpointSlices, and tells what changes.
package final class ClusterObserver: Sendable {
    private struct State {
        var nodes: [String: JSONValue] = [:]
        var pods: [String: JSONValue] = [:]
        var slices: [String: JSONValue] = [:]
        var endpoints: [String: Observation] = [:]
        var synced: Set<String> = []
    }

    package let cluster: Cluster
    private let namespaces: Set<String>
    private let state = Mutex(State())
    private let tasks = Mutex<[Task<Void, Never>]>([])
    private let tell: @Sendable (Observation) -> Void

    /// - Parameters:
    ///   - namespaces: whose pods and endpoints are told of; conditions see all of them.
    ///   - tell: called from several tasks; it must not block.
    package init(_ cluster: Cluster, namespaces: Set<String>, tell: @escaping @Sendable (Observation) -> Void) {
        self.cluster = cluster
        self.namespaces = namespaces
        self.tell = tell
    }

    /// Begins to list and watch, in tasks of its own that reconnect until ``stop()``.
    package func start() {
        let started = [
            follow(.nodes, "nodes") { $0.node($1) }, follow(.pods(), "pods") { $0.pod($1) },
            follow(.endpointSlices(), "endpointslices") { $0.slice($1) },
        ]
        tasks.withLock { $0 = started }
    }

    /// Cancels the watches without waiting for their ends.
    package func stop() {
        for task in tasks.withLock({ $0 }) { task.cancel() }
    }

    /// Waits until everything that is there is known.
    ///
    /// - Throws: `.timeout` with what is missing.
    package func awaitSynced(within limit: Duration = .seconds(20)) async throws {
        do {
            try await poll(until: "\(cluster.name): lists", within: limit, every: .milliseconds(20)) {
                () -> Look<Void> in
                let synced = state.withLock { $0.synced }
                if synced.count == 3 { return .met(()) }
                return .notYet(synced.isEmpty ? "none" : synced.sorted().joined(separator: ", "))
            }
        } catch let timeout as PollTimeout {
            throw ClusterError(.timeout, "\(cluster.name): lists did not arrive within \(limit); had: \(timeout.last)")
        }
    }

    package var nodes: [JSONValue] { state.withLock { $0.nodes.values.sorted { $0.name < $1.name } } }

    /// `nil` for one that is not there.
    package func node(_ name: String) -> JSONValue? { state.withLock { $0.nodes[name] } }

    /// A node's pods, in the order of their names.
    package func pods(on node: String) -> [JSONValue] {
        state.withLock { $0.pods.values.filter { $0[path: "spec.nodeName"]?.stringValue == node } }
            .sorted { ($0.namespace, $0.name) < ($1.namespace, $1.name) }
    }

    /// uids of a node's pods that are being deleted.
    package func leavingPods(on node: String) -> Set<String> {
        state.withLock { state in
            Set(
                state.pods.values.filter { $0[path: "spec.nodeName"]?.stringValue == node && $0.isBeingDeleted }
                    .map(\.uid))
        }
    }

    /// A workload's pods, in the order of their names.
    package func pods(at place: WorkloadPlace) -> [JSONValue] {
        state.withLock { $0.pods.values.filter(place.includes) }.sorted { $0.name < $1.name }
    }

    /// Ready endpoints of a workload's Service; where it has none of its own, its pods that are ready endpoints of any.
    package func readyEndpoints(of place: WorkloadPlace) -> Int {
        let names = place.service == nil ? Set(pods(at: place).map(\.name)) : []
        return state.withLock { place.readyEndpoints(in: Array($0.slices.values), pods: names) }
    }

    private func follow(
        _ path: ResourcePath, _ name: String, _ take: @escaping @Sendable (ClusterObserver, WatchEvent) -> Void
    ) -> Task<Void, Never> {
        let stream = cluster.kube.watch(path)
        return Task { [weak self] in
            for await event in stream {
                guard let self else { return }
                switch event {
                case .synced: self.state.withLock { _ = $0.synced.insert(name) }
                case .interrupted(let error): self.tell(.interrupted("\(error)"))
                default: take(self, event)
                }
            }
        }
    }

    // MARK: - What changed

    private func node(_ event: WatchEvent) {
        switch event {
        case .added(let node), .modified(let node):
            let before = state.withLock { $0.nodes.updateValue(node, forKey: node.name) }
            let status = node.condition("Ready") ?? "Unknown"
            if before?.condition("Ready") != status { tell(.nodeReady(node: node.name, status: status)) }
            let flag = node[path: "spec.unschedulable"]?.boolValue ?? false
            if (before?[path: "spec.unschedulable"]?.boolValue ?? false) != flag {
                tell(.nodeUnschedulable(node: node.name, flag))
            }
        case .deleted(let node):
            state.withLock { $0.nodes[node.name] = nil }
            tell(.nodeGone(node.name))
        case .synced, .interrupted: break
        }
    }

    private func pod(_ event: WatchEvent) {
        switch event {
        case .added(let pod), .modified(let pod):
            let before = state.withLock { $0.pods.updateValue(pod, forKey: "\(pod.namespace)/\(pod.name)") }
            guard namespaces.contains(pod.namespace) else { return }
            let now = Self.observation(of: pod)
            if before.map(Self.observation) != now { tell(now) }
        case .deleted(let pod):
            state.withLock { $0.pods["\(pod.namespace)/\(pod.name)"] = nil }
            if namespaces.contains(pod.namespace) { tell(.podGone(namespace: pod.namespace, name: pod.name)) }
        case .synced, .interrupted: break
        }
    }

    private static func observation(of pod: JSONValue) -> Observation {
        let phase = pod.isBeingDeleted ? "Terminating" : pod[path: "status.phase"]?.stringValue ?? "Unknown"
        return .pod(
            namespace: pod.namespace, name: pod.name, node: pod[path: "spec.nodeName"]?.stringValue ?? "",
            phase: phase, ready: pod.condition("Ready") == "True")
    }

    private func slice(_ event: WatchEvent) {
        switch event {
        case .added(let slice), .modified(let slice):
            state.withLock { $0.slices["\(slice.namespace)/\(slice.name)"] = slice }
            if namespaces.contains(slice.namespace) { tellEndpoints(of: slice) }
        case .deleted(let slice):
            state.withLock { $0.slices["\(slice.namespace)/\(slice.name)"] = nil }
            var empty = slice
            empty["endpoints"] = []
            if namespaces.contains(slice.namespace) { tellEndpoints(of: empty) }
        case .synced, .interrupted: break
        }
    }

    private func tellEndpoints(of slice: JSONValue) {
        let service = slice.labels["kubernetes.io/service-name"] ?? slice.name
        let prefix = "\(slice.namespace)/\(service)/"
        var now: [String: Observation] = [:]
        for endpoint in slice["endpoints"]?.arrayValue ?? [] {
            let pod = endpoint[path: "targetRef.name"]?.stringValue ?? endpoint.at("addresses", 0)?.stringValue ?? ""
            now[prefix + pod] = .endpoint(
                service: service, pod: pod, node: endpoint["nodeName"]?.stringValue ?? "",
                ready: endpoint[path: "conditions.ready"]?.boolValue ?? true,
                serving: endpoint[path: "conditions.serving"]?.boolValue ?? true,
                terminating: endpoint[path: "conditions.terminating"]?.boolValue ?? false)
        }
        let news = state.withLock { state -> [Observation] in
            var news: [Observation] = []
            for key in state.endpoints.keys.sorted() where key.hasPrefix(prefix) && now[key] == nil {
                state.endpoints[key] = nil
                news.append(.endpointGone(service: service, pod: String(key.dropFirst(prefix.count))))
            }
            for (key, endpoint) in now.sorted(by: { $0.key < $1.key }) where state.endpoints[key] != endpoint {
                state.endpoints[key] = endpoint
                news.append(endpoint)
            }
            return news
        }
        for observation in news { tell(observation) }
    }
}
