import QuakePlan
package import QuakeTimeline
import Synchronization

/// What the lanes of the trial under way have shown lately: for hypotheses, the abort rule and the live view.
package final class LiveLanes: Sendable {
    /// A lane as it stands.
    package struct Snapshot: Sendable {
        package var lane: Lane
        package var good: Int
        package var bad: Int
        /// How long the outage lasts that is under way; zero if the last slot known was good.
        package var outage: Duration
        /// Of the last slots, oldest first: good or bad by second.
        package var recent: [Bool]
    }

    fileprivate struct Track {
        var lane: Lane
        var good = 0
        var bad = 0
        /// Sequence → good, of the last stretch.
        var slots: [UInt64: Bool] = [:]
        var newest: UInt64 = 0
        var firstBadOfRun: UInt64?
    }

    /// Slots kept: enough for the longest baseline that is asked for.
    private static let kept: UInt64 = 60_000
    private let tracks = Mutex<[LaneID: Track]>([:])

    package init() {}

    func begin(_ lane: Lane) { tracks.withLock { $0[lane.id] = Track(lane: lane) } }
    func end(_ id: LaneID) { tracks.withLock { $0[id] = nil } }

    func add(_ samples: [Sample]) {
        tracks.withLock { tracks in
            for sample in samples { tracks[sample.lane]?.add(sample, kept: Self.kept) }
        }
    }

    package var snapshots: [Snapshot] {
        tracks.withLock { tracks in
            tracks.values.sorted { $0.lane.id.rawValue < $1.lane.id.rawValue }.map { track in
                Snapshot(
                    lane: track.lane, good: track.good, bad: track.bad, outage: track.outage, recent: track.recent)
            }
        }
    }

    /// The longest outage under way on a probe lane.
    func longestOutage() -> (lane: Lane, length: Duration)? {
        snapshots.filter { $0.lane.role == .probe }.max { $0.outage < $1.outage }.map { ($0.lane, $0.outage) }
    }

    /// Whether each probe lane shows `availability` over the last `length` before `now`. A slot that is due and has not
    /// ended counts as bad, so that silence is no health.
    func cleanStretch(of length: Duration, availability: Double, at now: RunInstant) -> (holds: Bool, detail: String) {
        tracks.withLock { tracks in
            let probes = tracks.values.filter { $0.lane.role == .probe }
                .sorted { $0.lane.id.rawValue < $1.lane.id.rawValue }
            guard !probes.isEmpty else { return (false, "no lane runs") }
            var worst: (share: Double, words: String) = (2, "")
            for track in probes {
                guard let share = track.share(of: length, at: now) else {
                    return (false, "\(track.lane.label) has not run for \(length.inSeconds) s")
                }
                if share < worst.share {
                    worst = (share, "\(track.lane.label): \(percent(share)) good over \(length.inSeconds) s")
                }
            }
            return (worst.share >= availability, worst.words)
        }
    }
}

extension LiveLanes.Track {
    fileprivate mutating func add(_ sample: Sample, kept: UInt64) {
        let isGood = sample.outcome == .ok
        if isGood { good += 1 } else if sample.outcome.isBad { bad += 1 }
        // The prober's own failures say nothing of the lane.
        slots[sample.sequence] = isGood || sample.outcome.isClientFailure
        newest = max(newest, sample.sequence)
        if UInt64(slots.count) > kept * 2 { slots = slots.filter { $0.key + kept > newest } }
    }

    fileprivate var outage: Duration {
        var length: Int64 = 0
        var sequence = newest
        while slots[sequence] == false {
            length += 1
            guard sequence > 0 else { break }
            sequence -= 1
        }
        return .nanoseconds(length * lane.periodNanoseconds)
    }

    fileprivate var recent: [Bool] {
        let first = newest > 20 ? newest - 20 : 0
        return (first...max(first, newest)).compactMap { slots[$0] }
    }

    fileprivate func share(of length: Duration, at now: RunInstant) -> Double? {
        // What is due within its deadline may still be under way.
        let end = now.nanoseconds - lane.deadlineNanoseconds - 150_000_000
        let start = end - length.inNanoseconds
        guard start >= lane.origin.nanoseconds else { return nil }
        let period = lane.periodNanoseconds
        let first = (start - lane.origin.nanoseconds + period - 1) / period
        let last = (end - lane.origin.nanoseconds) / period
        guard last >= first else { return nil }
        let good = (first...last).count { slots[UInt64($0)] == true }
        return Double(good) / Double(last - first + 1)
    }
}

extension Lane {
    /// `echo/new`, or a control lane's role.
    package var label: String {
        switch role {
        case .probe: "\(traffic)/\(mode.rawValue)"
        case .sameCluster: "same-cluster"
        case .loopback: "loopback"
        }
    }
}

func percent(_ share: Double) -> String {
    let tenths = (share * 1000).rounded() / 10
    return "\(tenths) %"
}
