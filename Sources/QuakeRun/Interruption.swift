import Synchronization

/// Whether somebody wants the run to end: a signal, or the plan's own abort rule.
package final class Interruption: Sendable {
    /// Why.
    package enum Cause: Sendable, Equatable {
        case signal(Int32)
        case abort(String)
        /// What happens can no longer be recorded.
        case unrecorded(String)
        /// A cluster's lock is somebody else's by now.
        case lockLost(String)
    }

    private struct State {
        var cause: Cause?
        /// Signals so far, the first among them.
        var signals = 0
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        var next = 0
    }

    private let state = Mutex(State())

    package init() {}

    package var cause: Cause? { state.withLock { $0.cause } }

    /// Whether a second signal came: what cannot be healed at once is left to `recover`.
    package var isUrgent: Bool { state.withLock { $0.signals > 1 } }

    /// The first cause stays.
    package func raise(_ cause: Cause) {
        let waiters = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            if case .signal = cause { state.signals += 1 }
            guard state.cause == nil else { return [] }
            state.cause = cause
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Forgets an abort, which ends a trial's steps and not the run.
    func clearAbort() {
        state.withLock { state in
            if case .abort = state.cause { state.cause = nil }
        }
    }

    /// Runs `body` in a task of its own, which is cancelled as soon as there is a cause.
    func interruptible(_ body: @escaping @Sendable () async throws -> Void) async throws {
        if cause != nil { throw CancellationError() }
        let task = Task { try await body() }
        let watch = Task {
            await self.wait()
            task.cancel()
        }
        let result = await task.result
        watch.cancel()
        release()
        try result.get()
    }

    private func wait() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if state.cause == nil {
                    state.next += 1
                    state.waiters[state.next] = continuation
                }
                return state.cause != nil
            }
            if isOver { continuation.resume() }
        }
    }

    /// Wakes whoever waits for nothing any more.
    private func release() {
        let waiters = state.withLock { state in
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Why a trial ended: what cut it off, or its own error.
    func problem(of error: any Error) -> RunError {
        if case .unrecorded(let why) = cause, error is CancellationError { return RunError(.harness, why) }
        if case .lockLost(let why) = cause { return RunError(.unavailable, why) }
        return Runner.runError(error)
    }
}
