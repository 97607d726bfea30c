import QuakeCluster
import QuakeKube
import QuakePlan
import QuakeTimeline
import Synchronization

/// What goes on beside a run's trials: the mesh's records are read, and the hosts' own stalls; and what a later trial is
/// compared with.
final class SessionWatches: Sendable {
    let stalls: StallReader
    private let tasks: [Task<Void, Never>]
    private let records: RecordReader
    /// As they were when the last trial had ended.
    private let addresses: Mutex<NodeAddresses>
    private let bystanders = Mutex<Set<String>>([])

    init(_ request: RunRequest, _ recorder: RunRecorder, _ observers: [String: ClusterObserver]) {
        let stalls = StallReader(
            request.clusters.values.compactMap(\.stalls),
            deadlines: request.plan.cells.flatMap(\.traffic).map(\.deadline))
        self.stalls = stalls
        var tasks = [Task { await stalls.run(recorder) }]
        // Elsewhere the nodes' host is another one than the prober's.
        if request.sharesHost {
            tasks += [Task { await HostWatch.run(recorder) }, Task { await PressureWatch.run(recorder) }]
        }
        self.tasks = tasks
        let (clusters, peering) = (request.clusters, request.peering)
        records = RecordReader(clusters.keys.sorted(), clock: request.clock) { name in
            guard let cluster = clusters[name] else { return [] }
            return try await peering.recordAgents(in: cluster)
        } tell: { records, cluster in
            recorder.told(records, by: cluster)
        } lost: {
            recorder.event($0)
        }
        addresses = Mutex(NodeAddresses(observers.mapValues(\.nodes)))
    }

    /// Ends them all, after one more reading of the mesh's records.
    func stop() async {
        for task in tasks { task.cancel() }
        await records.finish()
    }

    /// What has changed since this was asked last.
    func addressChanges(_ observers: [String: ClusterObserver]) -> [String] {
        let now = NodeAddresses(observers.mapValues(\.nodes))
        let before = addresses.withLock { kept in
            let old = kept
            kept = now
            return old
        }
        return before.changes(to: now)
    }

    /// Those that were not told of before: each is told once a run.
    func news(of nodes: [String]) -> [String] {
        bystanders.withLock { known in nodes.filter { known.insert($0).inserted } }
    }
}
