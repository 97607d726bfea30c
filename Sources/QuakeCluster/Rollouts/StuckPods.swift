package import QuakeKube

/// Why a rollout makes no progress, by the workload's pods.
package enum StuckPods {
    /// One clause for each pod that is not ready and not going, in the order of their names; three at most, then how many
    /// more there are.
    ///
    /// A pod without a node says what the scheduler says, one with a node what its containers wait for.
    package static func reasons(_ pods: [JSONValue]) -> String {
        let stuck = pods.map { PodView($0) }.filter { !$0.isBeingDeleted && !$0.isReady }.sorted { $0.name < $1.name }
        let named = stuck.prefix(3).map { "\($0.name) is \(reason($0))" }
        let rest = stuck.count - named.count
        return (named + (rest > 0 ? ["\(rest) more"] : [])).joined(separator: "; ")
    }

    private static func reason(_ pod: PodView) -> String {
        let phase = pod.phase ?? "Unknown"
        let scheduled = (pod.object[path: "status.conditions"]?.arrayValue ?? [])
            .first { $0["type"]?.stringValue == "PodScheduled" && $0["status"]?.stringValue == "False" }
        if let scheduled {
            let message = scheduled["message"]?.stringValue ?? scheduled["reason"]?.stringValue
            return message.map { "\(phase): \($0)" } ?? phase
        }
        let containers =
            (pod.object[path: "status.initContainerStatuses"]?.arrayValue ?? []) + pod.containerStatuses
        for container in containers {
            guard let waiting = container[path: "state.waiting"], let reason = waiting["reason"]?.stringValue else {
                continue
            }
            return "\(phase), \(reason)" + (waiting["message"]?.stringValue.map { ": \($0)" } ?? "")
        }
        return phase == "Running" ? "Running, but not Ready" : phase
    }
}
