import QuakeCluster
import QuakeKube
import Synchronization

/// Pods of namespaces, listed anew when the last list is older than ``age``. What is asked for while a list is under way asks for
/// itself.
final class RecentPods: Sendable {
    private struct Key: Hashable {
        var cluster: String
        var namespace: String
    }

    private let age: Duration
    private let lists = Mutex<[Key: (at: ContinuousClock.Instant, pods: [JSONValue])]>([:])

    init(age: Duration = .seconds(2)) { self.age = age }

    func pods(in namespace: String, of cluster: Cluster, within limit: Duration) async throws -> [JSONValue] {
        let key = Key(cluster: cluster.name, namespace: namespace)
        let now = ContinuousClock.now
        if let known = lists.withLock({ $0[key] }), now - known.at < age { return known.pods }
        let pods = try await cluster.kube.list(.pods(namespace), timeout: limit).items
        lists.withLock { $0[key] = (now, pods) }
        return pods
    }
}
