/// A half-open stretch of a run.
package struct Interval: Sendable, Hashable, Codable {
    package var start: RunInstant
    package var end: RunInstant

    package init(start: RunInstant, end: RunInstant) {
        self.start = start
        self.end = end
    }

    package var length: Duration { end - start }

    /// Whether it is in it; its end is not.
    package func contains(_ instant: RunInstant) -> Bool { start <= instant && instant < end }
}
