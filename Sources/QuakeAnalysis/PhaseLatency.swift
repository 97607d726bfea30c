package import QuakeTimeline

/// How long good answers took before a fault, from it until the lane was stable again, and after that.
package struct PhaseLatency: Sendable, Equatable {
    package var trial: Int
    package var fault: String
    package var lane: LaneID
    package var label: String
    /// As long as the fault's window, at most thirty seconds, and not into an earlier window.
    package var before = Histogram()
    package var during = Histogram()
    package var after = Histogram()

    let at: RunInstant
    let start: RunInstant
    let stable: RunInstant
    let end: RunInstant

    /// - Parameter previous: where the window before this one ended or, if it is still open, this fault.
    init(_ fault: FaultFindings, _ effect: LaneEffect, trial: Int, previous: RunInstant) {
        self.trial = trial
        self.fault = fault.fault.id
        lane = effect.lane
        label = effect.label
        at = fault.at
        end = fault.window.end
        stable = min(end, at + effect.stable)
        start = max(previous, at + .nanoseconds(-min(30_000_000_000, fault.window.length.inNanoseconds)))
    }

    mutating func add(_ due: RunInstant, _ latency: Int64) {
        if due < start || due >= end { return }
        if due < at { before.add(latency) } else if due < stable { during.add(latency) } else { after.add(latency) }
    }
}
