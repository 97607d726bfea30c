import QuakeKube
import QuakeMesh
import Synchronization

/// One of several replicas writes: the one that holds a Lease of 30 s, which it renews every 7.5 s and gives up where it
/// could not for 15 s. Times and the Lease's name are Istio's (`pilot/pkg/leaderelection`).
final class Election: Sendable {
    private static let term = Duration.seconds(30)
    private static let deadline = Duration.seconds(15)
    private static let pause = Duration.milliseconds(7500)

    private let lock: LeaseLock
    private let isConnected: @Sendable () -> Bool
    private let elected: @Sendable () async -> Void
    private let state = Mutex(false)
    private let task = Mutex<Task<Void, Never>?>(nil)

    /// Begins at once.
    ///
    /// - Parameters:
    ///   - holder: this replica's name.
    ///   - isConnected: whether it can reach the API server.
    ///   - elected: told each time that it becomes the one that writes.
    init(
        _ kube: KubeClient, holder: String, isConnected: @escaping @Sendable () -> Bool,
        elected: @escaping @Sendable () async -> Void
    ) {
        lock = LeaseLock(
            kube, holder: holder, path: .lease(MeshNames.systemNamespace, MeshNames.gatewayLease), duration: Self.term)
        self.isConnected = isConnected
        self.elected = elected
        let loop = Task { await self.run() }
        task.withLock { $0 = loop }
    }

    /// Whether this replica is the one that writes, and can.
    var isLeading: Bool { state.withLock { $0 } && isConnected() }

    private func run() async {
        while !Task.isCancelled {
            if isConnected(), (try? await lock.acquire()) != nil, isConnected(), !Task.isCancelled {
                state.withLock { $0 = true }
                await elected()
                await keep()
                state.withLock { $0 = false }
            }
            // Another holder's is alive.
            try? await Task.sleep(for: Self.pause)
        }
    }

    /// Renews the Lease until it is lost.
    private func keep() async {
        var renewed = ContinuousClock.now
        while !Task.isCancelled {
            do {
                try await Task.sleep(for: Self.pause)
            } catch {
                return
            }
            let sighting = isConnected() ? await lock.look() : .unknown("the node is off the network")
            switch sighting {
            case .renewed: renewed = .now
            case .unknown: if ContinuousClock.now - renewed >= Self.deadline { return }
            case .other, .deleted: return
            }
        }
    }

    /// Takes no part any more.
    ///
    /// - Parameter gracefully: gives the Lease up, so that another replica need not wait for its end.
    func stop(gracefully: Bool) async {
        let loop = task.withLock { task in
            defer { task = nil }
            return task
        }
        loop?.cancel()
        let held = state.withLock { held in
            defer { held = false }
            return held
        }
        if gracefully, held, isConnected() { try? await lock.release() }
    }
}
