package import QuakeKube

/// What the watches show of the pods that a drain means to take, over time. Moments count from the drain's beginning.
package struct DrainTrack: Sendable, Equatable {
    /// A budget that holds a pod for less than this may only have been seen before the pod was.
    static let patience = Duration.milliseconds(500)

    /// uid → since when budgets hold the pod without a break.
    package private(set) var heldSince: [String: Duration] = [:]
    /// uid → when its deletion was first seen.
    package private(set) var terminatingSince: [String: Duration] = [:]

    package init() {}

    /// Takes in how things are now.
    ///
    /// - Parameter pods: those of the node that are to go.
    /// - Returns: whether a budget holds one of them, and did so for a while.
    package mutating func look(at pods: [JSONValue], _ budgets: [BudgetState], after elapsed: Duration) -> Bool {
        for pod in pods {
            if pod.isBeingDeleted, terminatingSince[pod.uid] == nil { terminatingSince[pod.uid] = elapsed }
            heldSince[pod.uid] = BudgetState.hold(pod, budgets) ? heldSince[pod.uid] ?? elapsed : nil
        }
        return pods.contains { heldSince[$0.uid].map { elapsed - $0 >= Self.patience } ?? false }
    }
}
