import QuakeBase
import QuakeKube
import QuakeRecord

/// What is wrong with parameters: what nothing can be made of, and what one should know.
struct ParameterCheck {
    private(set) var problems: [String] = []
    private(set) var warnings: [String] = []
    private let parameters: ManifestParameters

    init(_ parameters: ManifestParameters) {
        self.parameters = parameters
        mesh()
        customisation()
        budget()
        placement()
        nodePools()
        gracePeriod()
        controlPlane()
    }

    private mutating func mesh() {
        if parameters.mesh == .istio, parameters.peering == .nodePort {
            warnings.append(
                "open-source Istio has no NodePort peering that fails over: of several node addresses it takes one "
                    + "in no defined order. The blocks below hold for either method.")
        }
        if parameters.mesh == .standin, parameters.budgetPlace == .configmap {
            problems.append("--budget-in configmap: the stand-in has no class whose ConfigMap could hold it")
        }
    }

    /// What is there and is about to be replaced.
    private mutating func customisation() {
        guard let defaults = parameters.cluster?.defaults else { return }
        for key in defaults.data.keys.sorted() where !ManifestCluster.Defaults.keys.contains(key) {
            problems.append(
                "ConfigMap \(defaults.name) has the key \(key), which istiod does not know: it refuses the whole "
                    + "ConfigMap; remove the key first")
        }
        if defaults.data["deployment"] != nil {
            warnings.append("ConfigMap \(defaults.name) has a deployment, which the one below replaces.")
        }
        if defaults.data["podDisruptionBudget"] != nil, parameters.budgetPlace == .object {
            warnings.append(
                "ConfigMap \(defaults.name) has a podDisruptionBudget, which the one below leaves out: the object "
                    + "that istiod made of it has the name \(parameters.gateway) too, is overwritten, and still goes with "
                    + "the Gateway.")
        }
    }

    private mutating func budget() {
        let (budget, replicas) = (parameters.budget, parameters.replicas)
        if replicas < 2 {
            warnings.append(
                "--replicas 1: each drain, restart or failure of its node takes all traffic into the cluster down.")
        }
        let spare = budget.spare(of: replicas)
        if spare < 1 {
            problems.append(
                "--budget \(budget): of \(Self.count(replicas, "replica")) none may be evicted, so every drain of a "
                    + "gateway's node is blocked without end; use maxUnavailable=1, or at least "
                    + "\(replicas + 1 - spare) replicas")
        } else if spare >= replicas {
            warnings.append(
                "--budget \(budget): all \(Self.count(replicas, "replica")) may be evicted at once, so it protects "
                    + "nothing.")
        }
    }

    private mutating func placement() {
        guard Set(parameters.topologyKeys).count == parameters.topologyKeys.count else {
            problems.append("--topology-key: a key is given twice")
            return
        }
        guard let cluster = parameters.cluster else { return }
        let nodes = cluster.eligible(without: parameters.exclusions)
        let excluded = parameters.exclusions.map(\.description).joined(separator: ", ")
        guard !nodes.isEmpty else {
            problems.append(
                "\(cluster.context): no node is left for the gateway: all are tainted or have one of the labels "
                    + "\(excluded)")
            return
        }
        let required = cluster.domains(parameters.requiredKey, of: nodes)
        if !required.without.isEmpty {
            problems.append(
                "--topology-key \(parameters.requiredKey): \(Self.count(required.without.count, "eligible node")) of "
                    + "\(cluster.context) without this label: "
                    + "\(required.without.prefix(5).joined(separator: ", ")); the rule would not hold there")
        } else if parameters.replicas > required.known {
            problems.append(
                "--replicas \(parameters.replicas): \(cluster.context) has room for \(required.known), one in each "
                    + "\(GatewayBlock.domain(parameters.requiredKey)) of the eligible nodes "
                    + "\(nodes.joined(separator: ", ")) (left out: \(excluded)); the others would stay Pending")
        } else if parameters.replicas == required.known {
            warnings.append(
                "\(cluster.context) has \(required.known) places for \(parameters.replicas) gateways: a gateway of "
                    + "a node that fails is not replaced, and a rolling update does with one less.")
        }
        for key in parameters.topologyKeys.dropFirst() {
            let without = cluster.domains(key, of: nodes).without
            guard !without.isEmpty else { continue }
            warnings.append(
                "--topology-key \(key): nodes without this label: \(without.prefix(5).joined(separator: ", ")).")
        }
    }

    private mutating func nodePools() {
        let pools = parameters.nodePools
        for (index, pool) in pools.enumerated() {
            for other in pools[(index + 1)...] {
                guard let one = pool.age.seconds, let two = other.age.seconds else { continue }
                if one == two {
                    problems.append(
                        "--node-pools: \(pool.name) and \(other.name) both expire after \(pool.age), so nodes that "
                            + "were made together expire together; give them different ages")
                } else if max(one, two) % min(one, two) == 0 {
                    warnings.append(
                        "--node-pools: \(pool.name)=\(pool.age) and \(other.name)=\(other.age): one is a multiple "
                            + "of the other, so nodes that were made together expire together every "
                            + "\(one > two ? pool.age : other.age).")
                }
            }
            if pool.present?[path: NodePoolBlock.oldAge] != nil {
                warnings.append(
                    "NodePool \(pool.name) has \(NodePoolBlock.oldAge), which is of karpenter.sh/v1beta1: convert it to v1 "
                        + "first.")
            }
            if let limit = pool.present?[path: "spec.template.spec.terminationGracePeriod"]?.stringValue {
                warnings.append(
                    "NodePool \(pool.name) has terminationGracePeriod \(limit): after it, Karpenter deletes the "
                        + "node's pods against every budget.")
            }
        }
    }

    private mutating func gracePeriod() {
        guard let grace = parameters.gracePeriod else { return }
        let renewal = parameters.cluster?.leaseRenewal ?? KubeadmBlock.renewal
        let monitor = parameters.cluster?.monitorPeriod ?? .seconds(5)
        let words = "--grace-period \(grace.flagText)"
        if grace <= renewal {
            problems.append(
                "\(words): kubelets renew their leases every \(renewal.flagText), so healthy nodes would become "
                    + "NotReady between two renewals; at least \((renewal + monitor).flagText) is needed")
        } else if grace <= renewal * 2 {
            warnings.append(
                "\(words): one lost renewal (every \(renewal.flagText)) makes a healthy node NotReady.")
        }
        if parameters.peering == .loadBalancer {
            warnings.append(
                "\(words): with LoadBalancer peering, traffic does not depend on it; the load balancer's health "
                    + "check decides.")
        }
    }

    private mutating func controlPlane() {
        if parameters.istiodReplicas < 2, parameters.peering == .nodePort {
            warnings.append(
                "--istiod-replicas 1: if the node of the only istiod fails, no peer learns which nodes to leave out.")
        }
    }

    private static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}
