package import QuakeCluster
package import QuakeKube
import Synchronization

/// One cluster's Lease while a run, or a recovery, has it: renewed on its own, whatever other clusters do.
package final class ClusterLock: Sendable {
    private let cluster: String
    private let lease: LeaseLock
    private let began = ContinuousClock.now
    private let state: Mutex<LockState>
    private let renewal = Mutex<Task<Void, Never>?>(nil)
    private let loss = Mutex<String?>(nil)
    /// Told in words when the Lease is lost, and at every renewal from then on.
    private let lost: @Sendable (String) -> Void

    /// Where it is not acquired, it is taken when the cluster is first asked for.
    package init(
        _ cluster: String, _ kube: KubeClient, holder: String, timeout: Duration = .seconds(3),
        lost: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.cluster = cluster
        lease = LeaseLock(kube, holder: holder, timeout: timeout)
        state = Mutex(LockState(hold: .waiting, renewed: .zero))
        self.lost = lost
    }

    deinit { renewal.withLock { $0?.cancel() } }

    /// Takes it, as ``LeaseLock/acquire()`` does.
    package func acquire() async throws {
        try await lease.acquire()
        take(.renewed)
    }

    /// Renews it every `period` from now on, counted from the beginning of one renewal to that of the next.
    package func keep(every period: Duration = .seconds(5)) {
        let task = Task { [weak self] in
            var next = ContinuousClock.now + period
            while true {
                try? await Task.sleep(until: next, clock: .continuous)
                if Task.isCancelled { return }
                guard let self else { return }
                await self.renew()
                next = max(next + period, .now)
            }
        }
        renewal.withLock { old in
            old?.cancel()
            old = task
        }
    }

    private func renew() async {
        if state.withLock({ $0.hold == .waiting }) { return }
        take(await lease.look())
        // Again and again: whoever hears of it may have had another reason to stop before.
        if let words = lossWords { lost(words) }
    }

    /// How it was lost; it may have been taken again since, to heal.
    package var lossWords: String? { loss.withLock { $0 } }

    private func take(_ sighting: LeaseLock.Sighting) {
        let now = ContinuousClock.now - began
        guard state.withLock({ $0.saw(sighting, at: now) }) else { return }
        let who = if case .other(let holder) = sighting { "\(holder) has taken it over" } else { "it was deleted" }
        let words = "\(cluster): the lock of this run is lost: \(who)"
        loss.withLock { $0 = $0 ?? words }
        lost(words)
    }

    /// Says who else has the cluster. Where this run's own hold is not certain, it looks first.
    package var permit: ClusterPermit { ClusterPermit { await self.otherHolder() } }

    private func otherHolder() async -> String? {
        let (now, duration) = (ContinuousClock.now - began, lease.duration)
        guard state.withLock({ $0.isStale(at: now, after: duration) }) else { return nil }
        switch state.withLock({ $0.hold }) {
        case .held: take(await lease.look())
        // Nobody's: this run may have it (again), to put back what it changed.
        case .lost: take(await lease.takeIfFree())
        case .waiting: return await firstHolder()
        }
        guard case .lost(let holder) = state.withLock({ $0.hold }) else { return nil }
        if holder != nil { return holder }
        take(await lease.takeIfFree())
        guard case .lost(let other) = state.withLock({ $0.hold }) else { return nil }
        return other
    }

    /// Another run's Lease is watched for as long as it might still be renewed.
    private func firstHolder() async -> String? {
        let sighting = await lease.takeIfFree()
        guard case .other(let holder) = sighting else {
            take(sighting)
            return nil
        }
        do throws(KubeError) {
            try await lease.acquire()
            take(.renewed)
            return nil
        } catch {
            return error.code == .locked ? holder : nil
        }
    }

    /// Stops renewing, and deletes the Lease where it is this run's.
    ///
    /// - Returns: whether none of this run's is left.
    package func release() async -> Bool {
        let task = renewal.withLock { task in
            defer { task = nil }
            return task
        }
        task?.cancel()
        await task?.value
        do throws(KubeError) {
            try await lease.release()
            return true
        } catch {
            return state.withLock { $0.hold != .held }
        }
    }
}
