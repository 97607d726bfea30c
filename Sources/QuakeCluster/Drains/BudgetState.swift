package import QuakeKube

/// A PodDisruptionBudget, by what its own status says about evictions.
package struct BudgetState: Sendable, Equatable {
    package var namespace: String
    package var name: String
    private var selector: JSONValue
    /// The disruption controller has not seen its last change: no eviction passes.
    private var isBehind: Bool
    private var disruptionsAllowed: Int
    /// Enough pods are healthy, so that those that are not may go.
    private var hasEnough: Bool
    private var unhealthyMayGo: Bool
    /// Pods whose eviction it has let pass already.
    private var disrupted: Set<String>

    package init(_ budget: JSONValue) {
        namespace = budget.namespace
        name = budget.name
        selector = budget[path: "spec.selector"] ?? .null
        let generation = budget.metadata["generation"]?.intValue ?? 0
        isBehind = (budget[path: "status.observedGeneration"]?.intValue ?? 0) < generation
        disruptionsAllowed = budget[path: "status.disruptionsAllowed"]?.intValue ?? 0
        let healthy = budget[path: "status.currentHealthy"]?.intValue ?? 0
        let desired = budget[path: "status.desiredHealthy"]?.intValue ?? 0
        hasEnough = healthy >= desired && desired > 0
        unhealthyMayGo = budget[path: "spec.unhealthyPodEvictionPolicy"]?.stringValue == "AlwaysAllow"
        disrupted = Set((budget[path: "status.disruptedPods"]?.objectValue ?? [:]).keys)
    }

    /// Whether it is in the pod's namespace and selects it.
    package func covers(_ pod: JSONValue) -> Bool { pod.namespace == namespace && selector.selects(pod.labels) }

    private func holds(_ pod: JSONValue) -> Bool {
        if disrupted.contains(pod.name) { return false }
        if pod.condition("Ready") != "True", unhealthyMayGo || hasEnough { return false }
        return isBehind || disruptionsAllowed <= 0
    }

    /// Whether an eviction of the pod would be refused now, by the rules of the API server's eviction handler
    /// (pkg/registry/core/pod/storage/eviction.go).
    package static func hold(_ pod: JSONValue, _ budgets: [BudgetState]) -> Bool {
        let isFree = ["Pending", "Succeeded", "Failed"].contains(pod[path: "status.phase"]?.stringValue)
        guard !isFree, !pod.isBeingDeleted else { return false }
        let covering = budgets.filter { $0.covers(pod) }
        return covering.count > 1 || covering.first?.holds(pod) ?? false
    }
}
