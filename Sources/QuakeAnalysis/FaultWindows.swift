import QuakePlan
import QuakeTimeline

/// A stretch of a trial that belongs to one fault, to several at once, or to a healing step.
struct FaultWindow: Sendable {
    var fault: Fault
    var at: RunInstant
    var interval: Interval
    var isHealing: Bool
    /// Windows of one group are one window: see ``FaultFindings/group``.
    var group: String
}

/// Cuts a trial into windows: from an injection to the next step that changes a cluster.
enum FaultWindows {
    /// - Parameters:
    ///   - groups: step → the name of its `parallel` step, or its own: steps of one group share a window.
    ///   - end: when the lanes stopped.
    static func cut(_ events: [Event], groups: [String: String], end: RunInstant) -> [FaultWindow] {
        struct Opening {
            var fault: Fault
            var at: RunInstant
            var group: String
            var isHealing: Bool
        }
        var openings: [Opening] = []
        for event in events {
            switch event.what {
            case .faultInjected(let fault):
                // A node's share of a composite action has a window of its own.
                let group = fault.id == fault.step ? groups[fault.step] ?? fault.step : fault.id
                openings.append(Opening(fault: fault, at: event.at, group: group, isHealing: false))
            case .changeMade(let step, let action, let cluster, let targets):
                let fault = Fault(id: step, step: step, action: action, cluster: cluster, targets: targets)
                openings.append(
                    Opening(fault: fault, at: event.at, group: groups[step] ?? step, isHealing: true))
            default: break
            }
        }
        return openings.enumerated().map { index, opening in
            let next = openings[(index + 1)...].first { $0.group != opening.group }
            let close = max(opening.at, min(next?.at ?? end, end))
            return FaultWindow(
                fault: opening.fault, at: opening.at, interval: Interval(start: opening.at, end: close),
                isHealing: opening.isHealing, group: opening.group)
        }
    }

    /// Step → group, for every step of a cell.
    static func groups(_ steps: [Step]) -> [String: String] {
        var groups: [String: String] = [:]
        for step in steps {
            groups[step.id] = step.id
            if case .parallel(let children) = step.body {
                for child in children { groups[child.id] = step.id }
            }
        }
        return groups
    }
}
