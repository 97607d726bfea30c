import QuakeKube

/// The API server's validation of built-in kinds, as of Kubernetes 1.36 (`pkg/apis/*/validation`): pure functions from an
/// object with its defaults to what is wrong with it.
enum Validation {
    /// - Parameter old: what it replaces; `nil` for a new object.
    static func problems(of object: JSONValue, replacing old: JSONValue?, _ kind: ResourceKind) -> [FieldProblem] {
        var problems = FieldProblems()
        metadata(object, kind, repeats: old == nil ? Repeats(1, 1, 1) : repeats(of: kind), &problems)
        if let old { uid(object, unchangedFrom: old, times: repeats(of: kind).uid, &problems) }
        spec(object, old, kind, &problems)
        return problems.all
    }

    private static func spec(
        _ object: JSONValue, _ old: JSONValue?, _ kind: ResourceKind, _ problems: inout FieldProblems
    ) {
        switch kind {
        case .pods: pod(object, old, &problems)
        case .deployments:
            deployment(object["spec"] ?? [:], &problems)
            selector(object, unchangedFrom: old, &problems)
        case .replicaSets:
            replicaSet(object["spec"] ?? [:], &problems)
            selector(object, unchangedFrom: old, &problems)
        case .daemonSets:
            selector(object, unchangedFrom: old, &problems)
            daemonSet(object["spec"] ?? [:], &problems)
        case .services: service(object, old, &problems)
        case .budgets: budget(object["spec"] ?? [:], &problems)
        case .nodes: node(object, old, &problems)
        case .leases: lease(object["spec"] ?? [:], &problems)
        default: other(object, old, kind, &problems)
        }
    }

    private static func selector(_ object: JSONValue, unchangedFrom old: JSONValue?, _ problems: inout FieldProblems) {
        guard let old else { return }
        problems.unchanged("spec.selector", object[path: "spec.selector"], old[path: "spec.selector"])
    }

    // MARK: - Metadata

    /// How often the server names one problem of an object that is changed: it validates metadata in several places, kind
    /// by kind (measured).
    private struct Repeats {
        var labels: Int
        var finalizers: Int
        var uid: Int

        init(_ labels: Int, _ finalizers: Int, _ uid: Int) {
            self.labels = labels
            self.finalizers = finalizers
            self.uid = uid
        }
    }

    private static func repeats(of kind: ResourceKind) -> Repeats {
        switch kind {
        case .budgets: Repeats(2, 1, 1)
        case .deployments, .replicaSets, .daemonSets, .services: Repeats(3, 2, 2)
        case .leases: Repeats(3, 1, 2)
        case .endpointSlices: Repeats(3, 3, 1)
        default: kind.isCustom ? Repeats(3, 3, 2) : Repeats(4, 4, 2)
        }
    }

    private static func metadata(
        _ object: JSONValue, _ kind: ResourceKind, repeats: Repeats, _ problems: inout FieldProblems
    ) {
        let meta = object.metadata
        let name = meta["name"]?.stringValue ?? ""
        if name.isEmpty {
            problems.required("metadata.name", "name or generateName is required")
        } else {
            problems.invalid("metadata.name", .string(name), nameProblems(name, kind))
        }
        for _ in 0..<repeats.labels {
            labels(meta["labels"], "metadata.labels", &problems)
            annotations(meta["annotations"], "metadata.annotations", &problems)
        }
        for owner in meta["ownerReferences"]?.arrayValue ?? [] {
            for field in ["apiVersion", "kind", "name", "uid"] where (owner[field]?.stringValue ?? "").isEmpty {
                problems.invalid("metadata.ownerReferences.\(field)", "", "must not be empty")
            }
        }
        for _ in 0..<repeats.finalizers {
            for finalizer in meta["finalizers"]?.arrayValue ?? [] {
                problems.invalid("metadata.finalizers", finalizer, Names.qualified(finalizer.stringValue ?? ""))
            }
        }
        for (index, finalizer) in (meta["finalizers"]?.arrayValue ?? []).enumerated() {
            let name = finalizer.stringValue ?? ""
            guard !kind.isCustom, !name.contains("/"), !["kubernetes", "orphan", "foregroundDeletion"].contains(name)
            else {
                continue
            }
            problems.add(
                "metadata.finalizers[\(index)]", .invalid,
                "Invalid value: \(finalizer.text()): name is neither a standard finalizer name nor is it fully qualified"
            )
        }
    }

    private static func nameProblems(_ name: String, _ kind: ResourceKind) -> [String] {
        switch kind {
        case .budgets, .events: return []
        case .namespaces, .services: return Names.dnsLabel(name)
        default:
            return kind.group == "rbac.authorization.k8s.io" ? Names.pathSegment(name) : Names.dnsSubdomain(name)
        }
    }

    private static func uid(
        _ object: JSONValue, unchangedFrom old: JSONValue, times: Int, _ problems: inout FieldProblems
    ) {
        guard object.uid != old.uid, !object.uid.isEmpty else { return }
        for _ in 0..<times { problems.invalid("metadata.uid", .string(object.uid), "field is immutable") }
    }

    static func labels(_ labels: JSONValue?, _ path: String, _ problems: inout FieldProblems) {
        for (key, value) in (labels?.stringMembers ?? [:]).sorted(by: { $0.key < $1.key }) {
            problems.invalid(path, .string(key), Names.qualified(key))
            problems.invalid(path, .string(value), Names.value(value))
        }
    }

    static func annotations(_ annotations: JSONValue?, _ path: String, _ problems: inout FieldProblems) {
        let all = annotations?.stringMembers ?? [:]
        for key in all.keys.sorted() { problems.invalid(path, .string(key), Names.qualified(key.lowercased())) }
        let size = all.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
        if size > 262_144 { problems.add(path, .tooLong, "Too long: may not be more than 262144 bytes") }
    }

    // MARK: - Selectors

    static func labelSelector(_ selector: JSONValue?, _ path: String, _ problems: inout FieldProblems) {
        labels(selector?["matchLabels"], "\(path).matchLabels", &problems)
        for (index, expression) in (selector?["matchExpressions"]?.arrayValue ?? []).enumerated() {
            let place = "\(path).matchExpressions[\(index)]"
            let values = expression["values"]?.arrayValue ?? []
            operands(expression, values, place, ["In", "NotIn"], ["Exists", "DoesNotExist"], &problems)
            problems.invalid(
                "\(place).key", expression["key"] ?? "", Names.qualified(expression["key"]?.stringValue ?? ""))
            for (number, value) in values.enumerated() {
                problems.invalid("\(place).values[\(number)]", value, Names.value(value.stringValue ?? ""))
            }
        }
    }

    /// An operator and its values.
    static func operands(
        _ expression: JSONValue, _ values: [JSONValue], _ place: String, _ withValues: [String],
        _ withoutValues: [String], _ problems: inout FieldProblems
    ) {
        let name = expression["operator"]?.stringValue ?? ""
        if withValues.contains(name) {
            if values.isEmpty {
                problems.required("\(place).values", "must be specified when `operator` is 'In' or 'NotIn'")
            }
        } else if withoutValues.contains(name) {
            if !values.isEmpty {
                problems.forbidden(
                    "\(place).values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")
            }
        } else {
            problems.invalid("\(place).operator", .string(name), "not a valid selector operator")
        }
    }

    /// Whether the selector can be read at all.
    static func isReadable(_ selector: JSONValue?) -> Bool {
        var problems = FieldProblems()
        labelSelector(selector, "", &problems)
        return problems.all.isEmpty
    }
}
