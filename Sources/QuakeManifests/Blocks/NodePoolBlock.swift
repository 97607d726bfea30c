import QuakeBase
import QuakeKube

/// NodePools whose nodes expire at different ages.
///
/// Fields of karpenter.sh/v1 (kubernetes-sigs/karpenter 1.14.1, `pkg/apis/crds/karpenter.sh_nodepools.yaml`):
/// `spec.template.spec` must have `nodeClassRef` with group, kind and name, and `requirements`, each with key and
/// operator.
struct NodePoolBlock {
    /// Where karpenter.sh/v1beta1 had the age; v1 does not know it.
    static let oldAge = "spec.disruption.expireAfter"

    let parameters: ManifestParameters
    let pool: PoolExpiry

    /// One a pool, in their order.
    static func blocks(_ parameters: ManifestParameters) -> [ManifestBlock] {
        parameters.nodePools.map { NodePoolBlock(parameters: parameters, pool: $0).block() }
    }

    private func block() -> ManifestBlock {
        let file = "nodepool-\(pool.name).yaml"
        return ManifestBlock(
            kind: .nodePool, file: file, usage: parameters.kubectl("apply -f \(file)"),
            reasons: [
                "expireAfter: \(others). Pools with one age expire together, Karpenter starts no replacement "
                    + "before, and the gateways of all nodes that expire are Pending at once.",
                "A NodeClaim keeps the age that it was made with: nodes that exist are not affected, and nodes that "
                    + "were made at different times expire at different times anyway.",
                pool.present == nil
                    ? "nodeClassRef, requirements: examples, of which the API server needs both. Where the pool "
                        + "exists, keep its own and change expireAfter alone."
                    : "Everything but expireAfter is as in the cluster.",
            ], body: object)
    }

    private var others: String {
        let rest = parameters.nodePools.filter { $0.name != pool.name }
        guard !rest.isEmpty else { return pool.age.description }
        return "\(pool.age), where \(rest.map { "\($0.name) has \($0.age)" }.joined(separator: " and "))"
    }

    private var object: JSONValue {
        let age = JSONValue.string(pool.age.description)
        guard let present = pool.present else {
            return [
                "apiVersion": "karpenter.sh/v1", "kind": "NodePool", "metadata": ["name": .string(pool.name)],
                "spec": [
                    "template": [
                        "spec": [
                            "expireAfter": age,
                            "nodeClassRef": [
                                "group": .string(parameters.nodeClass.group),
                                "kind": .string(parameters.nodeClass.kind),
                                "name": .string(parameters.nodeClass.name),
                            ],
                            "requirements": [
                                ["key": .string(WellKnown.operatingSystem), "operator": "In", "values": ["linux"]]
                            ],
                        ]
                    ]
                ],
            ]
        }
        var metadata: JSONValue = ["name": .string(pool.name)]
        if !present.labels.isEmpty { metadata["labels"] = JSONValue(present.labels) }
        let annotations = present.annotations.filter { $0.key != WellKnown.lastApplied }
        if !annotations.isEmpty { metadata["annotations"] = JSONValue(annotations) }
        var object: JSONValue = [
            "apiVersion": "karpenter.sh/v1", "kind": "NodePool", "metadata": metadata, "spec": present["spec"] ?? [:],
        ]
        object.set(age, at: "spec", "template", "spec", "expireAfter")
        if object[path: Self.oldAge] != nil { object.set(nil, at: "spec", "disruption", "expireAfter") }
        return object
    }
}
