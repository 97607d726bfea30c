package import QuakeCluster
import QuakeKube
import QuakeMesh
package import QuakeProbe
package import QuakeTimeline
import Synchronization

/// Probers in pods, one in each cluster that lanes begin in.
package final class RemoteProber: TrafficProber {
    private let pods: [String: RemotePod]
    private let clock: RunClock
    private let sink: any ProbeSink
    private let owners = Mutex<[LaneID: RemotePod]>([:])
    /// The pod of the last crossing lane: the loopback control runs beside that.
    private let client = Mutex<RemotePod?>(nil)
    private let puller: Task<Void, Never>

    /// Finds the pods and relates their clocks to the run's.
    ///
    /// - Throws: ``ClusterError`` if a cluster has no ready prober, ``ProbeError`` if one does not answer.
    package init(_ clusters: [String: Cluster], clock: RunClock, sink: any ProbeSink) async throws {
        var pods: [String: RemotePod] = [:]
        for (name, cluster) in clusters.sorted(by: { $0.key < $1.key }) {
            let found = try await cluster.kube.list(
                .pods(MeshNames.systemNamespace), labels: "app=\(MeshNames.prober)"
            ).items.filter { $0.condition("Ready") == "True" && !$0.isBeingDeleted }
            guard let first = found.sorted(by: { $0.name < $1.name }).first else {
                throw ClusterError(
                    .failed, "\(name): no ready prober in \(MeshNames.systemNamespace)",
                    hint: "Is the mesh installed? peerquake mesh install --mesh standin")
            }
            let pod = RemotePod(
                cluster.kube, namespace: MeshNames.systemNamespace, pod: first.name, clock: clock, sink: sink)
            try await pod.begin()
            pods[name] = pod
            let relation = try await pod.relate()
            let micros = Int((relation.bound.inSeconds * 1e6).rounded(.up))
            sink.record(
                Event(at: clock.now, .note("\(name): probing from pod \(first.name), clocks related to ± \(micros) µs"))
            )
        }
        self.pods = pods
        self.clock = clock
        self.sink = sink
        let all = Array(pods.values)
        puller = Task {
            while !Task.isCancelled {
                for pod in all { await pod.read() }
                try? await Task.sleep(for: .milliseconds(250))
            }
        }
    }

    package var scheduling: String { "in pods \(pods.values.map(\.name).sorted().joined(separator: ", "))" }

    package func start(_ spec: LaneSpec) async throws(ProbeError) -> Lane {
        let beside = spec.lane.role == .loopback ? client.withLock { $0 } : nil
        guard let pod = beside ?? pods[spec.lane.from] else {
            throw ProbeError(.lane, "no prober in \(spec.lane.from)")
        }
        let relation: RemotePod.ClockRelation
        do {
            relation = try await pod.relate()
        } catch {
            throw ProbeError(.setUp, "\(pod.name): \(error)")
        }
        let lane = try await pod.start(spec, relation)
        owners.withLock { $0[lane.id] = pod }
        if spec.lane.role == .probe { client.withLock { $0 = pod } }
        return lane
    }

    package func stop(_ id: LaneID) async {
        guard let pod = owners.withLock({ $0.removeValue(forKey: id) }) else { return }
        await pod.stop(id)
    }

    package func close() async {
        for id in owners.withLock({ Array($0.keys) }) { await stop(id) }
        puller.cancel()
        await puller.value
    }
}
