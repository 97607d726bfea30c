import FoundationEssentials
import QuakeBase
import QuakeDecoding
import QuakeKube
import QuakeSim

extension ClusterCore {
    func create(
        _ kind: ResourceKind, namespace: String?, _ written: JSONValue, dryRun: Bool
    ) throws(APIStatus) -> Written {
        settle()
        var object = written
        let home = kind.namespaced ? namespace ?? "default" : ""
        try checkNamespace(of: object, kind, home)
        var name = object.name
        if name.isEmpty, let prefix = object.metadata["generateName"]?.stringValue {
            name = prefix + generator.nameSuffix()
        }
        try checkHome(home, kind, name)
        let key = ObjectKey(home, name)
        var meta = object.metadata
        meta["name"] = .string(name)
        meta["namespace"] = kind.namespaced ? .string(home) : nil
        meta["uid"] = .string(uid())
        meta["creationTimestamp"] = .string(Timestamp.text(seconds: wallSeconds))
        meta["generation"] = Self.hasGeneration(kind) ? 1 : nil
        meta["resourceVersion"] = nil
        object["metadata"] = meta
        try prepare(&object, kind, key)
        if kind == .pods { try admit(&object, key) }
        try checkRole(of: object, kind)
        try validate(object, replacing: nil, kind, name)
        if kind == .services { try allocate(&object, key) }
        guard store[kind, key] == nil else { throw .alreadyExists(kind, name) }
        if dryRun { return Written(object: object) }
        store.commit(kind, key, object)
        sync(kind, key, object)
        return Written(object: store[kind, key] ?? object, warnings: notModelled(object, kind, key))
    }

    func checkNamespace(of object: JSONValue, _ kind: ResourceKind, _ home: String) throws(APIStatus) {
        if kind.namespaced, !object.namespace.isEmpty, object.namespace != home {
            throw .badRequest("the namespace of the provided object does not match the namespace sent on the request")
        }
    }

    private func checkHome(_ home: String, _ kind: ResourceKind, _ name: String) throws(APIStatus) {
        guard kind.namespaced else { return }
        guard let space = store[.namespaces, ObjectKey("", home)] else { throw .notFound(.namespaces, home) }
        if space.isBeingDeleted {
            throw APIStatus(
                403, "Forbidden",
                "\(kind.qualified) \"\(name)\" is forbidden: unable to create new content in namespace \(home) because it is being terminated"
            )
        }
    }

    /// The admission of pods: accounts and priorities that there are.
    private func admit(_ pod: inout JSONValue, _ key: ObjectKey) throws(APIStatus) {
        try checkAccount(of: pod, key)
        let priority = pod[path: "spec.priorityClassName"]?.stringValue ?? ""
        if !priority.isEmpty, store[.priorityClasses, ObjectKey("", priority)] == nil {
            throw Self.forbidden(key, "no PriorityClass with name \(priority) was found")
        }
        if priority.isEmpty, let number = pod[path: "spec.priority"]?.intValue, number != 0 {
            throw Self.forbidden(
                key,
                "the integer value of priority (\(number)) must not be provided in pod spec; priority admission controller computed 0 from the given PriorityClass name"
            )
        }
        var spec = pod["spec"] ?? [:]
        setPriority(&spec)
        pod["spec"] = spec
    }

    private static func forbidden(_ key: ObjectKey, _ why: String) -> APIStatus {
        APIStatus(
            403, "Forbidden", "pods \"\(key.name)\" is forbidden: \(why)",
            details: ["name": .string(key.name), "kind": "pods"])
    }

    /// The ServiceAccount admission. Each namespace has its default one, though none is shown.
    private func checkAccount(of pod: JSONValue, _ key: ObjectKey) throws(APIStatus) {
        let account = pod[path: "spec.serviceAccountName"]?.stringValue ?? "default"
        let isMirror = pod.annotations[WellKnown.mirror] != nil
        guard account != "default", !isMirror,
            let accounts = ResourceKind.find(group: "", version: "v1", resource: "serviceaccounts"),
            store[accounts, ObjectKey(key.namespace, account)] == nil
        else { return }
        throw Self.forbidden(
            key,
            "error looking up service account \(key.namespace)/\(account): serviceaccount \"\(account)\" not found")
    }

    /// Who binds a role must be allowed to: the authorizer looks the role up before anyone validates.
    private func checkRole(of object: JSONValue, _ kind: ResourceKind) throws(APIStatus) {
        guard kind.kind.hasSuffix("RoleBinding"), let role = object[path: "roleRef.kind"]?.stringValue,
            !["Role", "ClusterRole"].contains(role)
        else { return }
        throw APIStatus(500, "", "unsupported role reference kind: \"\(role)\"")
    }

    private func notModelled(_ object: JSONValue, _ kind: ResourceKind, _ key: ObjectKey) -> [String] {
        let fields = NotModelled.fields(of: object, kind)
        let uid = store[kind, key]?.uid ?? ""
        return notModelled.note(fields, kind: kind, key: key, uid: uid).map { [$0] } ?? []
    }

    // MARK: - Changes

    /// PUT.
    func replace(
        _ kind: ResourceKind, _ key: ObjectKey, subresource: String?, _ object: JSONValue, dryRun: Bool
    ) throws(APIStatus) -> Written {
        if !object.name.isEmpty, object.name != key.name {
            throw .badRequest(
                "the name of the object (\(object.name)) does not match the name on the URL (\(key.name))")
        }
        return try update(kind, key, subresource: subresource, dryRun: dryRun) { (present) throws(APIStatus) in
            if !object.uid.isEmpty, object.uid != present.uid {
                throw .conflict(
                    kind, key.name,
                    "StorageError: invalid object, Code: 4, Key: \(Self.storageKey(kind, key)), ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: \(object.uid), UID in object meta: \(present.uid)"
                )
            }
            if kind.needsVersion, object.resourceVersion.isEmpty { throw Self.versionless(kind, key.name) }
            return Written(object: object)
        }
    }

    private static func storageKey(_ kind: ResourceKind, _ key: ObjectKey) -> String {
        "/registry/\(kind.resource)/\(key)"
    }

    private static func versionless(_ kind: ResourceKind, _ name: String) -> APIStatus {
        let message = "Invalid value: 0: must be specified for an update"
        return APIStatus(
            422, "Invalid", "\(kind.qualified) \"\(name)\" is invalid: metadata.resourceVersion: \(message)",
            details: [
                "name": .string(name), "group": .string(kind.group), "kind": .string(kind.resource),
                "causes": [
                    [
                        "reason": "FieldValueInvalid", "message": .string(message),
                        "field": "metadata.resourceVersion",
                    ]
                ],
            ])
    }

    func patch(
        _ kind: ResourceKind, _ key: ObjectKey, subresource: String?, _ body: WireBody, _ type: PatchType, dryRun: Bool
    ) throws(APIStatus) -> Written {
        let shape = customSchema(of: kind)?.shape ?? (kind.isCustom ? .any : .named(kind.kind))
        return try update(kind, key, subresource: subresource, dryRun: dryRun) { (present) throws(APIStatus) in
            let next = try patched(present, by: body, type, kind.kind, shape)
            if next.object.name != key.name {
                throw .badRequest(
                    "the name of the object (\(next.object.name)) does not match the name on the URL (\(key.name))")
            }
            return next
        }
    }

    /// PUT, or the result of a patch.
    func update(
        _ kind: ResourceKind, _ key: ObjectKey, subresource: String?, dryRun: Bool,
        _ body: (JSONValue) throws(APIStatus) -> Written
    ) throws(APIStatus) -> Written {
        settle()
        guard let present = store[kind, key] else { throw .notFound(kind, key.name) }
        let written = try body(present)
        do throws(APIStatus) {
            var stored = try update(kind, key, present, to: written.object, subresource: subresource, dryRun: dryRun)
            stored.warnings = written.warnings + stored.warnings
            return stored
        } catch {
            var refusal = error
            refusal.warnings = written.warnings
            throw refusal
        }
    }

    private func update(
        _ kind: ResourceKind, _ key: ObjectKey, _ present: JSONValue, to written: JSONValue, subresource: String?,
        dryRun: Bool
    ) throws(APIStatus) -> Written {
        var next = written
        try checkNamespace(of: next, kind, key.namespace)
        let version = next.resourceVersion
        if !version.isEmpty, version != present.resourceVersion {
            throw .conflict(
                kind, key.name,
                "the object has been modified; please apply your changes to the latest version and try again")
        }
        let wantedUID = next.uid
        keepServerFields(&next, of: present, subresource: subresource)
        if kind == .services { Self.keepAllocated(&next, of: present) }
        try prepare(&next, kind, key)
        if Self.hasGeneration(kind), next["spec"] != present["spec"] {
            next.set(.int(Int64((present.metadata["generation"]?.intValue ?? 0) + 1)), at: "metadata", "generation")
        }
        if !wantedUID.isEmpty { next.set(.string(wantedUID), at: "metadata", "uid") }
        try validate(next, replacing: present, kind, key.name)
        if kind == .services { try allocate(&next, key) }
        if dryRun { return Written(object: next) }
        store.commit(kind, key, next)
        sync(kind, key, next, subresource: subresource)
        return Written(object: store[kind, key] ?? next, warnings: notModelled(next, kind, key))
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
        [.deployments, .daemonSets, .budgets, .replicaSets, .gateways, .gatewayClasses].contains(kind)
    }

    private func prepare(_ object: inout JSONValue, _ kind: ResourceKind, _ key: ObjectKey) throws(APIStatus) {
        Defaults.fill(&object, kind: kind)
        if let schema = customSchema(of: kind) { object = schema.defaulted(object) }
        switch kind {
        case .namespaces:
            object.set(.string(key.name), at: "metadata", "labels", WellKnown.namespaceName)
            if object["status"] == nil { object["status"] = ["phase": "Active"] }
        case .pods:
            if object["status"] == nil { object["status"] = ["phase": "Pending"] }
        default:
            guard kind.resource == "secrets" else { return }
            // Secrets may be written in clear.
            for (name, value) in object["stringData"]?.objectValue ?? [:] {
                object.set(.string(Data((value.stringValue ?? "").utf8).base64EncodedString()), at: "data", name)
            }
            object["stringData"] = nil
        }
    }

    private func validate(
        _ object: JSONValue, replacing old: JSONValue?, _ kind: ResourceKind, _ name: String
    ) throws(APIStatus) {
        var problems = Validation.problems(of: object, replacing: old, kind)
        if let schema = customSchema(of: kind) { problems += schema.problems(of: object, replacing: old) }
        if !problems.isEmpty { throw .invalid(kind, name, problems) }
    }

    /// Tells the model what a client wrote.
    private func sync(_ kind: ResourceKind, _ key: ObjectKey, _ object: JSONValue, subresource: String? = nil) {
        switch kind {
        case .nodes:
            let known = sim.nodes[key.name]?.taints ?? []
            withModel {
                $0.updateNode(
                    key.name, labels: object.labels, taints: Decode.taints(object, known: known, now: $0.now),
                    unschedulable: NodeView(object).isCordoned)
            }
        case .pods: syncPod(key, object, subresource)
        case .namespaces:
            let labels = object.labels
            withModel { $0.namespaceLabels[key.name] = labels }
        case .replicaSets: withModel { $0.put(Decode.replicaSet(object, key, now: $0.now)) }
        case .deployments: withModel { $0.put(Decode.deployment(object, key, now: $0.now)) }
        case .daemonSets: withModel { $0.put(Decode.daemonSet(object, key, now: $0.now)) }
        case .services:
            withModel { $0.put(Decode.service(object, key)) }
            tell(.service(object))
        case .budgets: withModel { $0.put(Decode.budget(object, key)) }
        default: break
        }
    }

    private func syncPod(_ key: ObjectKey, _ object: JSONValue, _ subresource: String?) {
        let template = Decode.template(object)
        guard sim.pods[key] != nil else {
            let node = PodView(object).node
            return withModel { $0.createPod(key, template: template, node: node) }
        }
        if subresource == "status" {
            let conditions = object[path: "status.conditions"]?.arrayValue ?? []
            guard let ready = conditions.first(where: { $0["type"] == "Ready" }) else { return }
            return withModel { $0.reportReadiness(key, ready["status"] == "True") }
        }
        withModel { $0.updatePod(key, template: template) }
    }

    // MARK: - Deletion

    func delete(
        _ kind: ResourceKind, _ key: ObjectKey, options: JSONValue, dryRun: Bool
    ) throws(APIStatus) -> JSONValue {
        settle()
        guard let object = store[kind, key] else { throw .notFound(kind, key.name) }
        if let wanted = options[path: "preconditions.uid"]?.stringValue, wanted != object.uid {
            if kind == .pods { throw .otherUID(key.name, wanted: wanted, found: object.uid) }
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
        case .replicaSets: withModel { $0.deleteReplicaSet(key) }
        case .services:
            withModel { $0.removeService(key) }
            forwarding.removeService(key)
            for slice in store.keys(of: .endpointSlices) where slice.namespace == key.namespace {
                if store[.endpointSlices, slice]?.labels[WellKnown.serviceName] == key.name {
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
}
