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

    /// What ends a piece of work.
    package enum Level: Sendable {
        /// Any cause.
        case any
        /// A second signal alone: clean-up goes on after the first.
        case urgent
    }

    private struct Waiter {
        var level: Level
        var continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var cause: Cause?
        var signals = 0
        /// There is nothing left to clean up, or nobody to do it on.
        var isHurried = false
        /// Whether a trial's steps are under way, which an abort ends.
        var takesAborts = false
        var waiters: [Int: Waiter] = [:]
        var next = 0

        func ends(_ level: Level) -> Bool { level == .any ? cause != nil : signals > 1 || isHurried }
    }

    private let state = Mutex(State())

    package init() {}

    package var cause: Cause? { state.withLock { $0.cause } }
    /// A second signal has come: what need not be done is left out, and what cannot be healed at once is left to
    /// `recover`.
    package var isUrgent: Bool { state.withLock { $0.ends(.urgent) } }

    /// The first cause stays. An abort is taken only while a trial's steps are under way, so that one that arrives as
    /// they end is no other trial's.
    package func raise(_ cause: Cause) {
        let woken = state.withLock { state -> [Waiter] in
            if case .signal = cause { state.signals += 1 }
            if case .abort = cause, !state.takesAborts { return [] }
            if state.cause == nil { state.cause = cause }
            // An abort ends a trial, and a signal after it the run.
            if case .abort? = state.cause, case .signal = cause { state.cause = cause }
            let over = state.waiters.filter { state.ends($0.value.level) }
            for id in over.keys { state.waiters[id] = nil }
            return Array(over.values)
        }
        for waiter in woken { waiter.continuation.resume() }
    }

    /// Ends the run at once, as a second signal does: what it worked on is gone for good.
    package func raiseAndHurry(_ cause: Cause) {
        state.withLock { $0.isHurried = true }
        raise(cause)
    }

    /// A trial's steps begin.
    func openToAborts() { state.withLock { $0.takesAborts = true } }

    /// A trial's steps have ended.
    ///
    /// - Returns: why they were aborted; `nil` if they were not. It is forgotten: it ends a trial and not the run.
    func closeToAborts() -> String? {
        state.withLock { state in
            state.takesAborts = false
            guard case .abort(let why) = state.cause else { return nil }
            state.cause = nil
            return why
        }
    }

    /// Runs `body` in a task of its own, which is cancelled as soon as there is a cause of that level.
    func interruptible(by level: Level = .any, _ body: @escaping @Sendable () async throws -> Void) async throws {
        if state.withLock({ $0.ends(level) }) { throw CancellationError() }
        let task = Task { try await body() }
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        let watch = Task {
            await self.wait(id, level)
            task.cancel()
        }
        let result = await task.result
        watch.cancel()
        release(id)
        await watch.value
        try result.get()
    }

    private func wait(_ id: Int, _ level: Level) async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                let isOver = state.ends(level) || Task.isCancelled
                if !isOver { state.waiters[id] = Waiter(level: level, continuation: continuation) }
                return isOver
            }
            if isOver { continuation.resume() }
        }
    }

    /// Wakes who waits for nothing any more.
    private func release(_ id: Int) {
        state.withLock { $0.waiters.removeValue(forKey: id) }?.continuation.resume()
    }

    /// Why a trial ended: what cut it off, or its own error.
    func problem(of error: any Error) -> RunError {
        if case .unrecorded(let why) = cause, error is CancellationError { return RunError(.harness, why) }
        if case .lockLost(let why) = cause { return RunError(.unavailable, why) }
        return Runner.runError(error)
    }
}
