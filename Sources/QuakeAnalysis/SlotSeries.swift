package import QuakeTimeline

/// One slot as the definitions of outage and availability see it.
package struct Slot: Sendable, Equatable {
    /// What a slot counts as.
    package enum Kind: Sendable {
        case good, bad
        /// The prober's own failure, or in a second that is not trusted: counts in nothing.
        case excluded
    }

    package var sequence: UInt64
    package var due: RunInstant
    package var kind: Kind

    package init(sequence: UInt64, due: RunInstant, kind: Kind) {
        self.sequence = sequence
        self.due = due
        self.kind = kind
    }
}

/// A maximal run of bad slots a…b by due time. Slots that are excluded neither end nor begin one.
package struct Outage: Sendable, Codable, Equatable {
    /// Due times of the first and the last bad slot, of the good one before and of the good one after.
    package var first: RunInstant
    package var last: RunInstant
    package var before: RunInstant?
    package var after: RunInstant?
    package var badSlots: Int
    package var periodNanoseconds: Int64
    package var deadlineNanoseconds: Int64

    /// s(b+1) − s(a): from the first bad slot to the first good one after the last. To the end of what is known where it
    /// had not ended.
    package var estimate: Duration {
        (after ?? last + .nanoseconds(periodNanoseconds)) - first
    }
    /// s(b) − s(a).
    package var lower: Duration { last - first }
    /// s(b+1) − s(a−1).
    package var upper: Duration {
        (after ?? last + .nanoseconds(periodNanoseconds)) - (before ?? first + .nanoseconds(-periodNanoseconds))
    }
    /// s(b+1) − s(a−1) + D: a stall hides its last D.
    package var impairmentUpper: Duration { upper + .nanoseconds(deadlineNanoseconds) }
    /// It had not ended when the lane did.
    package var isCensored: Bool { after == nil }
    /// At least a second long; shorter ones are brownouts.
    package var isBlackout: Bool { estimate >= .seconds(1) }
}

/// Finds outages in slots that come in the order of their sequence.
package struct OutageFinder: Sendable {
    private let period: Int64
    private let deadline: Int64
    /// Runs of good slots shorter than this do not separate two outages: flapping.
    private let bridge: Int
    private var lastGood: RunInstant?
    private var open: Outage?
    private var goodSinceBad = 0
    private var firstGoodAfter: RunInstant?
    package private(set) var outages: [Outage] = []

    /// - Parameter bridge: 1 for raw outages; K = one second's worth, at least 10, for merged ones.
    package init(lane: Lane, bridge: Int = 1) {
        period = lane.periodNanoseconds
        deadline = lane.deadlineNanoseconds
        self.bridge = bridge
    }

    /// K of a lane.
    package static func mergeLength(_ lane: Lane) -> Int {
        max(10, Int(1_000_000_000 / max(1, lane.periodNanoseconds)))
    }

    /// Takes the next slot; their sequence must not go back.
    package mutating func add(_ slot: Slot) {
        switch slot.kind {
        case .excluded: return
        case .bad:
            if var outage = open {
                outage.last = slot.due
                outage.badSlots += 1
                open = outage
            } else {
                open = Outage(
                    first: slot.due, last: slot.due, before: lastGood, badSlots: 1, periodNanoseconds: period,
                    deadlineNanoseconds: deadline)
            }
            goodSinceBad = 0
            firstGoodAfter = nil
        case .good:
            lastGood = slot.due
            guard open != nil else { return }
            if firstGoodAfter == nil { firstGoodAfter = slot.due }
            goodSinceBad += 1
            if goodSinceBad >= bridge { close() }
        }
    }

    private mutating func close() {
        guard var outage = open else { return }
        outage.after = firstGoodAfter
        outages.append(outage)
        open = nil
        firstGoodAfter = nil
    }

    /// The lane has ended.
    package mutating func finish() { close() }
}
