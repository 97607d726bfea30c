package import QuakePlan
import Synchronization

/// What the drains of one step have shown: a budget that holds one, and their end.
package final class DrainProgress: Sendable {
    private struct State {
        var shown: Set<Condition.DrainState> = []
        var end: StepOutcome?
    }

    private let state = Mutex(State())

    package init() {}

    /// A budget holds a drain now, or was seen to.
    package func showBlocked() { state.withLock { _ = $0.shown.insert(.blocked) } }

    /// The step is over: nothing more will be shown.
    package func end(_ outcome: StepOutcome) {
        state.withLock { state in
            state.end = outcome
            if outcome == .finished { state.shown.insert(.finished) }
            if outcome == .blocked { state.shown.insert(.blocked) }
        }
    }

    /// Whether it was so at some moment, however short.
    package func hasShown(_ wanted: Condition.DrainState) -> Bool { state.withLock { $0.shown.contains(wanted) } }

    /// Whether it can still come about.
    package func mayShow(_ wanted: Condition.DrainState) -> Bool {
        state.withLock { $0.end == nil || $0.shown.contains(wanted) }
    }

    /// What is known, for messages.
    package var words: String {
        state.withLock { state in
            if let end = state.end { return "the drain has ended: \(end.rawValue)" }
            return state.shown.contains(.blocked) ? "the drain is blocked" : "the drain is still running"
        }
    }
}
