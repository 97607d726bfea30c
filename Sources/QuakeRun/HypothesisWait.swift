package import QuakeTimeline

/// How long a clean stretch of the lanes is waited for.
///
/// Lanes begin with the trial, so the stretch itself is not part of the patience. After healing, suspect seconds do not use
/// the patience up: a starved machine recovers late. It ends in any case after three times what the plan gives.
package struct HypothesisWait: Sendable, Equatable {
    package var start: RunInstant
    /// Of the stretch.
    package var length: Duration
    package var within: Duration
    package var moment: HypothesisResult.Moment

    package init(start: RunInstant, length: Duration, within: Duration, moment: HypothesisResult.Moment) {
        self.start = start
        self.length = length
        self.within = within
        self.moment = moment
    }

    /// It is given up after so long, however the machine fares.
    package var longest: Duration { length + within * (moment == .after ? 3 : 1) }

    /// When it is given up.
    ///
    /// - Parameter suspectSeconds: since the start.
    package func deadline(suspectSeconds: Int) -> RunInstant {
        guard moment == .after else { return start + length + within }
        return start + length + min(within + .seconds(suspectSeconds), within * 3)
    }

    /// Whether it is to be given up by now.
    package func isOver(at now: RunInstant, _ suspects: SuspectLedger) -> Bool {
        now >= deadline(suspectSeconds: suspects.count(in: Interval(start: start, end: now)))
    }
}
