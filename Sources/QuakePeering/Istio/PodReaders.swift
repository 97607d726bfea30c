import QuakeCluster
import QuakeKube
import Synchronization

/// The readers of a run, by the pods that they read: each keeps what it has told.
final class PodReaders<Reader: Sendable>: Sendable {
    private let readers = Mutex<[String: Reader]>([:])
    private let make: @Sendable (Cluster, JSONValue) -> Reader

    init(_ make: @escaping @Sendable (Cluster, JSONValue) -> Reader) { self.make = make }

    func reader(of pod: JSONValue, in cluster: Cluster) -> Reader {
        let key = "\(cluster.name)/\(pod.uid)"
        return readers.withLock { readers in
            let reader = readers[key] ?? make(cluster, pod)
            readers[key] = reader
            return reader
        }
    }
}
