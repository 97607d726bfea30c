import QuakeKube
import QuakeSim

/// One change of an object, as watches tell it.
struct StoredChange: Sendable {
    enum Verb: String, Sendable {
        case added = "ADDED"
        case modified = "MODIFIED"
        case deleted = "DELETED"
    }

    var version: Int
    var kind: ResourceKind
    var verb: Verb
    var object: JSONValue
    /// What it was before: decides whether a selector saw it come or go.
    var previous: JSONValue?
}

/// The objects of a cluster as JSON, their resourceVersions, and the recent past for watches.
struct ObjectStore: Sendable {
    private(set) var version = 1
    private var objects: [ResourceKind: [ObjectKey: JSONValue]] = [:]
    private var history: [StoredChange] = []
    /// Watches from before this version must list anew.
    private(set) var oldest = 1
    private var watchers: [Int: AsyncStream<StoredChange>.Continuation] = [:]
    private var nextWatcher = 0

    /// A minute of a busy cluster: each change keeps two whole objects. kube-apiserver begins with 100 of each kind
    /// (`defaultLowerBoundCapacity` of its watch cache).
    private static let historyLimit = 600

    subscript(kind: ResourceKind, key: ObjectKey) -> JSONValue? { objects[kind]?[key] }

    func keys(of kind: ResourceKind) -> [ObjectKey] { (objects[kind] ?? [:]).keys.sorted() }

    /// In the order of namespace and name; all namespaces where `namespace` is `nil`.
    func list(_ kind: ResourceKind, namespace: String?) -> [JSONValue] {
        (objects[kind] ?? [:]).filter { namespace == nil || $0.key.namespace == namespace }
            .sorted { $0.key < $1.key }.map(\.value)
    }

    /// Stores an object with a new resourceVersion and tells watchers; one that did not change is left alone.
    @discardableResult
    mutating func commit(_ kind: ResourceKind, _ key: ObjectKey, _ object: JSONValue) -> JSONValue {
        let previous = objects[kind]?[key]
        var next = object
        next["apiVersion"] = .string(kind.apiVersion)
        next["kind"] = .string(kind.kind)
        if let previous {
            next.set(previous.metadata["resourceVersion"], at: "metadata", "resourceVersion")
            if next == previous { return previous }
        }
        version += 1
        next.set(.string(String(version)), at: "metadata", "resourceVersion")
        objects[kind, default: [:]][key] = next
        tell(
            StoredChange(
                version: version, kind: kind, verb: previous == nil ? .added : .modified, object: next,
                previous: previous))
        return next
    }

    @discardableResult
    mutating func remove(_ kind: ResourceKind, _ key: ObjectKey) -> JSONValue? {
        guard var last = objects[kind]?.removeValue(forKey: key) else { return nil }
        version += 1
        let previous = last
        last.set(.string(String(version)), at: "metadata", "resourceVersion")
        tell(StoredChange(version: version, kind: kind, verb: .deleted, object: last, previous: previous))
        return last
    }

    private mutating func tell(_ change: StoredChange) {
        history.append(change)
        if history.count > Self.historyLimit {
            history.removeFirst(Self.historyLimit / 4)
            oldest = history.first?.version ?? version
        }
        for watcher in watchers.values { watcher.yield(change) }
    }

    /// Everything after `version`, then what comes.
    ///
    /// - Throws: 410 for a version that is no longer known.
    mutating func watch(after version: Int) throws(APIStatus) -> (id: Int, stream: AsyncStream<StoredChange>) {
        if version < oldest - 1 || version > self.version { throw .expired(version) }
        let (stream, continuation) = AsyncStream<StoredChange>.makeStream()
        for change in history where change.version > version { continuation.yield(change) }
        nextWatcher += 1
        watchers[nextWatcher] = continuation
        return (nextWatcher, stream)
    }

    mutating func endWatch(_ id: Int) { watchers.removeValue(forKey: id)?.finish() }

    mutating func endAllWatches() {
        for id in watchers.keys.sorted() { endWatch(id) }
    }
}
