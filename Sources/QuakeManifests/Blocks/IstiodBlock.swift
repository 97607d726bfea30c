import QuakeBase
import QuakeKube
import QuakeMesh
import QuakeRecord

/// Several istiods on several nodes.
///
/// Keys of the chart istiod (istio/istio, `manifests/charts/istio-control/istio-discovery`, `values.yaml`, the same
/// in 1.27.9, 1.28.0, 1.29.0 and 1.30.3): `autoscaleMin`, `autoscaleMax` (default 5), `affinity`,
/// `pdb.maxUnavailable` and `pdb.unhealthyPodEvictionPolicy`. From 1.24 on they are at the top level, and
/// `templates/zzy_descope_legacy.yaml` merges what is written below `pilot` over them; before, they are read below `pilot`
/// alone. So there they are in force with every chart, whatever the release's other values say; rendering confirms it
/// (docs/manifests.md).
struct IstiodBlock {
    /// The chart's `autoscaleMax`.
    private static let autoscaleMax = 5
    static let labels = ["app": MeshNames.istiod]

    let parameters: ManifestParameters

    func blocks() -> [ManifestBlock] {
        guard parameters.istiodReplicas > 1 else { return [] }
        return parameters.mesh == .standin ? [deploymentPatch, budget] : [values]
    }

    private var values: ManifestBlock {
        let count = parameters.istiodReplicas
        var values: JSONValue = [
            "autoscaleMin": .int(Int64(count)), "affinity": ["podAntiAffinity": antiAffinity],
            "pdb": BudgetBlock.limits(.one),
        ]
        if count > Self.autoscaleMax { values["autoscaleMax"] = .int(Int64(count)) }
        let context = parameters.cluster.map { " --kube-context \($0.context)" } ?? ""
        return ManifestBlock(
            kind: .helmValues, file: "istiod-values.yaml",
            usage: "helm\(context) upgrade istiod CHART -n \(parameters.systemNamespace) --reuse-values -f "
                + "istiod-values.yaml",
            reasons: reasons + [
                "autoscaleMin: the chart's autoscaler keeps at least so many. With the default of one, charts up to "
                    + "1.27 make a budget that blocks every drain of istiod's node, and later ones make none.",
                "pdb: one istiod at a time may be evicted.",
                "pilot: charts from 1.24 on merge it over the same keys at the top level, and earlier ones read it "
                    + "alone, so that nothing else in the release's values overrides these.",
                "affinity: null removes one at the top level, of which pilot's would override a part.",
            ], body: ["affinity": .null, "pilot": values])
    }

    private var deploymentPatch: ManifestBlock {
        ManifestBlock(
            kind: .patch, file: "istiod-deployment-patch.yaml",
            usage: parameters.kubectl(
                "-n \(parameters.systemNamespace) patch deployment \(MeshNames.istiod) --patch-file "
                    + "istiod-deployment-patch.yaml"),
            reasons: reasons + [
                "nodeAffinity: null removes the stand-in's own, which keeps istiod on the control-plane node."
            ],
            body: [
                "spec": [
                    "replicas": .int(Int64(parameters.istiodReplicas)),
                    "template": ["spec": ["affinity": ["nodeAffinity": .null, "podAntiAffinity": antiAffinity]]],
                ]
            ])
    }

    private var budget: ManifestBlock {
        ManifestBlock(
            kind: .podDisruptionBudget, file: "istiod-budget.yaml",
            usage: parameters.kubectl("apply -f istiod-budget.yaml"),
            reasons: [
                "One istiod at a time may be evicted, so that drains of several nodes leave one.",
                BudgetBlock.otherLimit(.one),
            ],
            body: BudgetBlock.object(
                MeshNames.istiod, parameters.systemNamespace, .one, Self.labels))
    }

    /// Nodes first, for it is nodes that fail; then what the gateways are spread by.
    private var antiAffinity: JSONValue {
        let keys = [WellKnown.hostname] + parameters.topologyKeys.filter { $0 != WellKnown.hostname }
        return [
            "preferredDuringSchedulingIgnoredDuringExecution": .array(
                keys.map { key in
                    [
                        "weight": 100,
                        "podAffinityTerm": [
                            "labelSelector": ["matchLabels": JSONValue(Self.labels)], "topologyKey": .string(key),
                        ],
                    ]
                })
        ]
    }

    private var reasons: [String] {
        let why =
            parameters.peering == .nodePort
            ? "With NodePort peering, istiod tells the peers which nodes to leave out. If the only one is on the "
                + "node that fails, nothing is left out until it runs elsewhere, at least 300 s later."
            : "LoadBalancer peering does not need it when a node fails, but a drain of the only istiod's node stops "
                + "changes from reaching the workloads."
        return [
            why,
            "affinity: preferred, so that istiods are on different nodes and may share one where there are too few. "
                + "Required by \(WellKnown.hostname) is stricter, and needs as many nodes as replicas.",
        ]
    }
}
