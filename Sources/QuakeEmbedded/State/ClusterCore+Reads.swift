import QuakeKube
import QuakeSim

/// What a list or watch asks for.
struct Selection: Sendable {
    var namespace: String?
    var labels = LabelSelector()
    var fields: FieldSelector?

    func matches(_ object: JSONValue) -> Bool {
        (namespace == nil || object.namespace == namespace) && labels.matches(object.labels)
            && fields?.matches(object) ?? true
    }
}

extension ClusterCore {
    func get(_ kind: ResourceKind, _ key: ObjectKey) throws(APIStatus) -> JSONValue {
        settle()
        if kind == .leases, key.namespace == "kube-node-lease", let lease = nodeLease(key.name) { return lease }
        guard let object = store[kind, key] else { throw .notFound(kind, key.name) }
        return object
    }

    func list(_ kind: ResourceKind, _ selection: Selection) -> (items: [JSONValue], version: Int) {
        settle()
        var items = store.list(kind, namespace: selection.namespace)
        if kind == .leases, selection.namespace == nil || selection.namespace == "kube-node-lease" {
            items += sim.nodes.keys.sorted().compactMap(nodeLease)
        }
        return (items.filter(selection.matches), store.version)
    }

    private func nodeLease(_ name: String) -> JSONValue? {
        guard let node = sim.nodes[name], let object = store[.nodes, ObjectKey("", name)] else { return nil }
        let renewed = node.renewal(at: sim.now, every: sim.timings.renewInterval)
        return render.lease(
            node, renewed: renewed, timings: sim.timings, uid: "lease-\(object.uid)", nodeUID: object.uid)
    }

    /// Changes after `version`; `nil` or 0 begins with what there is.
    func watch(
        _ kind: ResourceKind, _ selection: Selection, after version: Int?
    ) throws(APIStatus) -> (id: Int, initial: [JSONValue], version: Int, stream: AsyncStream<StoredChange>) {
        settle()
        if let version, version > 0 {
            let (id, stream) = try store.watch(after: version)
            return (id, [], version, stream)
        }
        let (items, now) = list(kind, selection)
        let (id, stream) = try store.watch(after: now)
        return (id, items, now, stream)
    }

    func endWatch(_ id: Int) { store.endWatch(id) }

    func podAddress(_ key: ObjectKey) throws(APIStatus) -> String {
        settle()
        guard store[.pods, key] != nil else { throw .notFound(.pods, key.name) }
        guard let address = podAddresses[key] else {
            throw .badRequest("pod \(key.name) does not have a host assigned")
        }
        return address
    }
}

extension StoredChange {
    /// How a watcher with this selection sees the change; `nil` if it does not.
    func seen(by selection: Selection, kind: ResourceKind) -> (verb: Verb, object: JSONValue)? {
        guard self.kind == kind else { return nil }
        let was = previous.map(selection.matches) ?? false
        let isNow = verb != .deleted && selection.matches(object)
        switch (was, isNow) {
        case (false, false): return nil
        case (false, true): return (.added, object)
        case (true, true): return (.modified, object)
        case (true, false): return (.deleted, object)
        }
    }
}
