/// One repeat of a fault on one lane: the unit of every comparison. The requests inside an outage depend on each other,
/// so that thousands of them say no more than the one outage that they show.
package struct FaultRepeat: Sendable, Equatable, Codable {
    package var key: ComparisonKey
    /// The run's id.
    package var run: String
    /// From 0. The trials of one repeat of one run stood side by side in time.
    package var repeatIndex: Int
    /// T in nanoseconds.
    package var periodNanoseconds: Int64
    /// How wide the bounds of the stable recovery are: from the last bad slot to the first good one after it.
    package var recoveryBoundsNanoseconds: Int64
    package var slots: Int
    package var readings: [Measure: Reading]

    package init(
        key: ComparisonKey, run: String, repeatIndex: Int, periodNanoseconds: Int64, recoveryBoundsNanoseconds: Int64,
        slots: Int, readings: [Measure: Reading]
    ) {
        self.key = key
        self.run = run
        self.repeatIndex = repeatIndex
        self.periodNanoseconds = periodNanoseconds
        self.recoveryBoundsNanoseconds = recoveryBoundsNanoseconds
        self.slots = slots
        self.readings = readings
    }

    /// Whether it cost anything at all.
    package var lostAny: Bool { (readings[.loss]?.nanoseconds ?? 0) > 0 }

    /// A step that injects several faults, one node after another, is one repeat all the same: its losses add up, and of
    /// the rest the worst part counts.
    mutating func join(_ other: FaultRepeat) {
        slots += other.slots
        recoveryBoundsNanoseconds = max(recoveryBoundsNanoseconds, other.recoveryBoundsNanoseconds)
        for (measure, reading) in other.readings {
            guard let known = readings[measure] else {
                readings[measure] = reading
                continue
            }
            switch measure {
            case .loss: readings[measure] = Reading(known.nanoseconds + reading.nanoseconds)
            case .onset: readings[measure] = min(known, reading)
            default: readings[measure] = max(known, reading)
            }
        }
    }
}

/// A repeat that counts in nothing, and why.
package struct LeftOut: Sendable, Hashable, Codable {
    package var run: String
    /// From 0; `nil` for a whole run.
    package var repeatIndex: Int?
    package var what: String
    package var why: String

    package init(run: String, repeatIndex: Int?, what: String, why: String) {
        self.run = run
        self.repeatIndex = repeatIndex
        self.what = what
        self.why = why
    }
}
