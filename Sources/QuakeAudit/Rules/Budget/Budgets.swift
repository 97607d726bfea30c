import QuakeBase
import QuakeDecoding
import QuakeKube
import QuakeSim

/// A budget of a workload, by what it says rather than by what it allows now.
struct BudgetRule: Sendable {
    var object: JSONValue
    /// `spec.minAvailable` or `spec.maxUnavailable`.
    var field: String
    /// How many of the replicas it lets go.
    var spare: Int

    /// - Parameter replicas: those that the budget's pods are meant to be.
    init(_ object: JSONValue, replicas: Int) {
        self.object = object
        if let most = Decode.amount(object[path: "spec.maxUnavailable"]) {
            field = "spec.maxUnavailable"
            spare = most.of(replicas, roundingUp: true)
        } else {
            field = "spec.minAvailable"
            let least = Decode.amount(object[path: "spec.minAvailable"]) ?? .count(1)
            spare = replicas - least.of(replicas, roundingUp: true)
        }
    }
}

extension AuditSite {
    /// Workloads with the one budget that each has.
    func singleBudgets() throws -> [(workload: Workload, budget: BudgetRule)] {
        try (deployed(.gateway) + deployed(.istiod)).compactMap { workload in
            let budgets = try budgets(of: workload)
            guard budgets.count == 1 else { return nil }
            return (workload, BudgetRule(budgets[0], replicas: try minimum(of: workload).pods))
        }
    }

    /// A budget that lets one pod go, and pods that are not Ready.
    func budgetFix(_ workload: Workload) -> AuditFix? {
        let spec: JSONValue = ["maxUnavailable": 1, "unhealthyPodEvictionPolicy": "AlwaysAllow"]
        if workload.gateway != nil { return fix(workload, "podDisruptionBudget", patch: ["spec": spec]) }
        var full = spec
        full["selector"] = workload.deployment?[path: "spec.selector"] ?? [:]
        return AuditFix(
            .manifest,
            [
                "apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
                "metadata": ["name": .string(workload.name), "namespace": .string(workload.namespace)],
                "spec": full,
            ])
    }

    /// A change of a budget that is there.
    func budgetFix(_ workload: Workload, _ budget: JSONValue, spec: JSONValue) -> AuditFix {
        if workload.gateway != nil, budget.isGatewayControllers,
            let fix = fix(workload, "podDisruptionBudget", patch: ["spec": spec])
        {
            return fix
        }
        return AuditFix(
            .patch(resource: "pdb", namespace: budget.namespace, name: budget.name), ["spec": spec])
    }
}

extension JSONValue {
    /// Whether istiod made the object for a Gateway.
    var isGatewayControllers: Bool { labels[WellKnown.gatewayManaged] != nil || owner("Gateway") != nil }

    /// The name of an owner of a kind.
    func owner(_ kind: String) -> String? {
        metadata["ownerReferences"]?.arrayValue?.first { $0.kind == kind }?["name"]?.stringValue
    }
}
