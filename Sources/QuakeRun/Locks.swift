import QuakeCluster
import QuakeKube
import Synchronization

/// The Leases that keep other runs off this run's clusters.
struct Locks: Sendable {
    private var locks: [LeaseLock]
    private let renewal: Task<Void, Never>

    /// Takes one in every cluster, in the order of their uids, so that two runs cannot wait for each other.
    ///
    /// - Throws: ``RunError`` if one is held by another run.
    static func take(_ clusters: [String: Cluster], holder: String) async throws -> Locks {
        var taken: [LeaseLock] = []
        for cluster in clusters.values.sorted(by: { $0.uid < $1.uid }) {
            let lock = LeaseLock(cluster.kube, holder: holder)
            do {
                try await lock.acquire()
            } catch {
                for held in taken { try? await held.release() }
                throw RunError(.unavailable, "\(cluster.name): \(error)")
            }
            taken.append(lock)
        }
        return Locks(taken)
    }

    private init(_ locks: [LeaseLock]) {
        self.locks = locks
        renewal = Task {
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(5))
                guard !Task.isCancelled else { return }
                for lock in locks { try? await lock.renew() }
            }
        }
    }

    /// - Returns: whether every Lease is gone.
    func release() async -> Bool {
        renewal.cancel()
        var isClean = true
        for lock in locks {
            do {
                try await lock.release()
            } catch {
                isClean = false
            }
        }
        return isClean
    }
}
