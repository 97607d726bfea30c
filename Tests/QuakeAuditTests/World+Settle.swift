import QuakeAudit
import QuakeBase
import QuakeDecoding
import QuakeKube
import QuakeSim

extension World {
    /// What controllers and scheduler make of changed objects, as the embedded clusters' model has it. Pods of Deployments
    /// that are as before stay where they are.
    mutating func settle(in cluster: String, since before: ClusterSnapshot) {
        guard let now = snapshot.clusters.first(where: { $0.name == cluster }) else { return }
        func objects(_ resource: AuditResource, _ cluster: ClusterSnapshot) -> [JSONValue] {
            (try? cluster.items(resource)) ?? []
        }
        let (old, deployments) = (objects(.deployments, before), objects(.deployments, now))
        let changed = deployments.filter { deployment in !old.contains { $0.isRolledOut(as: deployment) } }
        let model = Self.settled(now, changed, from: objects(.pods, before))
        for deployment in changed {
            let pods = Self.pods(of: deployment, in: model)
            items(.pods, in: cluster) { items in
                let selector = LabelSelector(json: deployment[path: "spec.selector"])
                items.removeAll { $0.namespace == deployment.namespace && selector.matches($0.labels) }
                items += pods.enumerated().map { index, pod in Self.json(pod, index + 1, of: deployment) }
            }
        }
        let known = objects(.budgets, before)
        items(.budgets, in: cluster) { budgets in
            for index in budgets.indices {
                let budget = budgets[index]
                let same = known.first { $0.name == budget.name && $0.namespace == budget.namespace }
                if let status = same?["status"], same?["spec"] == budget["spec"] {
                    budgets[index]["status"] = status
                    continue
                }
                guard let status = model.budgets[ObjectKey(budget.namespace, budget.name)]?.status else { continue }
                budgets[index]["status"] = [
                    "currentHealthy": .int(Int64(status.currentHealthy)),
                    "desiredHealthy": .int(Int64(status.desiredHealthy)),
                    "expectedPods": .int(Int64(status.expectedPods)),
                    "disruptionsAllowed": .int(Int64(status.disruptionsAllowed)),
                ]
            }
        }
        // Whoever dials: every node answers that is not said to be silent.
        for index in snapshot.clusters.indices where snapshot.clusters[index].name == cluster {
            for node in objects(.nodes, now).map(NodeView.init) {
                guard let ip = node.internalIP, snapshot.clusters[index].reach?["\(ip):31008"] == nil else { continue }
                snapshot.clusters[index].reach?["\(ip):31008"] = "connected"
            }
        }
    }

    /// Of the placements that a scheduler may choose, the one that leaves most pods on the nodes that they had.
    private static func settled(
        _ cluster: ClusterSnapshot, _ changed: [JSONValue], from pods: [JSONValue]
    ) -> Simulation {
        var best = settled(cluster, seed: 1)
        var moves = Int.max
        for seed in UInt64(1)...40 where moves > 0 && !changed.isEmpty {
            let model = settled(cluster, seed: seed)
            let count = changed.reduce(0) { count, deployment in
                let selector = LabelSelector(json: deployment[path: "spec.selector"])
                let own = pods.filter { $0.namespace == deployment.namespace && selector.matches($0.labels) }
                let nodes = Set(own.compactMap { PodView($0).node })
                let now = Set(Self.pods(of: deployment, in: model).compactMap(\.node))
                return count + nodes.subtracting(now).count
            }
            if count < moves { (best, moves) = (model, count) }
        }
        return best
    }

    private static func pods(of deployment: JSONValue, in model: Simulation) -> [Pod] {
        let selector = LabelSelector(json: deployment[path: "spec.selector"])
        return model.pods.values.filter {
            $0.key.namespace == deployment.namespace && selector.matches($0.template.labels)
        }.sorted { ($0.node ?? "", $0.key) < ($1.node ?? "", $1.key) }
    }

    private static func settled(_ cluster: ClusterSnapshot, seed: UInt64) -> Simulation {
        func objects(_ resource: AuditResource) -> [JSONValue] { (try? cluster.items(resource)) ?? [] }
        var model = Simulation(timings: Timings(), seed: seed)
        for object in objects(.nodes) {
            let node = NodeView(object)
            var taints = Decode.taints(object, known: [], now: .start)
            if !node.isReady { taints.append(Taint(Taint.unreachableKey, .noSchedule)) }
            model.addNode(
                node.name, labels: node.labels, taints: taints,
                unschedulable: object[path: "spec.unschedulable"]?.boolValue ?? false)
        }
        for object in objects(.deployments) {
            model.put(Decode.deployment(object, ObjectKey(object.namespace, object.name), now: .start))
        }
        for object in objects(.budgets) { model.put(Decode.budget(object, ObjectKey(object.namespace, object.name))) }
        model.advance(to: SimInstant.start + .seconds(120))
        return model
    }

    private static func json(_ pod: Pod, _ number: Int, of deployment: JSONValue) -> JSONValue {
        let name = deployment.name == "istiod" ? "istiod-\(number)" : "gateway-\(number)"
        var spec = deployment[path: "spec.template.spec"] ?? [:]
        if let node = pod.node { spec["nodeName"] = .string(node) }
        return [
            "kind": "Pod", "apiVersion": "v1",
            "metadata": [
                "name": .string(name), "namespace": .string(deployment.namespace),
                "labels": deployment[path: "spec.template.metadata.labels"] ?? [:],
            ], "spec": spec,
            "status": [
                "phase": .string(pod.phase.rawValue),
                "conditions": [["type": "Ready", "status": pod.ready ? "True" : "False"]],
            ],
        ]
    }
}

extension JSONValue {
    /// Whether another Deployment asks for the same pods.
    fileprivate func isRolledOut(as other: JSONValue) -> Bool {
        name == other.name && namespace == other.namespace
            && self[path: "spec.template"] == other[path: "spec.template"]
            && self[path: "spec.replicas"] == other[path: "spec.replicas"]
    }
}
