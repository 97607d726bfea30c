import QuakePlan
import QuakeTimeline

/// Picks the moments of a run that a reader may want to go to.
struct ChartMoments {
    /// Moments of a chart at most; the kinds that say least go first.
    private static let most = 1200
    private static let expendable: [Moment.Kind] = [.endpoint, .balancer, .node, .condition, .healing, .trial]

    let findings: Findings
    let events: [Event]
    let rows: [ChartRow]

    func moments() -> (moments: [Moment], omitted: Int) {
        var all = events.compactMap(moment) + changes() + blackouts()
        all = all.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
        let count = all.count
        for kind in Self.expendable where all.count > Self.most { all.removeAll { $0.kind == kind } }
        all = Array(all.prefix(Self.most))
        return (all, count - all.count)
    }

    private func moment(_ event: Event) -> Moment? {
        func made(_ kind: Moment.Kind, _ words: String) -> Moment {
            Moment(at: event.at, trial: event.trial, kind: kind, words: words)
        }
        switch event.what {
        case .trialStarted(_, let repeatIndex, let labels):
            let values = labels.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            return made(.trial, "trial begins: \((values + ["repeat \(repeatIndex + 1)"]).joined(separator: ", "))")
        case .faultInjected(let fault):
            return made(.fault, "\(fault.id): \(fault.action) of \(fault.targets.joined(separator: ", "))")
        case .changeMade(let step, let action, _, let targets):
            return made(.healing, "\(step): \(action) of \(targets.joined(separator: ", "))")
        case .conditionMet(let step, let condition, let millis):
            return made(.condition, "\(step): \(condition) after \(millis) ms")
        case .conditionUnmet(let step, let condition, let seen):
            return made(.trouble, "\(step): \(condition) was not met; seen: \(seen)")
        case .stepFinished(let step, let outcome, let detail) where outcome != .finished:
            return made(.trouble, "\(step): \(outcome.rawValue)\(detail.isEmpty ? "" : ", \(detail)")")
        case .hypothesis(let result) where !result.held:
            return made(.trouble, "not healthy \(result.moment.rawValue) the steps: \(result.detail)")
        case .aborted(let reason): return made(.trouble, "aborted: \(reason)")
        case .interrupted(let signal): return made(.trouble, "interrupted by signal \(signal)")
        case .gap(_, _, let reason): return made(.trouble, "data is missing: \(reason)")
        // One without a length is of a slot that was sent late, and shows in the slots themselves.
        case .suspect(let from, let to, let reason, _) where from < to: return made(.trouble, "not trusted: \(reason)")
        default: return nil
        }
    }

    /// What changed in the rows, beginnings apart.
    private func changes() -> [Moment] {
        rows.flatMap { row in
            let kind: Moment.Kind =
                switch row.group {
                case .nodes, .gateways: .node
                case .endpoints: .endpoint
                case .targets, .healthChecks: .balancer
                }
            return row.spans.dropFirst().map { span in
                Moment(at: span.interval.start, kind: kind, words: "\(row.group.rawValue), \(row.name): \(span.words)")
            }
        }
    }

    private func blackouts() -> [Moment] {
        findings.trials.flatMap { trial in
            trial.lanes.filter { $0.lane.role == .probe }.flatMap { lane in
                lane.outages.filter(\.isBlackout).map { outage in
                    Moment(
                        at: outage.first, trial: trial.index, kind: .outage,
                        words: "blackout of \(lane.lane.traffic)/\(lane.lane.mode.rawValue), "
                            + "\(outage.badSlots) slots")
                }
            }
        }
    }
}
