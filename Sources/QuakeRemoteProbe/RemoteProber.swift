package import QuakeCluster
import QuakeKube
import QuakeMesh
package import QuakeProbe
package import QuakeRecord
import Synchronization

/// Probers in pods, one or several in each cluster that lanes begin in. Several share each lane's slots in turn, and what
/// they record is one lane: its sequence numbers show that no slot is missing and none is there twice.
package final class RemoteProber: TrafficProber {
    /// Until several probers have all heard of a lane, which then begins for all of them at one moment.
    private static let lead = Duration.seconds(1)
    /// Until several have all heard of its end.
    private static let notice = Duration.milliseconds(500)

    private let pods: [String: [RemotePod]]
    private let conditions: [String: [PodConditions]]
    private let clock: RunClock
    private let sink: any ProbeSink
    private let owners = Mutex<[LaneID: [RemotePod]]>([:])
    /// The pods of the last crossing lane: the loopback control runs beside those.
    private let client = Mutex<[RemotePod]>([])
    private let puller: Task<Void, Never>

    /// Finds the pods and relates their clocks to the run's.
    ///
    /// - Parameter avoiding: cluster → nodes that the run may break. A prober there is left out where others are elsewhere,
    ///   and told of where none is.
    /// - Throws: ``ClusterError`` if a cluster has no ready prober, ``ProbeError`` if one does not answer.
    package init(
        _ clusters: [String: Cluster], avoiding: [String: Set<String>] = [:], clock: RunClock, sink: any ProbeSink
    ) async throws {
        var pods: [String: [RemotePod]] = [:]
        var conditions: [String: [PodConditions]] = [:]
        for (name, cluster) in clusters.sorted(by: { $0.key < $1.key }) {
            let broken = avoiding[name] ?? []
            let ready = try await Self.ready(in: cluster)
            let choice = ProberChoice(ready: ready, avoiding: broken)
            for other in ready where !choice.pods.contains(other) {
                // Nothing is read of it; it may be out of reach.
                try? await RemotePod(
                    cluster.kube, namespace: MeshNames.systemNamespace, pod: other.name, clock: clock, sink: sink
                ).endEarlierLanes()
            }
            if let warning = choice.warning { sink.record(Event(at: clock.now, .note("\(name): \(warning)"))) }
            for found in choice.pods {
                let pod = RemotePod(
                    cluster.kube, namespace: MeshNames.systemNamespace, pod: found.name, clock: clock, sink: sink)
                try await pod.begin()
                pods[name, default: []].append(pod)
                conditions[name, default: []].append(
                    PodConditions(pod: found, atStart: await pod.conditions()))
                let relation = try await pod.relate()
                let micros = Int((relation.bound.inSeconds * 1e6).rounded(.up))
                sink.record(
                    Event(
                        at: clock.now,
                        .note(
                            "\(name): probing from pod \(found.name) on \(found.node), clocks related to ± \(micros) µs"
                        )
                    ))
            }
        }
        self.pods = pods
        self.conditions = conditions
        self.clock = clock
        self.sink = sink
        let all = pods.values.flatMap { $0 }
        puller = Task {
            while !Task.isCancelled {
                await withTaskGroup(of: Void.self) { group in
                    for pod in all { group.addTask { await pod.read() } }
                }
                try? await Task.sleep(for: .milliseconds(250))
            }
        }
    }

    private static func ready(in cluster: Cluster) async throws -> [ProberChoice.Pod] {
        let found = try await cluster.kube.list(
            .pods(MeshNames.systemNamespace), labels: "app=\(MeshNames.prober)"
        ).items.map { PodView($0) }.filter { $0.isReady && !$0.isBeingDeleted }
        guard !found.isEmpty else {
            throw ClusterError(
                .failed, "\(cluster.name): no ready prober in \(MeshNames.systemNamespace)",
                hint: "Is the mesh installed? peerquake mesh install --mesh standin")
        }
        return found.map {
            ProberChoice.Pod(name: $0.name, node: $0.node ?? "?", resources: PodResources($0.object))
        }
    }

    /// By cluster: `east prober`, what its pods were given and obtained, and `east prober throttled`.
    package func facts() async -> [String: String] {
        var facts: [String: String] = [:]
        for (cluster, starts) in conditions {
            var lines: [(pod: String, words: String)] = []
            var throttled: [(pod: String, words: String)] = []
            for (start, pod) in zip(starts, pods[cluster] ?? []) {
                let now = await pod.conditions()
                lines.append((pod.name, start.words(now)))
                throttled.append((pod.name, start.throttledWords(now)))
            }
            facts["\(cluster) prober"] = Self.joined(lines)
            facts["\(cluster) prober throttled"] = Self.joined(throttled)
        }
        return facts
    }

    /// Once where all pods say the same, else by pod.
    static func joined(_ lines: [(pod: String, words: String)]) -> String {
        guard let first = lines.first else { return "" }
        if lines.allSatisfy({ $0.words == first.words }) {
            return lines.count == 1 ? first.words : "\(lines.count) pods: \(first.words)"
        }
        return lines.map { "\($0.pod): \($0.words)" }.joined(separator: "; ")
    }

    package var scheduling: String {
        "in pods \(pods.values.flatMap { $0.map(\.name) }.sorted().joined(separator: ", "))"
    }

    package func start(_ spec: LaneSpec) async throws(ProbeError) -> Lane {
        let beside = spec.lane.role == .loopback ? client.withLock { $0 } : []
        let all = beside.isEmpty ? pods[spec.lane.from] ?? [] : beside
        // A stream is one connection.
        let sharers = spec.lane.mode == .stream ? Array(all.prefix(1)) : all
        guard !sharers.isEmpty else { throw ProbeError(.lane, "no prober in \(spec.lane.from)") }
        let lane = try await start(spec, sharers)
        owners.withLock { $0[lane.id] = sharers }
        if spec.lane.role == .probe { client.withLock { $0 = all } }
        return lane
    }

    private func start(_ spec: LaneSpec, _ sharers: [RemotePod]) async throws(ProbeError) -> Lane {
        var relations: [RemotePod.ClockRelation] = []
        for pod in sharers {
            do {
                relations.append(try await pod.relate())
            } catch {
                throw ProbeError(.setUp, "\(pod.name): \(error)")
            }
        }
        let origin = sharers.count > 1 ? clock.now + Self.lead : nil
        let parts = zip(sharers, relations).enumerated().map { ($0.offset, $0.element.0, $0.element.1) }
        let results = await withTaskGroup(of: Result<Lane, ProbeError>.self) { group in
            for (index, pod, relation) in parts {
                group.addTask {
                    let share = LaneShare(index: index, count: parts.count)
                    do throws(ProbeError) {
                        return .success(try await pod.start(spec, relation, share: share, origin: origin))
                    } catch {
                        return .failure(error)
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        var lane: Lane?
        for result in results {
            if case .failure(let error) = result {
                await stop(spec.lane.id, sharers)
                throw error
            }
            if case .success(let begun) = result { lane = begun }
        }
        guard let lane else { throw ProbeError(.lane, "no prober started a lane") }
        return lane
    }

    package func stop(_ id: LaneID) async {
        guard let sharers = owners.withLock({ $0.removeValue(forKey: id) }) else { return }
        await stop(id, sharers)
    }

    private func stop(_ id: LaneID, _ sharers: [RemotePod]) async {
        // At one moment for all, or the last slots of some would be missing among those of others.
        let moment = sharers.count > 1 ? clock.now + Self.notice : nil
        await withTaskGroup(of: Void.self) { group in
            for pod in sharers { group.addTask { await pod.stop(id, at: moment) } }
        }
    }

    package func close() async {
        for id in owners.withLock({ Array($0.keys) }) { await stop(id) }
        puller.cancel()
        await puller.value
    }
}

/// Which of a cluster's ready probers a run takes.
struct ProberChoice: Sendable {
    struct Pod: Sendable, Equatable {
        var name: String
        var node: String
        var resources = PodResources()
    }

    /// In the order of their names, which is the order of their slots.
    var pods: [Pod]
    /// Why requests may end with a fault's node; `nil` where they cannot.
    var warning: String?

    /// - Parameter avoiding: nodes that the run may break.
    init(ready: [Pod], avoiding: Set<String>) {
        let sorted = ready.sorted { $0.name < $1.name }
        pods = sorted.filter { !avoiding.contains($0.node) }
        guard pods.isEmpty else { return }
        pods = sorted
        let nodes = Set(sorted.map(\.node)).sorted().joined(separator: ", ")
        warning =
            "every prober runs on a node that the plan may break (\(nodes)): its failures may be the prober's own"
    }
}
