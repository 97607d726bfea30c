import QuakeBase
import QuakeCluster
import QuakePlan
import QuakeTimeline

/// The plan's `always`: what runs after the steps however they ended, and before everything is put back.
extension StepRunner {
    /// Runs each of them, whatever became of the one before. The first signal leaves them alone; after a second one the
    /// rest is skipped.
    ///
    /// - Returns: what failed, or was skipped; `nil` where all of it was done.
    func runAlways() async -> RunError? {
        var problems: [String] = []
        for (index, action) in always.enumerated() {
            let step = Step(
                id: "always-\(index + 1)", body: .action(action), position: SourcePosition(line: 1, column: 1))
            let outcome = await runAlways(step, action, at: StepTargets.Path([index], isAlways: true))
            recorder.event(
                .alwaysFinished(
                    step: step.id, action: action.name, outcome: outcome.outcome, detail: outcome.detail))
            guard outcome.outcome != .finished else { continue }
            let detail = outcome.detail.isEmpty ? "" : ": \(outcome.detail)"
            problems.append("\(step.id) (\(action.name)) \(outcome.outcome.rawValue)\(detail)")
        }
        return problems.isEmpty ? nil : RunError(.notCleanedUp, problems.joined(separator: "; "))
    }

    /// The healing that follows is the last `restore-all` itself.
    private var always: [Action] {
        cell.always.last == .restoreAll ? Array(cell.always.dropLast()) : cell.always
    }

    private func runAlways(_ step: Step, _ action: Action, at path: StepTargets.Path) async -> ActionOutcome {
        let interruption = session.request.interruption
        guard !interruption.isUrgent else { return ActionOutcome(.skipped, "a second signal came") }
        let limit = action.alwaysLimit(restoreWithin: cell.restoreWithin)
        let box = Box(ActionOutcome(.cancelled, "a second signal came"))
        do {
            try await interruption.interruptible(by: .urgent) {
                try await bounded("\(step.id), \(action.name)", within: limit) {
                    box.set(try await self.carryOut(step, action, at: path) { _ in })
                }
            }
            return box.value
        } catch is CancellationError {
            return box.value
        } catch let timeout as PollTimeout {
            return ActionOutcome(.timedOut, "not done within \(Quantity.text(timeout.within))")
        } catch {
            return ActionOutcome(.failed, Runner.runError(error).message)
        }
    }
}

extension Action {
    /// How long it may take as a step of `always`: what it asks for itself, and as much again as the deadline for putting
    /// nodes back allows, five minutes at most.
    func alwaysLimit(restoreWithin: Duration) -> Duration {
        let own: Duration =
            switch self {
            case .wait(let length): length
            case .waitFor(let wait): wait.awaited.within
            default: .zero
            }
        return own + min(restoreWithin, .seconds(300))
    }
}
