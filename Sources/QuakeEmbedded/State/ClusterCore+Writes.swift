import QuakeKube
import QuakeSim

extension ClusterCore {
    func create(
        _ kind: ResourceKind, namespace: String?, _ written: JSONValue, dryRun: Bool
    ) throws(APIStatus) -> JSONValue {
        settle()
        var object = written
        var name = object.name
        if name.isEmpty, let prefix = object.metadata["generateName"]?.stringValue {
            name = prefix + generator.nameSuffix()
        }
        guard !name.isEmpty else {
            throw .invalid(kind, "", field: "metadata.name", "Required value: name is required")
        }
        let home = kind.namespaced ? namespace ?? "default" : ""
        if kind.namespaced {
            guard let space = store[.namespaces, ObjectKey("", home)] else { throw .notFound(.namespaces, home) }
            if space.isBeingDeleted {
                throw APIStatus(
                    403, "Forbidden",
                    "\(kind.qualified) \"\(name)\" is forbidden: unable to create new content in namespace \(home) because it is being terminated"
                )
            }
        }
        let key = ObjectKey(home, name)
        guard store[kind, key] == nil else { throw .alreadyExists(kind, name) }
        var meta = object.metadata
        meta["name"] = .string(name)
        meta["namespace"] = kind.namespaced ? .string(home) : nil
        meta["uid"] = .string(uid())
        meta["creationTimestamp"] = .string(Timestamp.text(seconds: wallSeconds))
        meta["generation"] = Self.hasGeneration(kind) ? 1 : nil
        meta["resourceVersion"] = nil
        object["metadata"] = meta
        prepare(&object, kind, key)
        try validate(object, kind, name)
        if dryRun { return object }
        store.commit(kind, key, object)
        sync(kind, key, object)
        return store[kind, key] ?? object
    }

    /// PUT, or the result of a patch.
    func update(
        _ kind: ResourceKind, _ key: ObjectKey, subresource: String?, dryRun: Bool,
        _ body: (JSONValue) throws(APIStatus) -> JSONValue
    ) throws(APIStatus) -> JSONValue {
        settle()
        guard let present = store[kind, key] else { throw .notFound(kind, key.name) }
        var next = try body(present)
        let version = next.resourceVersion
        if !version.isEmpty, version != present.resourceVersion {
            throw .conflict(
                kind, key.name,
                "the object has been modified; please apply your changes to the latest version and try again")
        }
        if !next.uid.isEmpty, next.uid != present.uid {
            throw .conflict(kind, key.name, "Precondition failed: UID in precondition: \(next.uid)")
        }
        keepServerFields(&next, of: present, subresource: subresource)
        prepare(&next, kind, key)
        if Self.hasGeneration(kind), next["spec"] != present["spec"] {
            next.set(.int(Int64((present.metadata["generation"]?.intValue ?? 0) + 1)), at: "metadata", "generation")
        }
        try validate(next, kind, key.name)
        if dryRun { return next }
        store.commit(kind, key, next)
        sync(kind, key, next)
        return store[kind, key] ?? next
    }

    private func keepServerFields(_ next: inout JSONValue, of present: JSONValue, subresource: String?) {
        for field in [
            "uid", "creationTimestamp", "name", "namespace", "generation", "deletionTimestamp", "resourceVersion",
        ] {
            next.set(present.metadata[field], at: "metadata", field)
        }
        if subresource == "status" {
            let status = next["status"]
            next = present
            next["status"] = status
        } else {
            next["status"] = present["status"]
        }
    }

    private static func hasGeneration(_ kind: ResourceKind) -> Bool {
        [.deployments, .daemonSets, .budgets, .replicaSets].contains(kind)
    }

    private func prepare(_ object: inout JSONValue, _ kind: ResourceKind, _ key: ObjectKey) {
        Defaults.fill(&object, kind: kind)
        switch kind {
        case .namespaces:
            object.set(.string(key.name), at: "metadata", "labels", "kubernetes.io/metadata.name")
            if object["status"] == nil { object["status"] = ["phase": "Active"] }
        case .services: allocate(&object)
        case .pods:
            if object["status"] == nil { object["status"] = ["phase": "Pending"] }
        default:
            // Secrets may be written in clear.
            if kind.resource == "secrets", let clear = object["stringData"]?.objectValue {
                for (name, value) in clear {
                    object.set(.string(Base64.encode(Array((value.stringValue ?? "").utf8))), at: "data", name)
                }
                object["stringData"] = nil
            }
        }
    }

    private func validate(_ object: JSONValue, _ kind: ResourceKind, _ name: String) throws(APIStatus) {
        guard kind == .deployments || kind == .daemonSets else { return }
        let labels = object[path: "spec.template"]?.labels ?? [:]
        let selector = LabelSelector(json: object[path: "spec.selector"])
        if selector.requirements.isEmpty {
            throw .invalid(kind, name, field: "spec.selector", "Required value")
        }
        if !selector.matches(labels) {
            throw .invalid(
                kind, name, field: "spec.template.metadata.labels",
                "Invalid value: \(JSONValue(labels).text()): `selector` does not match template `labels`")
        }
        if (object[path: "spec.replicas"]?.intValue ?? 1) < 0 {
            throw .invalid(kind, name, field: "spec.replicas", "must be greater than or equal to 0")
        }
    }

    /// Tells the model what a client wrote.
    private func sync(_ kind: ResourceKind, _ key: ObjectKey, _ object: JSONValue) {
        switch kind {
        case .nodes:
            let known = sim.nodes[key.name]?.taints ?? []
            withModel {
                $0.updateNode(
                    key.name, labels: object.labels, taints: Decode.taints(object, known: known, now: $0.now),
                    unschedulable: object[path: "spec.unschedulable"]?.boolValue ?? false)
            }
        case .pods:
            guard sim.pods[key] == nil else { return }
            let template = Decode.template(object)
            let node = object[path: "spec.nodeName"]?.stringValue
            withModel { $0.createPod(key, template: template, node: node) }
        case .deployments: withModel { $0.put(Decode.deployment(object, key, now: $0.now)) }
        case .daemonSets: withModel { $0.put(Decode.daemonSet(object, key, now: $0.now)) }
        case .services:
            withModel { $0.put(Decode.service(object, key)) }
            tell(.service(object))
        case .budgets: withModel { $0.put(Decode.budget(object, key)) }
        default: break
        }
    }

    // MARK: - Deletion

    func delete(
        _ kind: ResourceKind, _ key: ObjectKey, options: JSONValue, dryRun: Bool
    ) throws(APIStatus) -> JSONValue {
        settle()
        guard let object = store[kind, key] else { throw .notFound(kind, key.name) }
        if let wanted = options[path: "preconditions.uid"]?.stringValue, wanted != object.uid {
            throw .conflict(
                kind, key.name,
                "Precondition failed: UID in precondition: \(wanted), UID in object meta: \(object.uid)")
        }
        let details: JSONValue = [
            "name": .string(key.name), "group": .string(kind.group), "kind": .string(kind.resource),
            "uid": .string(object.uid),
        ]
        if dryRun { return APIStatus.success(200, details: details) }
        switch kind {
        case .pods:
            let grace = options["gracePeriodSeconds"]?.intValue.map { Duration.seconds(max(0, $0)) }
            withModel { $0.deletePod(key, grace: grace) }
            return store[.pods, key] ?? object
        case .namespaces:
            deleteNamespace(key.name, object)
            return store[.namespaces, key] ?? APIStatus.success(200, details: details)
        default:
            removeFromModel(kind, key)
            store.remove(kind, key)
            if kind == .services { tell(.serviceRemoved(key)) }
            return APIStatus.success(200, details: details)
        }
    }

    private func removeFromModel(_ kind: ResourceKind, _ key: ObjectKey) {
        switch kind {
        case .nodes: withModel { $0.removeNode(key.name) }
        case .deployments: withModel { $0.removeDeployment(key) }
        case .daemonSets: withModel { $0.removeDaemonSet(key) }
        case .replicaSets: break
        case .services:
            withModel { $0.removeService(key) }
            forwarding.removeService(key)
            for slice in store.keys(of: .endpointSlices) where slice.namespace == key.namespace {
                if store[.endpointSlices, slice]?.labels["kubernetes.io/service-name"] == key.name {
                    store.remove(.endpointSlices, slice)
                }
            }
        case .budgets: withModel { $0.removeBudget(key) }
        default: break
        }
    }

    private func deleteNamespace(_ name: String, _ object: JSONValue) {
        var going = object
        going.set(.string(Timestamp.text(seconds: wallSeconds)), at: "metadata", "deletionTimestamp")
        going["status"] = ["phase": "Terminating"]
        store.commit(.namespaces, ObjectKey("", name), going)
        for kind in ResourceKind.all where kind.namespaced && kind != .pods {
            for key in store.keys(of: kind) where key.namespace == name {
                removeFromModel(kind, key)
                store.remove(kind, key)
                if kind == .services { tell(.serviceRemoved(key)) }
            }
        }
        for key in store.keys(of: .pods) where key.namespace == name { withModel { $0.deletePod(key) } }
        finishNamespaces()
    }

    // MARK: - Services

    /// Addresses and ports that the API server and the cloud hand out.
    private func allocate(_ object: inout JSONValue) {
        var spec = object["spec"] ?? [:]
        let type = spec["type"]?.stringValue ?? "ClusterIP"
        if spec["clusterIP"]?.stringValue == nil {
            let address = addresses.service(nextService)
            nextService += 1
            spec["clusterIP"] = .string(address)
            spec["clusterIPs"] = [.string(address)]
        }
        let wantsNodePorts = type == "NodePort" || type == "LoadBalancer"
        let ports = (spec["ports"]?.arrayValue ?? []).map { port -> JSONValue in
            var copy = port
            if wantsNodePorts, (copy["nodePort"]?.intValue ?? 0) == 0 { copy["nodePort"] = .int(Int64(freeNodePort())) }
            if !wantsNodePorts { copy["nodePort"] = nil }
            return copy
        }
        spec["ports"] = .array(ports)
        let checksLocally = type == "LoadBalancer" && spec["externalTrafficPolicy"]?.stringValue == "Local"
        if checksLocally, spec["healthCheckNodePort"]?.intValue == nil {
            spec["healthCheckNodePort"] = .int(Int64(freeNodePort()))
        } else if !checksLocally {
            spec["healthCheckNodePort"] = nil
        }
        object["spec"] = spec
        if type == "LoadBalancer" {
            if object.at("status", "loadBalancer", "ingress", 0, "ip") == nil {
                let address = addresses.loadBalancer(nextLoadBalancer)
                nextLoadBalancer += 1
                object["status"] = ["loadBalancer": ["ingress": [["ip": .string(address), "ipMode": "VIP"]]]]
            }
        } else {
            object["status"] = ["loadBalancer": [:]]
        }
    }

    private func freeNodePort() -> Int {
        let taken = store.list(.services, namespace: nil).flatMap { service in
            (service[path: "spec.ports"]?.arrayValue ?? []).compactMap { $0["nodePort"]?.intValue }
                + [service[path: "spec.healthCheckNodePort"]?.intValue ?? 0]
        }
        while true {
            let port = Int.random(in: 30_000...32_767, using: &generator)
            if !taken.contains(port) { return port }
        }
    }
}
