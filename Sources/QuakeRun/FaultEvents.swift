import FoundationEssentials
import QuakeCluster
import QuakeKube
import Synchronization

/// Kubernetes Events on the objects that a run touches, so that whoever looks at the cluster sees who did it.
///
/// Written beside the run, and the API server's to expire: an Event that cannot be written is left out, which is told
/// once for each cluster. What is said again of an object counts its Event up, as Kubernetes' own recorders do.
final class FaultEvents: Sendable {
    /// What an Event is about.
    enum Subject: Sendable, Hashable {
        /// Nodes by their names; what is no Node is passed over.
        case node(String)
        case path(String)
        /// What may be gone by now.
        case object(ObjectReference)
    }

    /// The words of an Event's reason.
    enum Reason: String, Sendable {
        case fault = "Fault"
        case healing = "Healing"
        case setting = "Setting"
    }

    private struct Key: Hashable {
        var cluster: String
        var subject: Subject
        var reason: Reason
        var message: String
    }

    private struct Written {
        var path: ResourcePath
        var count: Int64
    }

    private struct State {
        /// Keys in the order in which they came.
        var order: [Key] = []
        var written: [Key: Written] = [:]
        /// Each key's writes, which follow each other: how many there are, and the last one.
        var pending: [Key: (count: Int, last: Task<Void, Never>)] = [:]
        var waiting: Int { pending.values.reduce(0) { $0 + $1.count } }
        var number = 0
        var silent: Set<String> = []
    }

    /// Events that are counted up when they come again; beyond them the oldest are written anew.
    static let remembered = 512
    /// Writes under way; where a cluster does not answer, those beyond are left out.
    static let waiting = 128
    private static let timeout = Duration.seconds(3)

    private let run: String
    /// The run's stamp and suffix: what tells its Events from another run's in their names.
    private let mark: String
    private let state = Mutex(State())
    private let complain: @Sendable (String) -> Void

    /// - Parameter complain: told once for each cluster why Events cannot be written.
    init(run: String, complain: @escaping @Sendable (String) -> Void) {
        self.run = run
        mark = (run.prefix(16) + run.suffix(4)).lowercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber) }
        self.complain = complain
    }

    func tell(_ reason: Reason, _ message: String, on subjects: [Subject], of cluster: Cluster) {
        for subject in subjects {
            let key = Key(
                cluster: cluster.uid, subject: subject, reason: reason, message: "\(message) (Peerquake, run \(run))")
            state.withLock { state in
                guard state.waiting < Self.waiting else { return }
                let before = state.pending[key]
                let task = Task {
                    await before?.last.value
                    await self.write(key, cluster)
                    self.ended(key)
                }
                state.pending[key] = ((before?.count ?? 0) + 1, task)
            }
        }
    }

    private func ended(_ key: Key) {
        state.withLock { state in
            guard let writes = state.pending[key] else { return }
            state.pending[key] = writes.count > 1 ? (writes.count - 1, writes.last) : nil
        }
    }

    /// Returns when what was told is written, or cannot be.
    func finish() async {
        for task in state.withLock({ $0.pending.values.map(\.last) }) { await task.value }
    }

    // MARK: - Writing

    private func write(_ key: Key, _ cluster: Cluster) async {
        do throws(KubeError) {
            if let written = state.withLock({ $0.written[key] }), try await count(up: written, key, cluster) { return }
            guard let object = try await reference(key.subject, cluster) else { return }
            let event = event(object, key)
            let path = ResourcePath.events(event.namespace).named(event.name)
            try await cluster.kube.create(event, at: path, timeout: Self.timeout)
            remember(key, Written(path: path, count: 1))
        } catch {
            let isNews = state.withLock { $0.silent.insert(key.cluster).inserted }
            if isNews { complain("\(cluster.name): Events cannot be written: \(error)") }
        }
    }

    /// - Returns: `false` where the Event has expired.
    private func count(up written: Written, _ key: Key, _ cluster: Cluster) async throws(KubeError) -> Bool {
        let count = written.count + 1
        do throws(KubeError) {
            try await cluster.kube.patch(
                written.path, ["count": .int(count), "lastTimestamp": Self.stamp()], timeout: Self.timeout)
        } catch {
            guard error.code == .notFound else { throw error }
            return false
        }
        state.withLock { $0.written[key] = Written(path: written.path, count: count) }
        return true
    }

    private func remember(_ key: Key, _ written: Written) {
        state.withLock { state in
            if state.written.updateValue(written, forKey: key) == nil { state.order.append(key) }
            while state.order.count > Self.remembered {
                state.written[state.order.removeFirst()] = nil
            }
        }
    }

    /// `nil` for what is not there.
    private func reference(_ subject: Subject, _ cluster: Cluster) async throws(KubeError) -> ObjectReference? {
        do throws(KubeError) {
            switch subject {
            case .object(let object): return object
            case .node(let name):
                let node = try await cluster.kube.get(.node(name), timeout: Self.timeout)
                return ObjectReference(apiVersion: "v1", kind: "Node", namespace: "", name: name, uid: node.uid)
            case .path(let path):
                let answer = try await cluster.kube.raw("GET", path, timeout: Self.timeout)
                let object = try JSONValue(parsing: answer.body)
                return ObjectReference(
                    apiVersion: object["apiVersion"]?.stringValue ?? "", kind: object["kind"]?.stringValue ?? "",
                    namespace: object.namespace, name: object.name, uid: object.uid)
            }
        } catch {
            guard error.code == .notFound else { throw error }
            return nil
        }
    }

    private func event(_ object: ObjectReference, _ key: Key) -> JSONValue {
        let number = state.withLock { state in
            state.number += 1
            return state.number
        }
        // Those of cluster-wide objects stand in the namespace where Kubernetes' own do.
        let namespace = object.namespace.isEmpty ? "default" : object.namespace
        var about: JSONValue = [
            "apiVersion": .string(object.apiVersion), "kind": .string(object.kind), "name": .string(object.name),
        ]
        if !object.namespace.isEmpty { about["namespace"] = .string(object.namespace) }
        if !object.uid.isEmpty { about["uid"] = .string(object.uid) }
        let stamp = Self.stamp()
        return [
            "apiVersion": "v1", "kind": "Event",
            "metadata": [
                "name": .string("\(object.name).\(mark).\(number)"), "namespace": .string(namespace),
            ],
            "involvedObject": about, "reason": .string(key.reason.rawValue), "message": .string(key.message),
            "type": key.reason == .fault ? "Warning" : "Normal", "source": ["component": "peerquake"],
            "reportingComponent": "peerquake", "firstTimestamp": stamp, "lastTimestamp": stamp, "count": 1,
        ]
    }

    private static func stamp() -> JSONValue { .string(Date.now.formatted(.iso8601)) }
}

extension FaultEvents.Subject {
    /// What a change touches, where it is no Node: those are told of with the fault.
    init?(_ mutation: Mutation) {
        if let object = mutation.object {
            self = .object(object)
            return
        }
        switch mutation.inverse {
        case .patch(let path, _, _), .delete(let path, _, _), .replace(let path, _), .restore(let path, _, _):
            self = .path(path)
        case .scale(let namespace, let kind, let name, _, _):
            self = .path(ResourcePath(group: "apps", resource: kind + "s", namespace: namespace, name: name).path)
        case .uncordon, .cordon, .restoreNode, .renewNode, .setFlags, .deleteBuilt, .logLevels, .none: return nil
        }
    }

    /// What an inverse brings back.
    init?(_ inverse: Inverse) {
        switch inverse {
        case .uncordon(let node, _), .cordon(let node, _), .restoreNode(let node, _), .renewNode(let node, _, _, _):
            self = .node(node)
        case .patch(let path, _, _), .replace(let path, _), .restore(let path, _, _): self = .path(path)
        case .scale(let namespace, let kind, let name, _, _):
            self = .path(ResourcePath(group: "apps", resource: kind + "s", namespace: namespace, name: name).path)
        case .setFlags, .delete, .deleteBuilt, .logLevels, .none: return nil
        }
    }
}
