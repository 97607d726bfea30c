import QuakeCurl
import QuakeRecord

/// One lane under way, whatever its connections are. Belongs to the prober's thread.
protocol ActiveLane: AnyObject {
    var spec: LaneSpec { get }
    /// When it wants to be woken next: a slot is due, or a message has waited long enough. `nil`: never.
    var nextWake: RunInstant? { get }
    /// It sends no more, and everything under way has ended.
    var isDrained: Bool { get }
    /// Does the one thing that ``nextWake`` was for.
    func wake(at now: RunInstant)
    /// A transfer of its own has ended, and has left its multi handle.
    func finished(_ transfer: Transfer, _ code: CurlCode, at done: RunInstant)
    /// Slots due from this moment on are not sent.
    func stop(at moment: RunInstant)
    /// Sends new connections elsewhere.
    func move(to address: ProbeAddress?)
    /// Called once, when it is drained: lets go of what still stands.
    func close()
}

/// What a lane asks of the prober that it runs in.
protocol LaneHost: AnyObject {
    /// When what is being worked on came in: at the latest now.
    var arrival: RunInstant { get }
    func record(_ sample: Sample)
    func record(_ what: Event.What, trial: Int)
    func server(_ identity: ServingIdentity) -> UInt32
    func text(_ text: String) -> UInt32
    /// Lets a transfer that was just added, or has more to send, go on at once.
    func kick(_ multi: CurlMulti)
    /// A slot is sent later than the rule of suspect slots allows, of which the prober may know the reason.
    func isLate(_ lane: Lane, due: RunInstant, at now: RunInstant)
    /// Remembers whose transfer this is.
    func own(_ transfer: Transfer, _ lane: any ActiveLane, _ multi: CurlMulti)
}

/// Numbers a lane's slots: slot n is due at t0 + n·T, whatever became of earlier ones.
struct SlotCounter {
    private let lane: Lane
    private var next: UInt64 = 0
    /// Slots due from here on are not sent; `nil` while the lane runs.
    private var end: RunInstant?

    /// Slots under way at which the open loop would close: below rate × hard time-out it did so in the very outage that
    /// is measured.
    let limit: Int
    /// A slot that is sent so much later than it was due makes its second suspect, in nanoseconds.
    private let lag: Int64
    /// When the next slot is due; `nil` after the last. Kept, for it is asked for at every turn of the loop.
    private(set) var nextDue: RunInstant?

    init(_ lane: Lane) {
        self.lane = lane
        nextDue = lane.due(0)
        limit = Int(lane.timeout.inSeconds / lane.period.inSeconds * 1.2) + 64
        lag = lane.role == .probe ? max(lane.periodNanoseconds, 10_000_000) : .max
    }

    /// Whether a slot that is sent at a moment is suspect by that: as ``StallRule`` has it.
    func isLate(_ due: RunInstant, at now: RunInstant) -> Bool { now.nanoseconds - due.nanoseconds > lag }

    mutating func stop(at moment: RunInstant) {
        end = end ?? moment
        setNextDue()
    }

    mutating func take() -> (sequence: UInt64, due: RunInstant) {
        defer {
            next += 1
            setNextDue()
        }
        return (next, lane.due(next))
    }

    private mutating func setNextDue() {
        let due = lane.due(next)
        if let end, due >= end { nextDue = nil } else { nextDue = due }
    }
}

extension LaneHost {
    /// A slot that could not be sent in time is the prober's own failure.
    func recordOverload(_ lane: LaneID, _ slot: (sequence: UInt64, due: RunInstant), at now: RunInstant) {
        record(
            Sample(
                lane: lane, sequence: slot.sequence, due: slot.due, sent: now, done: now, outcome: .clientOverload))
    }
}
