package import QuakeKube
package import QuakeSim

/// Where a pod may run, out of its spec.
extension Decode {
    private static let required = "requiredDuringSchedulingIgnoredDuringExecution"
    private static let preferred = "preferredDuringSchedulingIgnoredDuringExecution"

    /// Terms of pod affinity or anti-affinity.
    package static func podTerms(_ rules: JSONValue?) -> [PodTerm] {
        (rules?[required]?.arrayValue ?? []).map { podTerm($0, weight: nil) }
            + (rules?[preferred]?.arrayValue ?? []).map {
                podTerm($0["podAffinityTerm"] ?? .null, weight: $0["weight"]?.intValue ?? 1)
            }
    }

    private static func podTerm(_ term: JSONValue, weight: Int?) -> PodTerm {
        PodTerm(
            selector(term["labelSelector"]), topologyKey: term["topologyKey"]?.stringValue ?? "", weight: weight,
            namespaces: words(term["namespaces"]),
            namespaceSelector: term["namespaceSelector"].map { LabelSelector(json: $0) },
            matchLabelKeys: words(term["matchLabelKeys"]), mismatchLabelKeys: words(term["mismatchLabelKeys"]))
    }

    /// One that is not there selects nothing.
    private static func selector(_ json: JSONValue?) -> LabelSelector {
        json.map { LabelSelector(json: $0) } ?? .nothing
    }

    private static func words(_ json: JSONValue?) -> [String] { json?.arrayValue?.compactMap(\.stringValue) ?? [] }

    /// What decides where a pod may run beyond its node selector, required node affinity and anti-affinity.
    package static func placement(_ spec: JSONValue, _ containers: [JSONValue]) -> Placement {
        var placement = Placement()
        placement.affinity = podTerms(spec[path: "affinity.podAffinity"])
        placement.spread = (spec["topologySpreadConstraints"]?.arrayValue ?? []).map(spreadConstraint)
        placement.nodePreferences = (spec[path: "affinity.nodeAffinity.\(preferred)"]?.arrayValue ?? []).map { term in
            let expressions = term[path: "preference.matchExpressions"]?.arrayValue ?? []
            return NodePreference(
                expressions.compactMap(Requirement.init(json:)), weight: term["weight"]?.intValue ?? 1)
        }
        placement.hostPorts = containers.flatMap { $0["ports"]?.arrayValue ?? [] }.compactMap(hostPort)
        placement.nodeNames = nodeNames(spec)
        placement.isGated = !(spec["schedulingGates"]?.arrayValue ?? []).isEmpty
        return placement
    }

    private static func spreadConstraint(_ json: JSONValue) -> SpreadConstraint {
        SpreadConstraint(
            selector(json["labelSelector"]), topologyKey: json["topologyKey"]?.stringValue ?? "",
            maxSkew: json["maxSkew"]?.intValue ?? 1, isRequired: json["whenUnsatisfiable"] == "DoNotSchedule",
            minDomains: json["minDomains"]?.intValue ?? 1,
            honoursAffinity: json["nodeAffinityPolicy"]?.stringValue ?? "Honor" == "Honor",
            honoursTaints: json["nodeTaintsPolicy"]?.stringValue == "Honor",
            matchLabelKeys: words(json["matchLabelKeys"]))
    }

    private static func hostPort(_ port: JSONValue) -> HostPort? {
        guard let number = port["hostPort"]?.intValue, number > 0 else { return nil }
        return HostPort(
            address: port["hostIP"]?.stringValue ?? "", protocol: port["protocol"]?.stringValue ?? "TCP", port: number)
    }

    /// `matchFields` of required node affinity: names, if every term names some.
    private static func nodeNames(_ spec: JSONValue) -> Set<String>? {
        let terms = spec[path: "affinity.nodeAffinity.\(required).nodeSelectorTerms"]?.arrayValue ?? []
        let names = terms.map { term in
            (term["matchFields"]?.arrayValue ?? []).filter { $0["operator"] == "In" }.flatMap { words($0["values"]) }
        }
        guard !names.isEmpty, names.allSatisfy({ !$0.isEmpty }) else { return nil }
        return Set(names.flatMap { $0 })
    }
}
