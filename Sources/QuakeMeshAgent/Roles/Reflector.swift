import QuakeKube
import Synchronization

/// The objects of a watch as they are now. Changes are told once everything that was there is known.
final class Reflector: Sendable {
    private struct State {
        var objects: [String: JSONValue] = [:]
        var isSynced = false
    }

    private let state = Mutex(State())
    private let task: Mutex<Task<Void, Never>?> = Mutex(nil)

    /// - Parameter onChange: called after each change, not concurrently.
    init(
        _ kube: KubeClient, _ path: ResourcePath, labels: String? = nil, fields: String? = nil,
        onChange: @escaping @Sendable () async -> Void
    ) {
        let stream = kube.watch(path, labels: labels, fields: fields)
        let task = Task { [weak self] in
            for await event in stream {
                guard let self else { return }
                if self.apply(event) { await onChange() }
            }
        }
        self.task.withLock { $0 = task }
    }

    deinit { stop() }

    func stop() { task.withLock { $0?.cancel() } }

    /// Whether everything that was there when it began is known.
    var isSynced: Bool { state.withLock { $0.isSynced } }

    var objects: [JSONValue] { state.withLock { Array($0.objects.values) } }

    /// Whether anybody has to know.
    private func apply(_ event: WatchEvent) -> Bool {
        state.withLock { state in
            switch event {
            case .added(let object), .modified(let object):
                state.objects["\(object.namespace)/\(object.name)"] = object
            case .deleted(let object): state.objects["\(object.namespace)/\(object.name)"] = nil
            case .synced: state.isSynced = true
            case .interrupted: return false
            }
            return state.isSynced
        }
    }
}
