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

    /// A lane whose outage under way has reached a plan's limit.
    package struct Breach: Sendable {
        package var lane: Lane
        /// With all bad slots counted.
        package var length: Duration
        /// With suspect slots counted good.
        package var best: Duration
        package var limit: Duration

        /// Why the run is to be aborted.
        package var words: String {
            let words =
                "\(lane.label) has been out for \(length.inSeconds) s; the plan's limit is \(limit.inSeconds) s"
            return best >= limit
                ? words : words + "; without what was suspect it would have been \(best.inSeconds) s"
        }
    }

    /// What a look at the last stretch of all lanes shows.
    package struct Stretch: Sendable, Equatable {
        /// What both readings of suspect slots say together.
        package enum Verdict: Sendable, Equatable {
            case holds
            /// Only if suspect slots were good.
            case mayHold
            case fails
        }

        package var verdict: Verdict
        /// The lane and share that decide.
        package var detail: String

        package var holds: Bool { verdict == .holds }
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
    private let tracks = Mutex<[LaneID: LaneTrack]>([:])
    private let counts = Mutex<[TotalKey: Total]>([:])
    /// When the loopback control last ended a request: until then what the prober has seen is known.
    private let heard = Mutex<RunInstant?>(nil)
    private let now: @Sendable () -> RunInstant
    /// Seconds that are suspect, by the lanes' own word and by events.
    package let suspects = SuspectLedger()

    /// - Parameter now: the run's clock.
    package init(now: @escaping @Sendable () -> RunInstant) { self.now = now }

    /// A lane is about to run: its samples may come before it is known when it began.
    func expect(_ lane: Lane) { tracks.withLock { $0[lane.id] = LaneTrack(lane: lane, isRunning: false) } }

    /// A lane runs, since its origin.
    package func begin(_ lane: Lane) {
        tracks.withLock { tracks in
            var track = tracks[lane.id] ?? LaneTrack(lane: lane)
            track.lane = lane
            track.isRunning = true
            tracks[lane.id] = track
        }
    }

    /// Lanes send nothing that is due from a moment on.
    func stop(_ ids: [LaneID], at moment: RunInstant) {
        tracks.withLock { tracks in for id in ids { tracks[id]?.end = moment } }
    }

    func end(_ id: LaneID) { tracks.withLock { $0[id] = nil } }

    /// In the order in which their lanes first began.
    package var totals: [Total] {
        counts.withLock { $0.values.sorted { $0.lane.id.rawValue < $1.lane.id.rawValue } }
    }

    /// Takes in samples of several lanes as they come.
    package func add(_ samples: [Sample]) {
        tracks.withLock { tracks in
            for sample in samples {
                tracks[sample.lane]?.add(sample, kept: Self.kept)
                guard let lane = tracks[sample.lane]?.lane else { continue }
                count(sample.outcome, of: lane)
                suspects.add(sample, of: lane)
                guard lane.role == .loopback else { continue }
                heard.withLock { $0 = max($0 ?? sample.done, sample.done) }
            }
        }
    }

    private func count(_ outcome: Outcome, of lane: Lane) {
        counts.withLock { $0[TotalKey(lane), default: Total(lane: lane)].outcomes[outcome, default: 0] += 1 }
    }

    /// The lanes themselves.
    var running: [Lane] { tracks.withLock { $0.values.map(\.lane).sorted { $0.id.rawValue < $1.id.rawValue } } }

    package var snapshots: [Snapshot] {
        let moment = knownUntil(now())
        return tracks.withLock { tracks in
            tracks.values.sorted { $0.lane.id.rawValue < $1.lane.id.rawValue }.map { track in
                Snapshot(
                    lane: track.lane, good: track.good, bad: track.bad, outage: track.outage(at: moment, suspects),
                    recent: track.recent())
            }
        }
    }

    /// Until when silence of a lane says something of it: while the prober's own control is silent too, it is the
    /// prober, or the way of its records, that is not heard of.
    private func knownUntil(_ now: RunInstant) -> RunInstant { heard.withLock { $0 }.map { min(now, $0) } ?? now }

    /// The longest outage under way on a probe lane, if it has reached `limit`.
    package func breach(of limit: Duration, at now: RunInstant) -> Breach? {
        let moment = knownUntil(now)
        return tracks.withLock { tracks in
            tracks.values.filter { $0.lane.role == .probe }.map { track in
                Breach(
                    lane: track.lane, length: track.outage(at: moment, suspects),
                    best: track.outage(at: moment, suspects, reading: .best), limit: limit)
            }.filter { $0.length >= limit }.max { ($0.best, $0.length) < ($1.best, $1.length) }
        }
    }

    /// Whether each probe lane shows `availability` over the last `length` before `now`, whatever suspect slots were.
    package func cleanStretch(of length: Duration, availability: Double, at now: RunInstant) -> Stretch {
        tracks.withLock { tracks in
            let probes = tracks.values.filter { $0.lane.role == .probe }
                .sorted { $0.lane.id.rawValue < $1.lane.id.rawValue }
            guard !probes.isEmpty else { return Stretch(verdict: .fails, detail: "no lane runs") }
            var (best, worst) = (2.0, 2.0)
            var words = ""
            for track in probes {
                guard let share = track.share(of: length, at: now, suspects) else {
                    return Stretch(
                        verdict: .fails, detail: "\(track.lane.label) has not run for \(length.inSeconds) s")
                }
                best = min(best, share.best)
                guard share.worst < worst else { continue }
                worst = share.worst
                let suspect = share.best > share.worst ? ", \(percent(share.best)) with what is suspect" : ""
                words = "\(track.lane.label): \(percent(share.worst)) good over \(length.inSeconds) s\(suspect)"
            }
            return Stretch(
                verdict: worst >= availability ? .holds : best >= availability ? .mayHold : .fails, detail: words)
        }
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
