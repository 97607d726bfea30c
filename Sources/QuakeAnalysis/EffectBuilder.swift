import QuakePlan
import QuakeTimeline

/// Follows one lane through one fault's window and as long after it as the settle time asks for.
struct EffectBuilder {
    private let window: FaultWindow
    /// In nanoseconds, as all that is asked for each slot.
    private let settle: Int64
    private(set) var effect: LaneEffect
    private var lastBad: RunInstant?
    /// The first slot after the last bad one.
    private var stableAt: RunInstant?
    private var settled = false
    private var relapsed = false
    private var runStart: RunInstant?

    init(_ window: FaultWindow, lane: Lane, settle: Duration) {
        self.window = window
        self.settle = settle.inNanoseconds
        effect = LaneEffect(lane: lane.id, label: Self.label(lane), periodNanoseconds: lane.periodNanoseconds)
    }

    /// As reports name a lane: `echo/new`, or the role of a control.
    static func label(_ lane: Lane) -> String {
        lane.role == .probe ? "\(lane.traffic)/\(lane.mode.rawValue)" : lane.role.rawValue
    }

    /// Slots come in the order of their due times.
    mutating func add(_ slot: Slot, latency: Int64) {
        guard slot.due >= window.interval.start, slot.kind != .excluded else { return }
        if slot.due < window.interval.end {
            inside(slot, latency)
        } else if stableAt != nil || lastBad != nil {
            outside(slot)
        }
    }

    /// Whether no slot that is due from `moment` on can change anything.
    func isOver(at moment: RunInstant) -> Bool {
        moment >= window.interval.end && (lastBad == nil || settled || relapsed)
    }

    private mutating func inside(_ slot: Slot, _ latency: Int64) {
        effect.slots += 1
        effect.latency.add(latency)
        if slot.kind == .bad {
            effect.bad += 1
            if effect.onsetNanoseconds == nil { effect.onsetNanoseconds = (slot.due - window.at).inNanoseconds }
            lastBad = slot.due
            stableAt = nil
            settled = false
            runStart = runStart ?? slot.due
            return
        }
        endRun(at: slot.due)
        guard lastBad != nil else { return }
        if effect.firstGoodNanoseconds == nil { effect.firstGoodNanoseconds = (slot.due - window.at).inNanoseconds }
        if stableAt == nil { stableAt = slot.due }
        checkSettled(slot.due)
    }

    private mutating func outside(_ slot: Slot) {
        guard !settled, !relapsed else { return }
        if slot.kind == .bad {
            relapsed = true
            return
        }
        endRun(at: slot.due)
        if stableAt == nil { stableAt = slot.due }
        checkSettled(slot.due)
    }

    private mutating func checkSettled(_ due: RunInstant) {
        if !settled, let stableAt, due.nanoseconds - stableAt.nanoseconds >= settle { settled = true }
    }

    private mutating func endRun(at due: RunInstant) {
        guard let start = runStart else { return }
        note(due - start)
        runStart = nil
    }

    private mutating func note(_ length: Duration) {
        effect.blackoutNanoseconds = max(effect.blackoutNanoseconds, length.inNanoseconds)
    }

    /// The lane has ended.
    mutating func finish() -> LaneEffect {
        if let start = runStart, let last = lastBad {
            note(last + .nanoseconds(effect.periodNanoseconds) - start)
        }
        guard let lastBad else { return effect }
        let after = stableAt ?? lastBad + .nanoseconds(effect.periodNanoseconds)
        effect.stableNanoseconds = (after - window.at).inNanoseconds
        effect.lastBadNanoseconds = (lastBad - window.at).inNanoseconds
        effect.isCensored = !settled
        return effect
    }
}
