package import QuakeCluster

/// The Leases that keep other runs off this run's clusters. Each is renewed by a task of its own, so that a server that
/// hangs lets no other cluster's lapse.
package struct Locks: Sendable {
    /// Cluster → its lock.
    private let locks: [String: ClusterLock]

    /// Takes one in every cluster, in the order of their uids, so that two runs cannot wait for each other.
    ///
    /// - Parameter lost: told in words of each that is lost, again at every renewal that finds it so.
    /// - Throws: ``RunError`` if one is held by another run.
    package static func take(
        _ clusters: [String: Cluster], holder: String, every period: Duration = .seconds(5),
        timeout: Duration = .seconds(3), lost: @escaping @Sendable (String) -> Void
    ) async throws -> Locks {
        var taken: [String: ClusterLock] = [:]
        for (name, cluster) in clusters.sorted(by: { $0.value.uid < $1.value.uid }) {
            let lock = ClusterLock(cluster.name, cluster.kube, holder: holder, timeout: timeout, lost: lost)
            do {
                try await lock.acquire()
            } catch {
                for held in taken.values { _ = await held.release() }
                throw RunError(.unavailable, "\(cluster.name): \(error)")
            }
            lock.keep(every: period)
            taken[name] = lock
        }
        return Locks(locks: taken)
    }

    /// The clusters, each of which says by its lock whether it may be touched.
    package func guarding(_ clusters: [String: Cluster]) -> [String: Cluster] {
        var guarded = clusters
        for (name, lock) in locks { guarded[name]?.permit = lock.permit }
        return guarded
    }

    /// What was lost, in words; `nil` where nothing was.
    package var lossWords: String? {
        let words = locks.sorted { $0.key < $1.key }.compactMap { $0.value.lossWords }
        return words.isEmpty ? nil : words.joined(separator: "; ")
    }

    /// - Returns: whether every Lease of this run is gone.
    package func release() async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            for lock in locks.values { group.addTask { await lock.release() } }
            return await group.reduce(true) { $0 && $1 }
        }
    }
}
