import QuakePlan
import QuakeTimeline

/// Asks once more, of the record, whether lanes were back to normal after healing: with every suspect slot good.
///
/// The runner looked at the last stretch again and again until its patience ended. So does this:
///
///     healed            stretch, looked at from time to time         given up
///     ──┬───────────────[████████████]──►────────────────────────────────┬──
struct HypothesisReplay {
    /// Between two looks.
    private static let pause: Int64 = 100_000_000
    /// What is due so late may still have been under way at a look.
    private static let slack: Int64 = 150_000_000

    /// One lane's slots of the wait.
    private struct Track {
        var lane: Lane
        var first: Int64
        /// How many of the slots up to each were good.
        var good: [Int32]

        /// Share of good slots among those due from `start` to `end`.
        func share(from start: Int64, to end: Int64) -> Double? {
            let period = lane.periodNanoseconds
            let origin = lane.origin.nanoseconds
            guard start >= origin else { return nil }
            let low = (start - origin + period - 1) / period - first
            let high = (end - origin) / period - first
            guard low >= 0, high >= low, high < good.count else { return nil }
            return Double(good[Int(high)] - (low == 0 ? 0 : good[Int(low) - 1])) / Double(high - low + 1)
        }
    }

    private let lanes: [Lane]
    private let length: Int64
    private let availability: Double
    private let suspects: SuspectSeconds
    /// When looking began and ended.
    private let looks: Interval

    /// - Parameters:
    ///   - lanes: those that cross.
    ///   - events: of the trial, until it was given up.
    init(_ lanes: [Lane], events: [Event], cell: Cell, suspects: SuspectSeconds) {
        self.lanes = lanes
        self.suspects = suspects
        availability = cell.hypothesis.availability
        let stretch = min(cell.hypothesis.baseline, cell.settle)
        length = stretch.inNanoseconds
        let end = events.last?.at ?? .origin
        let changes = events.last { event in
            switch event.what {
            case .faultInjected, .changeMade, .healed, .stepFinished, .conditionMet, .aborted: true
            default: false
            }
        }
        let patience = stretch + cell.hypothesis.within * 3
        looks = Interval(start: max(changes?.at ?? end, end + (.zero - patience)), end: end)
    }

    /// Whether any look would have found all lanes clean.
    ///
    /// - Throws: what the timeline does.
    func couldHold(_ timeline: any Timeline) throws -> Bool {
        let reach = Interval(start: looks.start + .nanoseconds(-2 * length), end: looks.end)
        guard suspects.touches(reach), !lanes.isEmpty else { return false }
        let tracks = try lanes.map { try track($0, timeline) }
        var look = looks.start.nanoseconds
        while look <= looks.end.nanoseconds {
            if tracks.allSatisfy({ isClean($0, at: look) }) { return true }
            look += Self.pause
        }
        return false
    }

    private func isClean(_ track: Track, at look: Int64) -> Bool {
        let end = look - track.lane.deadlineNanoseconds - Self.slack
        return track.share(from: end - length, to: end).map { $0 >= availability } ?? false
    }

    private func track(_ lane: Lane, _ timeline: any Timeline) throws -> Track {
        let period = lane.periodNanoseconds
        let before = length + lane.deadlineNanoseconds + Self.slack + period
        let first = max(0, (looks.start.nanoseconds - before - lane.origin.nanoseconds) / period)
        let last = max(first, (looks.end.nanoseconds - lane.origin.nanoseconds) / period)
        // A slot without a sample had not ended: bad, but in a suspect second.
        var kinds = (first...last).map { suspects.contains(lane.due(UInt64($0))) }
        try timeline.forEachSample(of: lane.id) { sample in
            let place = Int64(sample.sequence) - first
            guard place >= 0, place < kinds.count else { return }
            kinds[Int(place)] =
                !sample.outcome.isBad || suspects.excludes(sample, of: lane)
        }
        var sum: Int32 = 0
        let good = kinds.map { isGood -> Int32 in
            sum += isGood ? 1 : 0
            return sum
        }
        return Track(lane: lane, first: first, good: good)
    }
}
