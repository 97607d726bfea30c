import QuakeArchive
import QuakeCluster
import QuakePlan
import QuakeTimeline

extension StepRunner {
    /// Says which of a step's targets others have cordoned or tainted. Targets of an earlier step were told there.
    func tellFound(_ step: Step, _ action: Action, _ target: StepTargets) {
        if case .nodes(.step)? = action.scope { return }
        guard let observer = session.observers[target.cluster] else { return }
        let own = session.journal.entries.filter { $0.cluster == target.cluster && $0.status != .reverted }
            .compactMap { HealingPlan.inverse(of: $0) }
        let nodes = target.nodes.compactMap { observer.node($0.name) }
        guard let words = FoundTarget.words(of: nodes, own: own) else { return }
        recorder.event(.note("\(step.id): found before the step: \(words)"))
    }
}
