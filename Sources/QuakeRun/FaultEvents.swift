import FoundationEssentials
import QuakeCluster
import QuakeKube
import Synchronization

/// Kubernetes Events on the Nodes that a fault touches, so that whoever looks at the cluster sees who did it.
///
/// Written beside the run: an Event that cannot be written is left out. They are the API server's to expire.
final class FaultEvents: Sendable {
    private let run: String
    private let pending = Mutex<[Int: Task<Void, Never>]>([:])
    private let numbers = Atomic(0)

    init(run: String) { self.run = run }

    /// - Parameter targets: names; those that are no Nodes are passed over.
    func tell(_ reason: String, _ message: String, on targets: [String], of cluster: Cluster) {
        let run = run
        for name in targets {
            let number = numbers.wrappingAdd(1, ordering: .relaxed).newValue
            let task = Task { [weak self] in
                defer { self?.pending.withLock { $0[number] = nil } }
                guard let node = try? await cluster.kube.get(.node(name), timeout: .seconds(3)) else { return }
                let event = Self.event(node, reason, "\(message) (Peerquake, run \(run))")
                _ = try? await cluster.kube.create(
                    event, at: .events("default").named(event.name), timeout: .seconds(3))
            }
            // One that has ended already is kept until the run ends: a few bytes, and seldom.
            pending.withLock { $0[number] = task }
        }
    }

    /// Returns when what was told is written, or cannot be.
    func finish() async {
        let tasks = pending.withLock { tasks in
            defer { tasks = [:] }
            return Array(tasks.values)
        }
        for task in tasks { await task.value }
    }

    private static func event(_ node: JSONValue, _ reason: String, _ message: String) -> JSONValue {
        let stamp = JSONValue.string(Date.now.formatted(.iso8601))
        return [
            "apiVersion": "v1", "kind": "Event",
            "metadata": [
                "name": .string("\(node.name).\(String(UInt64.random(in: 0...UInt64.max), radix: 16))"),
                "namespace": "default",
            ],
            "involvedObject": [
                "kind": "Node", "name": .string(node.name), "uid": .string(node.uid), "apiVersion": "v1",
            ],
            "reason": .string(reason), "message": .string(message), "type": "Warning",
            "source": ["component": "peerquake"], "reportingComponent": "peerquake", "firstTimestamp": stamp,
            "lastTimestamp": stamp, "count": 1,
        ]
    }
}
