import QuakeKube
import QuakeSim

extension Validation {
    static func pod(_ object: JSONValue, _ old: JSONValue?, _ problems: inout FieldProblems) {
        let spec = object["spec"] ?? [:]
        podSpec(spec, "spec", &problems)
        if let old { return update(spec, old["spec"] ?? [:], &problems) }
        if spec["ephemeralContainers"] != nil {
            problems.forbidden("spec.ephemeralContainers", "cannot be set on create")
        }
        let isGated = !(spec["schedulingGates"]?.arrayValue ?? []).isEmpty
        if isGated, !(spec["nodeName"]?.stringValue ?? "").isEmpty {
            problems.forbidden("spec.nodeName", "cannot be set until all schedulingGates have been cleared")
        }
    }

    static func podTemplate(_ template: JSONValue, _ path: String, _ problems: inout FieldProblems) {
        labels(template.metadata["labels"], "\(path).labels", &problems)
        annotations(template.metadata["annotations"], "\(path).annotations", &problems)
        podSpec(template["spec"] ?? [:], "\(path).spec", &problems)
    }

    private static func podSpec(_ spec: JSONValue, _ path: String, _ problems: inout FieldProblems) {
        let volumes = volumes(spec["volumes"]?.arrayValue ?? [], "\(path).volumes", &problems)
        let grace = spec["terminationGracePeriodSeconds"]?.intValue ?? 30
        let containers = spec["containers"]?.arrayValue ?? []
        let hostNetwork = spec["hostNetwork"]?.boolValue ?? false
        if containers.isEmpty { problems.required("\(path).containers") }
        self.containers(containers, "\(path).containers", volumes, grace, &problems)
        self.containers(
            spec["initContainers"]?.arrayValue ?? [], "\(path).initContainers", volumes, grace,
            taken: Set(containers.compactMap { $0["name"]?.stringValue }), &problems)
        if hostNetwork { hostNetworkPorts(containers, "\(path).containers", &problems) }
        problems.oneOf("\(path).restartPolicy", spec["restartPolicy"], ["Always", "OnFailure", "Never"])
        problems.oneOf(
            "\(path).dnsPolicy", spec["dnsPolicy"], ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"])
        if spec["dnsPolicy"] == "None", (spec[path: "dnsConfig.nameservers"]?.arrayValue ?? []).isEmpty {
            spec["dnsConfig"] == nil
                ? problems.required(
                    "\(path).dnsConfig", "must provide `dnsConfig` when `dnsPolicy` is None")
                : problems.required(
                    "\(path).dnsConfig.nameservers", "must provide at least one DNS nameserver when `dnsPolicy` is None"
                )
        }
        labels(spec["nodeSelector"], "\(path).nodeSelector", &problems)
        affinity(spec["affinity"] ?? [:], "\(path).affinity", &problems)
        gates(spec, path, &problems)
        spread(spec["topologySpreadConstraints"]?.arrayValue ?? [], "\(path).topologySpreadConstraints", &problems)
        names(spec, path, &problems)
        tolerations(spec["tolerations"]?.arrayValue ?? [], "\(path).tolerations", &problems)
        if let name = spec["priorityClassName"]?.stringValue {
            problems.invalid("\(path).priorityClassName", .string(name), Names.dnsSubdomain(name))
        }
        if let policy = spec["preemptionPolicy"] {
            problems.oneOf("\(path).preemptionPolicy", policy, ["PreemptLowerPriority", "Never"])
        }
    }

    private static func gates(_ spec: JSONValue, _ path: String, _ problems: inout FieldProblems) {
        for (list, field) in [("readinessGates", "conditionType"), ("schedulingGates", "name")] {
            for (index, gate) in (spec[list]?.arrayValue ?? []).enumerated() {
                let place =
                    list == "readinessGates" ? "\(path).\(list)[\(index)].\(field)" : "\(path).\(list)[\(index)]"
                problems.invalid(place, gate[field] ?? "", Names.qualified(gate[field]?.stringValue ?? ""))
                let before = (spec[list]?.arrayValue ?? []).prefix(index)
                if list == "schedulingGates", before.contains(gate) { problems.duplicate(place, gate[field] ?? "") }
            }
        }
    }

    private static func names(_ spec: JSONValue, _ path: String, _ problems: inout FieldProblems) {
        for field in ["serviceAccountName", "nodeName"] {
            guard let name = spec[field]?.stringValue, !name.isEmpty else { continue }
            problems.invalid("\(path).\(field)", .string(name), Names.dnsSubdomain(name))
        }
        if let seconds = spec["activeDeadlineSeconds"]?.intValue, !(1...Int(Int32.max)).contains(seconds) {
            problems.invalid(
                "\(path).activeDeadlineSeconds", .int(Int64(seconds)), "must be between 1 and 2147483647, inclusive")
        }
        for field in ["hostname", "subdomain"] {
            guard let name = spec[field]?.stringValue, !name.isEmpty else { continue }
            problems.invalid("\(path).\(field)", .string(name), Names.dnsLabel(name))
        }
    }

    private static func volumes(
        _ volumes: [JSONValue], _ path: String, _ problems: inout FieldProblems
    ) -> Set<String> {
        var names: Set<String> = []
        for (index, volume) in volumes.enumerated() {
            let place = "\(path)[\(index)]"
            let name = volume["name"]?.stringValue ?? ""
            let sources = (volume.objectValue ?? [:]).keys.filter { $0 != "name" }.sorted()
            for source in sources.dropFirst() {
                problems.forbidden("\(place).\(source)", "may not specify more than 1 volume type")
            }
            if name.isEmpty {
                problems.required("\(place).name")
            } else {
                problems.invalid("\(place).name", .string(name), Names.dnsLabel(name))
            }
            if !name.isEmpty, !names.insert(name).inserted { problems.duplicate("\(place).name", .string(name)) }
        }
        return names
    }

    // MARK: - Changes

    private static let changeable =
        "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"

    /// Almost all of a pod is for ever: its images may change, tolerations may be added, gates taken away.
    private static func update(_ spec: JSONValue, _ old: JSONValue, _ problems: inout FieldProblems) {
        for list in ["containers", "initContainers"]
        where spec[list]?.arrayValue?.count ?? 0 != old[list]?.arrayValue?.count ?? 0 {
            problems.forbidden("spec.\(list)", "pod updates may not add or remove containers")
            return
        }
        let gates = old["schedulingGates"]?.arrayValue ?? []
        for (index, gate) in (spec["schedulingGates"]?.arrayValue ?? []).enumerated() where !gates.contains(gate) {
            problems.forbidden(
                "spec.schedulingGates[\(index)]", "only deletion is allowed, but found new scheduling gate")
        }
        var next = spec
        for list in ["containers", "initContainers"] {
            guard let before = old[list]?.arrayValue, let now = next[list]?.arrayValue else { continue }
            next[list] = .array(
                zip(now, before).map { container, old in
                    var copy = container
                    copy["image"] = old["image"]
                    return copy
                })
        }
        for field in ["activeDeadlineSeconds", "schedulingGates"] { next[field] = old[field] }
        let tolerations = next["tolerations"]?.arrayValue ?? []
        if (old["tolerations"]?.arrayValue ?? []).allSatisfy(tolerations.contains) {
            next["tolerations"] = old["tolerations"]
        } else {
            problems.forbidden(
                "spec.tolerations", "existing toleration can not be modified except its tolerationSeconds")
        }
        if !gates.isEmpty {
            next["nodeSelector"] = old["nodeSelector"]
            next.set(old[path: "affinity.nodeAffinity"], at: "affinity", "nodeAffinity")
        }
        if next != old { problems.forbidden("spec", changeable) }
    }
}
