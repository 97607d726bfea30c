import QuakeBase
import QuakeKube

/// What keeps drains from taking all gateways at once.
struct BudgetBlock {
    let parameters: ManifestParameters

    /// `nil` where the ConfigMap has it: two budgets for one pod make every eviction fail (policy/v1, the subresource
    /// `eviction`, answers 500).
    func block() -> ManifestBlock? {
        guard parameters.mesh == .standin || parameters.budgetPlace == .object else { return nil }
        return ManifestBlock(
            kind: .podDisruptionBudget, file: "gateway-budget.yaml",
            usage: parameters.kubectl("apply -f gateway-budget.yaml"),
            reasons: Self.reasons(parameters) + [
                Self.otherLimit(parameters.budget),
                "One budget only may select a pod: with two, every eviction fails. Do not give the class's "
                    + "ConfigMap the key podDisruptionBudget in addition.",
            ],
            body: Self.object(
                parameters.gateway, parameters.gatewayNamespace, parameters.budget,
                [WellKnown.gatewayName: parameters.gateway]))
    }

    /// The part of a budget's `spec` that is no selector.
    static func limits(_ budget: BudgetLimit) -> JSONValue {
        [budget.field.rawValue: budget.value, "unhealthyPodEvictionPolicy": "AlwaysAllow"]
    }

    /// A budget has one of the two limits: null removes the other one, which an object that is there may have.
    static func object(
        _ name: String, _ namespace: String, _ limit: BudgetLimit, _ selector: [String: String]
    ) -> JSONValue {
        var spec = limits(limit)
        spec[limit.field.other.rawValue] = .null
        spec["selector"] = ["matchLabels": JSONValue(selector)]
        return [
            "apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
            "metadata": ["name": .string(name), "namespace": .string(namespace)], "spec": spec,
        ]
    }

    static func otherLimit(_ budget: BudgetLimit) -> String {
        "\(budget.field.other.rawValue): a budget that is there may have it, and has only one of the two; null removes it."
    }

    static func reasons(_ parameters: ManifestParameters) -> [String] {
        let spare = max(0, parameters.budget.spare(of: parameters.replicas))
        return [
            "\(parameters.budget.field.rawValue): of \(parameters.replicas) gateways, \(spare) may be evicted at "
                + "once. A drain waits until the others are Ready, and so nodes may be upgraded at the same time. "
                + "It does not hold for nodes that fail.",
            "unhealthyPodEvictionPolicy: a gateway that is not Ready does not block the drain that could heal it.",
        ]
    }
}
