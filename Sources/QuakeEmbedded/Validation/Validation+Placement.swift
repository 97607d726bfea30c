import QuakeKube

extension Validation {
    // MARK: - Affinity

    static func affinity(_ affinity: JSONValue, _ path: String, _ problems: inout FieldProblems) {
        nodeAffinity(affinity["nodeAffinity"] ?? [:], "\(path).nodeAffinity", &problems)
        for name in ["podAffinity", "podAntiAffinity"] {
            guard let rules = affinity[name] else { continue }
            let required = "requiredDuringSchedulingIgnoredDuringExecution"
            for (index, term) in (rules[required]?.arrayValue ?? []).enumerated() {
                podTerm(term, "\(path).\(name).\(required)[\(index)]", &problems)
            }
            let preferred = "preferredDuringSchedulingIgnoredDuringExecution"
            for (index, term) in (rules[preferred]?.arrayValue ?? []).enumerated() {
                let place = "\(path).\(name).\(preferred)[\(index)]"
                weight(term, place, &problems)
                podTerm(term["podAffinityTerm"] ?? [:], "\(place).podAffinityTerm", &problems)
            }
        }
    }

    private static func weight(_ term: JSONValue, _ place: String, _ problems: inout FieldProblems) {
        if !(1...100).contains(term["weight"]?.intValue ?? 0) {
            problems.invalid("\(place).weight", term["weight"] ?? 0, "must be in the range 1-100")
        }
    }

    private static func podTerm(_ term: JSONValue, _ place: String, _ problems: inout FieldProblems) {
        labelSelector(term["labelSelector"], "\(place).labelSelector", &problems)
        labelSelector(term["namespaceSelector"], "\(place).namespaceSelector", &problems)
        for name in term["namespaces"]?.arrayValue ?? [] {
            problems.invalid("\(place).namespace", name, Names.dnsLabel(name.stringValue ?? ""))
        }
        labelKeys(term, place, &problems)
        let key = term["topologyKey"]?.stringValue ?? ""
        if key.isEmpty { problems.required("\(place).topologyKey", "can not be empty") }
        problems.invalid("\(place).topologyKey", .string(key), Names.qualified(key))
    }

    private static func labelKeys(_ term: JSONValue, _ place: String, _ problems: inout FieldProblems) {
        for list in ["matchLabelKeys", "mismatchLabelKeys"] {
            for (index, key) in (term[list]?.arrayValue ?? []).enumerated() {
                problems.invalid("\(place).\(list)[\(index)]", key, Names.qualified(key.stringValue ?? ""))
                if term["labelSelector"] == nil {
                    problems.forbidden("\(place).\(list)", "must not be specified when labelSelector is not set")
                }
            }
        }
    }

    private static func nodeAffinity(_ rules: JSONValue, _ path: String, _ problems: inout FieldProblems) {
        let required = "requiredDuringSchedulingIgnoredDuringExecution"
        if let selector = rules[required] {
            let terms = selector["nodeSelectorTerms"]?.arrayValue ?? []
            if terms.isEmpty {
                problems.required(
                    "\(path).\(required).nodeSelectorTerms", "must have at least one node selector term")
            }
            for (index, term) in terms.enumerated() {
                nodeTerm(term, "\(path).\(required).nodeSelectorTerms[\(index)]", &problems)
            }
        }
        let preferred = "preferredDuringSchedulingIgnoredDuringExecution"
        for (index, term) in (rules[preferred]?.arrayValue ?? []).enumerated() {
            let place = "\(path).\(preferred)[\(index)]"
            weight(term, place, &problems)
            nodeTerm(term["preference"] ?? [:], "\(place).preference", &problems)
        }
    }

    private static func nodeTerm(_ term: JSONValue, _ place: String, _ problems: inout FieldProblems) {
        for (index, expression) in (term["matchExpressions"]?.arrayValue ?? []).enumerated() {
            nodeRequirement(expression, "\(place).matchExpressions[\(index)]", &problems)
        }
        for (index, field) in (term["matchFields"]?.arrayValue ?? []).enumerated() {
            let place = "\(place).matchFields[\(index)]"
            if !["In", "NotIn"].contains(field["operator"]?.stringValue ?? "") {
                problems.invalid("\(place).operator", field["operator"] ?? "", "not a valid selector operator")
            } else if field["values"]?.arrayValue?.count != 1 {
                problems.required(
                    "\(place).values",
                    "must be only one value when `operator` is 'In' or 'NotIn' for node field selector")
            }
            if field["key"]?.stringValue != "metadata.name" {
                problems.invalid("\(place).key", field["key"] ?? "", "not a valid field selector key")
            }
        }
    }

    private static func nodeRequirement(_ expression: JSONValue, _ place: String, _ problems: inout FieldProblems) {
        let values = expression["values"]?.arrayValue ?? []
        if ["Gt", "Lt"].contains(expression["operator"]?.stringValue ?? "") {
            if values.count != 1 {
                problems.required(
                    "\(place).values", "must be specified single value when `operator` is 'Lt' or 'Gt'")
            }
        } else {
            operands(expression, values, place, ["In", "NotIn"], ["Exists", "DoesNotExist"], &problems)
        }
        let key = expression["key"]?.stringValue ?? ""
        problems.invalid("\(place).key", .string(key), Names.qualified(key))
        for (index, value) in values.enumerated() {
            problems.invalid("\(place).values[\(index)]", value, Names.value(value.stringValue ?? ""))
        }
    }

    // MARK: - Spread

    static func spread(_ constraints: [JSONValue], _ path: String, _ problems: inout FieldProblems) {
        for (index, constraint) in constraints.enumerated() {
            let place = "\(path)[\(index)]"
            let key = constraint["topologyKey"]?.stringValue ?? ""
            let action = constraint["whenUnsatisfiable"]?.stringValue ?? ""
            problems.positive("\(place).maxSkew", constraint["maxSkew"])
            if key.isEmpty { problems.required("\(place).topologyKey", "can not be empty") }
            problems.oneOf(
                "\(place).whenUnsatisfiable", constraint["whenUnsatisfiable"], ["DoNotSchedule", "ScheduleAnyway"])
            let isRepeated = constraints.dropFirst(index + 1).contains {
                $0["topologyKey"]?.stringValue ?? "" == key && $0["whenUnsatisfiable"]?.stringValue ?? "" == action
            }
            if isRepeated {
                problems.duplicate("\(place).{topologyKey, whenUnsatisfiable}", .string("{\(key), \(action)}"))
            }
            minDomains(constraint, action, place, &problems)
            for policy in ["nodeAffinityPolicy", "nodeTaintsPolicy"] {
                guard let value = constraint[policy] else { continue }
                problems.oneOf("\(place).\(policy)", value, ["Honor", "Ignore"])
            }
            labelKeys(constraint, place, &problems)
            labelSelector(constraint["labelSelector"], "\(place).labelSelector", &problems)
        }
    }

    private static func minDomains(
        _ constraint: JSONValue, _ action: String, _ place: String, _ problems: inout FieldProblems
    ) {
        guard let least = constraint["minDomains"] else { return }
        problems.positive("\(place).minDomains", least)
        if action != "DoNotSchedule" {
            problems.invalid(
                "\(place).minDomains", least,
                "can only use minDomains if whenUnsatisfiable=DoNotSchedule, not \(action)")
        }
    }

    // MARK: - Taints and tolerations

    static let effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"]

    static func tolerations(_ tolerations: [JSONValue], _ path: String, _ problems: inout FieldProblems) {
        for (index, toleration) in tolerations.enumerated() {
            let place = "\(path)[\(index)]"
            let key = toleration["key"]?.stringValue ?? ""
            let kind = toleration["operator"]?.stringValue ?? ""
            let effect = toleration["effect"]?.stringValue ?? ""
            if !key.isEmpty { problems.invalid("\(place).key", .string(key), Names.qualified(key)) }
            if key.isEmpty, kind != "Exists" {
                problems.invalid(
                    "\(place).operator", .string(kind),
                    "operator must be Exists when `key` is empty, which means \"match all values and all keys\"")
            }
            if toleration["tolerationSeconds"] != nil, effect != "NoExecute" {
                problems.invalid(
                    "\(place).effect", .string(effect), "effect must be 'NoExecute' when `tolerationSeconds` is set")
            }
            self.value(toleration["value"]?.stringValue ?? "", kind, place, &problems)
            if !effect.isEmpty { problems.oneOf("\(place).effect", .string(effect), effects) }
        }
    }

    private static func value(_ value: String, _ kind: String, _ place: String, _ problems: inout FieldProblems) {
        switch kind {
        case "Equal", "":
            let wrong = Names.value(value)
            if !wrong.isEmpty {
                problems.invalid("\(place).operator", .string(value), wrong.joined(separator: ";"))
            }
        case "Exists":
            guard !value.isEmpty else { return }
            problems.invalid(
                "\(place).operator", .string(value), "value must be empty when `operator` is 'Exists'")
        default: problems.notSupported("\(place).operator", .string(kind), ["Equal", "Exists"])
        }
    }

    static func taints(_ taints: [JSONValue], _ path: String, _ problems: inout FieldProblems) {
        var seen: Set<String> = []
        for (index, taint) in taints.enumerated() {
            let place = "\(path)[\(index)]"
            let key = taint["key"]?.stringValue ?? ""
            let effect = taint["effect"]?.stringValue ?? ""
            problems.invalid("\(place).key", .string(key), Names.qualified(key))
            let wrong = Names.value(taint["value"]?.stringValue ?? "")
            if !wrong.isEmpty { problems.invalid("\(place).value", taint["value"], wrong.joined(separator: ";")) }
            if effect.isEmpty {
                problems.required("\(place).effect")
            } else {
                problems.oneOf("\(place).effect", .string(effect), effects)
            }
            if !seen.insert("\(effect)/\(key)").inserted {
                let shown: JSONValue = [
                    "Key": .string(key), "Value": taint["value"] ?? "", "Effect": .string(effect), "TimeAdded": .null,
                ]
                problems.add(
                    place, .duplicate, "Duplicate value: \(shown.text())",
                    "taints must be unique by key and effect pair")
            }
        }
    }
}
