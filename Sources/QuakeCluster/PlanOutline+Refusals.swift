import QuakeKube
import QuakePlan

extension PlanOutline {
    /// What would end a run as the clusters are now, in the order of the plan, each once, with `STEP: ` before its message:
    /// `.noTargets`, selectors of nodes that match none; `.guarded`, the last ready gateways of a step that does not expect an outage.
    /// What an earlier step may change is left out, and what only a run can tell.
    package func refusals() -> [ClusterError] {
        var found: [ClusterError] = []
        for cell in plan.cells {
            var changed: Set<String> = []
            for (position, step) in cell.steps.enumerated() {
                for (step, path) in step.actions(at: StepTargets.Path([position])) {
                    guard case .action(let action) = step.body,
                        var error = refusal(of: action, step, path, changed)
                    else { continue }
                    error.message = "\(step.id): \(error.message)"
                    if !found.contains(where: { $0.message == error.message }) { found.append(error) }
                }
                changed.formUnion(step.movers(in: cell))
            }
        }
        return found
    }

    private func refusal(
        of action: Action, _ step: Step, _ path: StepTargets.Path, _ changed: Set<String>
    ) -> ClusterError? {
        guard case .select(let cluster, let selector)? = action.nodeTargets, let observer = observers[cluster],
            selector.carrying == nil, selector.dialled == nil, !(changed.contains(cluster) && selector.mayChange)
        else { return nil }
        do throws(ClusterError) {
            for index in 0..<plan.repeats {
                let nodes = Set(try resolve(action, path, index).nodes.map(\.name))
                guard action.traits.contains(.downsNodes), !step.expectOutage, !changed.contains(cluster),
                    let last = Guards.lastGateways(on: nodes, gone: nodes, observer, peering)
                else { continue }
                return Guards.refusal(of: action.name, last)
            }
            return nil
        } catch {
            return error
        }
    }
}

extension Step {
    /// Itself, or what it does at once, with their paths.
    fileprivate func actions(at path: StepTargets.Path) -> [(Step, StepTargets.Path)] {
        guard case .parallel(let steps) = body else { return [(self, path)] }
        return steps.enumerated().flatMap { $1.actions(at: path.child($0)) }
    }
}
