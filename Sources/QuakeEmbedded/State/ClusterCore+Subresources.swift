import QuakeKube
import QuakeMesh
import QuakeSim

extension ClusterCore {
    /// The Eviction subresource, in the words that a real server used.
    func evict(_ key: ObjectKey, _ body: JSONValue, dryRun: Bool) throws(APIStatus) -> JSONValue {
        settle()
        try checkNamespace(of: body, .pods, key.namespace)
        if body.name != key.name { throw .badRequest("name in URL does not match name in Eviction object") }
        guard let pod = store[.pods, key] else { throw .notFound(.pods, key.name) }
        // Budgets are asked first: the precondition is the deletion's, which comes after them.
        let wanted = body[path: "deleteOptions.preconditions.uid"]?.stringValue ?? pod.uid
        let isOther = wanted != pod.uid
        let grace = body[path: "deleteOptions.gracePeriodSeconds"]?.intValue.map { Duration.seconds(max(0, $0)) }
        switch withModel({ $0.evict(key, grace: grace, dryRun: dryRun || isOther) }) {
        case .evicted where isOther: throw .otherUID(key.name, wanted: wanted, found: pod.uid)
        case .evicted: return APIStatus.success(201)
        case .notFound: throw .notFound(.pods, key.name)
        case .refused(let budget, let status):
            throw Self.disruption(
                "The disruption budget \(budget) needs \(status.desiredHealthy) healthy pods and has \(status.currentHealthy) currently"
            )
        case .budgetNotObserved(let budget):
            throw Self.disruption(
                "The disruption budget \(budget) is still being processed by the server.", retryAfterSeconds: 10)
        case .severalBudgets:
            throw APIStatus(
                500, "",
                "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.")
        }
    }

    private static func disruption(_ message: String, retryAfterSeconds: Int? = nil) -> APIStatus {
        APIStatus(
            429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.",
            details: ["causes": [["reason": "DisruptionBudget", "message": .string(message)]]],
            retryAfterSeconds: retryAfterSeconds)
    }

    // MARK: - Scale

    func scale(_ kind: ResourceKind, _ key: ObjectKey) throws(APIStatus) -> JSONValue {
        let object = try get(kind, key)
        let labels = object[path: "spec.selector.matchLabels"]?.stringMembers ?? [:]
        return [
            "kind": "Scale", "apiVersion": "autoscaling/v1",
            "metadata": [
                "name": .string(key.name), "namespace": .string(key.namespace), "uid": .string(object.uid),
                "resourceVersion": .string(object.resourceVersion),
                "creationTimestamp": object.metadata["creationTimestamp"] ?? .null,
            ],
            "spec": ["replicas": object[path: "spec.replicas"] ?? 0],
            "status": [
                "replicas": object[path: "status.replicas"] ?? 0,
                "selector": .string(
                    labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")),
            ],
        ]
    }

    func patchScale(
        _ kind: ResourceKind, _ key: ObjectKey, _ body: WireBody, _ type: PatchType, dryRun: Bool
    ) throws(APIStatus) -> JSONValue {
        let wanted = try patched(try scale(kind, key), by: body, type, "Scale", .named("Scale"))
        return try setScale(kind, key, wanted.object, dryRun: dryRun)
    }

    func setScale(
        _ kind: ResourceKind, _ key: ObjectKey, _ wanted: JSONValue, dryRun: Bool
    ) throws(APIStatus) -> JSONValue {
        var problems = FieldProblems()
        problems.nonNegative("spec.replicas", wanted[path: "spec.replicas"])
        if !problems.all.isEmpty {
            throw .invalid(ResourceKind("autoscaling", "scales", "Scale"), key.name, problems.all)
        }
        let replicas = wanted[path: "spec.replicas"]?.intValue ?? 0
        _ = try update(kind, key, subresource: nil, dryRun: dryRun) { object in
            var next = object
            next.set(.int(Int64(replicas)), at: "spec", "replicas")
            return Written(object: next)
        }
        return try scale(kind, key)
    }

    // MARK: - Power and control plane

    /// Does something to a node's machine.
    func act(on node: String, _ actions: [Simulation.MachineAction], ending: MachineEnding) throws(APIStatus) {
        settle()
        guard sim.nodes[node] != nil else { throw .notFound(.nodes, node) }
        endings[node] = ending
        withModel { model in
            for action in actions { model.act(on: node, action) }
        }
    }

    /// A fresh machine in the place of one whose Node was deleted; one that has its Node is switched on.
    func provision(_ name: String) throws(APIStatus) {
        settle()
        guard sim.nodes[name] == nil else { return try act(on: name, [.turnOn], ending: .silent) }
        guard let index = shape.nodes.firstIndex(where: { $0.name == name }) else { throw .notFound(.nodes, name) }
        register(shape.nodes[index], index: index)
        if let node = sim.nodes[name] {
            forwarding.setMachine(node, ending: .silent)
            tell(.machine(node, .silent))
        }
        settle()
    }

    func machine(of node: String) throws(APIStatus) -> Node.Machine {
        settle()
        guard let machine = sim.nodes[node]?.machine else { throw .notFound(.nodes, node) }
        return machine
    }
}
