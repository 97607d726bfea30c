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
        /// Share of good slots in each of the last seconds, oldest first; `nil` where none is known.
        package var recent: [Double?]
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

    /// Slots by outcome of all lanes of one kind, since the run began.
    package struct Total: Sendable {
        /// One of the lanes; the others differ from it in nothing but their trial.
        package var lane: Lane
        package var outcomes: [Outcome: Int] = [:]
    }

    private struct TotalKey: Hashable {
        var role: Lane.Role
        var names: [String]
        var peering: PeeringMethod?
        var mode: ConnectionMode

        init(_ lane: Lane) {
            role = lane.role
            names = [lane.traffic, lane.from, lane.to]
            peering = lane.peering
            mode = lane.mode
        }
    }

    /// Slots kept: enough for the longest baseline that is asked for.
    private static let kept: UInt64 = 60_000
    private let tracks = Mutex<[LaneID: Track]>([:])
    private let counts = Mutex<[TotalKey: Total]>([:])

    package init() {}

    func begin(_ lane: Lane) { tracks.withLock { $0[lane.id] = Track(lane: lane) } }
    func end(_ id: LaneID) { tracks.withLock { $0[id] = nil } }

    /// In the order in which their lanes first began.
    package var totals: [Total] {
        counts.withLock { $0.values.sorted { $0.lane.id.rawValue < $1.lane.id.rawValue } }
    }

    func add(_ samples: [Sample]) {
        tracks.withLock { tracks in
            for sample in samples {
                tracks[sample.lane]?.add(sample, kept: Self.kept)
                if let lane = tracks[sample.lane]?.lane { count(sample.outcome, of: lane) }
            }
        }
    }

    private func count(_ outcome: Outcome, of lane: Lane) {
        counts.withLock { $0[TotalKey(lane), default: Total(lane: lane)].outcomes[outcome, default: 0] += 1 }
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

    /// Seconds that are shown.
    private static var shown: Int { 30 }

    fileprivate var recent: [Double?] {
        let perSecond = max(1, 1_000_000_000 / max(1, lane.periodNanoseconds))
        return (0..<Self.shown).reversed().map { back in
            let last = Int64(newest) - Int64(back) * perSecond
            guard last >= 0 else { return nil }
            let known = (max(0, last - perSecond + 1)...last).compactMap { slots[UInt64($0)] }
            return known.isEmpty ? nil : Double(known.count { $0 }) / Double(known.count)
        }
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
