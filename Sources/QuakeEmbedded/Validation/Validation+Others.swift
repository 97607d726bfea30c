import QuakeKube

extension Validation {
    // MARK: - Nodes

    /// The server names taints by the wrong path, and so do we.
    static func node(_ object: JSONValue, _ old: JSONValue?, _ problems: inout FieldProblems) {
        if let old {
            let provider = old[path: "spec.providerID"]?.stringValue ?? ""
            if !provider.isEmpty, object[path: "spec.providerID"]?.stringValue != provider {
                problems.forbidden(
                    "spec.providerID", "node updates may not change providerID except from \"\" to valid")
            }
        }
        for _ in 0..<(old == nil ? 1 : 2) {
            taints(object[path: "spec.taints"]?.arrayValue ?? [], "metadata.taints", &problems)
        }
    }

    // MARK: - Leases

    static func lease(_ spec: JSONValue, _ problems: inout FieldProblems) {
        if let seconds = spec["leaseDurationSeconds"]?.intValue, seconds <= 0 {
            problems.invalid("spec.leaseDurationSeconds", spec["leaseDurationSeconds"], "must be greater than 0")
        }
        problems.nonNegative("spec.leaseTransitions", spec["leaseTransitions"])
    }

    // MARK: - The rest

    static func other(
        _ object: JSONValue, _ old: JSONValue?, _ kind: ResourceKind, _ problems: inout FieldProblems
    ) {
        switch kind.resource {
        case "configmaps": configMap(object, old, &problems)
        case "secrets": secret(object, old, &problems)
        case "roles", "clusterroles":
            for (index, rule) in (object["rules"]?.arrayValue ?? []).enumerated()
            where (rule["verbs"]?.arrayValue ?? []).isEmpty {
                problems.required("rules[\(index)].verbs", "verbs must contain at least one value")
            }
        case "rolebindings", "clusterrolebindings": binding(object, old, kind, &problems)
        case "customresourcedefinitions": definition(object, &problems)
        case "priorityclasses": priorityClass(object, old, &problems)
        case "horizontalpodautoscalers": autoscaler(object["spec"] ?? [:], &problems)
        default: break
        }
    }

    /// Of its metrics and behavior nothing: no embedded cluster scales by them.
    private static func autoscaler(_ spec: JSONValue, _ problems: inout FieldProblems) {
        let (least, most) = (spec["minReplicas"]?.intValue ?? 1, spec["maxReplicas"]?.intValue ?? 0)
        if least < 1 { problems.invalid("spec.minReplicas", .int(Int64(least)), "must be greater than or equal to 1") }
        if most < 1 { problems.invalid("spec.maxReplicas", .int(Int64(most)), "must be greater than 0") }
        if most < least {
            problems.invalid(
                "spec.maxReplicas", .int(Int64(most)), "must be greater than or equal to `minReplicas`")
        }
        for field in ["kind", "name"] where (spec.at("scaleTargetRef", field)?.stringValue ?? "").isEmpty {
            problems.required("spec.scaleTargetRef.\(field)")
        }
    }

    private static func configMap(_ object: JSONValue, _ old: JSONValue?, _ problems: inout FieldProblems) {
        immutable(["data", "binaryData"], object, old, &problems)
        let binary = object["binaryData"]?.objectValue ?? [:]
        for key in (object["data"]?.objectValue ?? [:]).keys.sorted() {
            problems.invalid("data[\(key)]", .string(key), Names.configMapKey(key))
            if binary[key] != nil {
                problems.invalid("data[\(key)]", .string(key), "duplicate of key present in binaryData")
            }
        }
        for key in binary.keys.sorted() {
            problems.invalid("binaryData[\(key)]", .string(key), Names.configMapKey(key))
        }
    }

    private static func secret(_ object: JSONValue, _ old: JSONValue?, _ problems: inout FieldProblems) {
        if let old { problems.unchanged("type", object["type"], old["type"]) }
        immutable(["data"], object, old, &problems)
        for key in (object["data"]?.objectValue ?? [:]).keys.sorted() {
            problems.invalid("data[\(key)]", .string(key), Names.configMapKey(key))
        }
    }

    private static func immutable(
        _ fields: [String], _ object: JSONValue, _ old: JSONValue?, _ problems: inout FieldProblems
    ) {
        guard let old, old["immutable"] == true else { return }
        let why = "field is immutable when `immutable` is set"
        if object["immutable"] != true { problems.forbidden("immutable", why) }
        for field in fields where object[field] != old[field] { problems.forbidden(field, why) }
    }

    private static func binding(
        _ object: JSONValue, _ old: JSONValue?, _ kind: ResourceKind, _ problems: inout FieldProblems
    ) {
        let reference = object["roleRef"] ?? [:]
        if let old, old["roleRef"] != object["roleRef"] {
            let shown: JSONValue = [
                "APIGroup": reference["apiGroup"] ?? "", "Kind": reference["kind"] ?? "",
                "Name": reference["name"] ?? "",
            ]
            problems.invalid("roleRef", shown, "cannot change roleRef")
        }
        let group = "rbac.authorization.k8s.io"
        if reference["apiGroup"]?.stringValue ?? group != group {
            problems.notSupported("roleRef.apiGroup", reference["apiGroup"], [group])
        }
        let kinds = kind.namespaced ? ["Role", "ClusterRole"] : ["ClusterRole"]
        problems.oneOf("roleRef.kind", reference["kind"], kinds)
        if (reference["name"]?.stringValue ?? "").isEmpty { problems.required("roleRef.name") }
    }

    /// Of definitions only what names them: their schemas are not checked, only used.
    private static func definition(_ object: JSONValue, _ problems: inout FieldProblems) {
        let spec = object["spec"] ?? [:]
        let group = spec["group"]?.stringValue ?? ""
        if group.isEmpty { problems.required("spec.group") }
        guard let plural = spec[path: "names.plural"]?.stringValue else { return }
        if object.name != "\(plural).\(group)" {
            problems.invalid("metadata.name", .string(object.name), "must be spec.names.plural+\".\"+spec.group")
        }
    }
}
