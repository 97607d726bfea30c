import QuakeKube

/// What an API server says of itself. Aggregated discovery is left out: clients fall back to these.
enum Discovery {
    /// - Parameter version: `v1.36.2`.
    static func version(_ version: String) -> JSONValue {
        let numbers = version.drop { $0 == "v" }.split(separator: ".").map(String.init)
        return [
            "major": .string(numbers.first ?? ""), "minor": .string(numbers.dropFirst().first ?? ""),
            "gitVersion": .string(version), "gitCommit": "0000000000000000000000000000000000000000",
            "gitTreeState": "clean", "buildDate": "2026-07-01T00:00:00Z", "goVersion": "go1.26.10", "compiler": "gc",
            "platform": "linux/amd64",
        ]
    }

    static func versions(server: String) -> JSONValue {
        [
            "kind": "APIVersions", "versions": ["v1"],
            "serverAddressByClientCIDRs": [["clientCIDR": "0.0.0.0/0", "serverAddress": .string(server)]],
        ]
    }

    static let groups: JSONValue = {
        var first: [ResourceKind] = []
        for kind in ResourceKind.all where !kind.group.isEmpty && !first.contains(where: { $0.group == kind.group }) {
            first.append(kind)
        }
        let groups = first.map { kind -> JSONValue in
            let version: JSONValue = ["groupVersion": .string(kind.apiVersion), "version": .string(kind.version)]
            return ["name": .string(kind.group), "versions": [version], "preferredVersion": version]
        }
        return ["kind": "APIGroupList", "apiVersion": "v1", "groups": .array(groups)]
    }()

    private static let verbs: JSONValue = [
        "create", "delete", "deletecollection", "get", "list", "patch", "update", "watch",
    ]

    /// The resources of a group version; `nil` for one that is not served.
    static func resources(group: String, version: String) -> JSONValue? {
        let kinds = ResourceKind.all.filter { $0.group == group && $0.version == version }
        guard let first = kinds.first else { return nil }
        return [
            "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": .string(first.apiVersion),
            "resources": .array(kinds.flatMap(entries)),
        ]
    }

    private static func entries(_ kind: ResourceKind) -> [JSONValue] {
        var main: JSONValue = [
            "name": .string(kind.resource), "singularName": .string(kind.singular),
            "namespaced": .bool(kind.namespaced), "kind": .string(kind.kind), "verbs": verbs,
        ]
        if !kind.shortNames.isEmpty { main["shortNames"] = .array(kind.shortNames.map { .string($0) }) }
        if !kind.categories.isEmpty { main["categories"] = .array(kind.categories.map { .string($0) }) }
        return [main] + kind.subresources.map { subresource(kind, $0) }
    }

    private static func subresource(_ kind: ResourceKind, _ name: String) -> JSONValue {
        var entry: JSONValue = [
            "name": .string("\(kind.resource)/\(name)"), "singularName": "", "namespaced": .bool(kind.namespaced),
            "kind": .string(kind.kind), "verbs": ["get", "patch", "update"],
        ]
        switch name {
        case "eviction":
            // Without group and version, kubectl silently deletes in place of evicting.
            entry = Patch.merge(
                ["group": "policy", "version": "v1", "kind": "Eviction", "verbs": ["create"]], into: entry)
        case "scale":
            entry = Patch.merge(["group": "autoscaling", "version": "v1", "kind": "Scale"], into: entry)
        case "proxy":
            entry = Patch.merge(
                ["kind": "PodProxyOptions", "verbs": ["create", "delete", "get", "update"]], into: entry)
        default: break
        }
        return entry
    }
}
