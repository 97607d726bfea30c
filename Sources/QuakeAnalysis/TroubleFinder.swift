import QuakePlan
import QuakeTimeline

/// What decides about a run's exit code besides its expectations, from what was recorded of its steps and its end.
///
/// What depends on time is looked at twice, as expectations are: where suspect seconds could have changed it, it is
/// inconclusive, and says so first.
struct TroubleFinder {
    private static let doubt = "inconclusive, because the machine stalled"

    private let timeline: any Timeline
    private let plan: Plan
    private let trials: [Int: TrialFindings]
    private let suspects: [Int: SuspectSeconds]

    /// - Parameter suspects: of each trial, by its index.
    init(_ timeline: any Timeline, plan: Plan, trials: [TrialFindings], suspects: [Int: SuspectSeconds]) {
        self.timeline = timeline
        self.plan = plan
        self.trials = Dictionary(uniqueKeysWithValues: trials.map { ($0.index, $0) })
        self.suspects = suspects
    }

    /// In the order in which they were recorded.
    func troubles() -> [Findings.Trouble] {
        let brokenOff = Findings.Trouble(
            exit: .internalError, words: "the run's process died; what its last second showed may be missing")
        var begun: [String: RunInstant] = [:]
        let recorded = timeline.events.compactMap { event -> Findings.Trouble? in
            if case .stepStarted(let step, _) = event.what { begun[step] = event.at }
            return trouble(event, begun: begun)
        }
        let missing = timeline.missing.map { [Findings.Trouble(exit: .internalError, words: $0)] } ?? []
        return (timeline.state == .brokenOff ? [brokenOff] : []) + missing + recorded + end(after: recorded)
    }

    /// What the run's own exit code says beyond what was recorded of its steps, with the error that ended its last trial: a
    /// selector that matched nothing is no step's end.
    private func end(after recorded: [Findings.Trouble]) -> [Findings.Trouble] {
        guard let code = timeline.events.compactMap(\.exitCode).last, let exit = PeerquakeExit(rawValue: code),
            [.internalError, .unavailable, .usage, .cleanupIncomplete, .faultNotInjected].contains(exit),
            exit != .faultNotInjected || !recorded.contains(where: { $0.exit == exit })
        else { return [] }
        let cause = timeline.events.lastIndex(where: \.isTrialEnd).flatMap { timeline.events.dropFirst($0 + 1).first }
        guard case .note(let words)? = cause?.what, cause?.trial == nil else {
            return [Findings.Trouble(exit: exit, words: "the run ended with exit code \(code)")]
        }
        return [Findings.Trouble(exit: exit, words: "the run ended with exit code \(code): \(words)")]
    }

    private func trouble(_ event: Event, begun: [String: RunInstant]) -> Findings.Trouble? {
        func trouble(_ exit: PeerquakeExit, _ words: String, isDoubtful: Bool = false) -> Findings.Trouble {
            Findings.Trouble(
                exit: isDoubtful ? .inconclusive : exit, trial: event.trial,
                words: isDoubtful ? "\(Self.doubt): \(words)" : words)
        }
        switch event.what {
        case .conditionUnmet(let step, let condition, let seen):
            let wait = Interval(start: begun[step] ?? event.at, end: event.at)
            return trouble(
                .faultNotInjected, "\(step): \(condition) was not met; seen: \(seen)",
                isDoubtful: event.trial.flatMap { suspects[$0] }?.touches(wait) ?? false)
        case .stepFinished(let step, let outcome, let detail) where outcome.isFailure:
            guard cell(of: event.trial)?.expects(outcome, of: step) != true else { return nil }
            return trouble(.faultNotInjected, "\(step) \(outcome.rawValue): \(detail)")
        case .alwaysFinished(let step, let action, let outcome, let detail) where outcome != .finished:
            let why = detail.isEmpty ? "" : ": \(detail)"
            return trouble(.cleanupIncomplete, "\(step) (\(action)) \(outcome.rawValue)\(why)")
        case .aborted(let reason):
            return trouble(.failed, "aborted: \(reason)", isDoubtful: isAbortDoubtful(event))
        case .hypothesis(let result) where !result.held:
            return result.moment == .before
                ? trouble(.inconclusive, "not healthy before the first step: \(result.detail)")
                : trouble(
                    .failed, "did not return to normal: \(result.detail)",
                    isDoubtful: event.trial.flatMap { trials[$0] }?.doubts.mayHaveHealed ?? false)
        case .healed(_, let inverse, .failed(let why)):
            return trouble(.cleanupIncomplete, "\(inverse): \(HealingOutcome.failed(why).text)")
        case .healed(_, let inverse, .withheld(let holder)):
            return trouble(.unavailable, "\(inverse): \(HealingOutcome.withheld(holder).text)")
        case .interrupted(let signal):
            return trouble(signal == 15 ? .terminated : .interrupted, "interrupted by signal \(signal)")
        default: return nil
        }
    }

    private func cell(of trial: Int?) -> Cell? {
        guard let place = trial.flatMap({ trials[$0] })?.cell else { return nil }
        return plan.cells.indices.contains(place) ? plan.cells[place] : nil
    }

    // MARK: - Twice

    /// With suspect slots good, no lane had been out for as long as the plan's limit when the run was aborted.
    private func isAbortDoubtful(_ event: Event) -> Bool {
        guard let trial = event.trial.flatMap({ trials[$0] }), let rule = cell(of: event.trial)?.abort else {
            return false
        }
        let probes = trial.lanes.filter { $0.lane.role == .probe }
        guard probes.contains(where: { $0.readings != nil }) else { return false }
        return !probes.contains { lane in
            lane.bothReadings.best.outages.contains { outage in
                let end = min(outage.last + lane.lane.period, event.at)
                return end - outage.first >= rule.outage - lane.lane.period
            }
        }
    }
}

extension Event {
    fileprivate var exitCode: Int32? {
        guard case .runFinished(let code) = what else { return nil }
        return code
    }

    fileprivate var isTrialEnd: Bool {
        guard case .trialFinished = what else { return false }
        return true
    }
}
