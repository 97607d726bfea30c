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
    private let poller: Task<Void, Never>
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
        if request.environment == "kind" { tasks.append(Task { await HostWatch.run(recorder) }) }
        self.tasks = tasks
        let clusters = request.clusters.values.sorted { $0.name < $1.name }
        let peering = request.peering
        poller = Task {
            var cursors: [String: RecordCursor] = [:]
            while true {
                recorder.told(await peering.records(of: clusters, since: &cursors))
                if Task.isCancelled { return }
                try? await Task.sleep(for: .milliseconds(500))
            }
        }
        addresses = Mutex(NodeAddresses(observers.mapValues(\.nodes)))
    }

    /// Ends them all, after one more reading of the mesh's records.
    func stop() async {
        for task in tasks { task.cancel() }
        poller.cancel()
        await poller.value
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
