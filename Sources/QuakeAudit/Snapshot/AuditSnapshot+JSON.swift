import FoundationEssentials
import QuakeKube

/// The form of `--save` and `--from`: JSON, keys sorted, so that two snapshots can be compared line by line.
///
///     {"apiVersion": "peerquake.dev/v1", "kind": "AuditSnapshot", "taken": "2026-11-29T18:00:00Z", "clusters": [
///       {"name": "east", "version": "v1.36.2", "lists": {
///         "nodes": {"items": […]}, "nodepools": {"notServed": true}, "leases": {"notReadable": "forbidden: …"}}}]}
extension AuditSnapshot {
    private static let apiVersion = "peerquake.dev/v1"
    private static let kind = "AuditSnapshot"

    /// The whole file, with a newline at its end.
    package var text: String {
        let value: JSONValue = [
            "apiVersion": .string(Self.apiVersion), "kind": .string(Self.kind),
            "taken": .string(taken.formatted(.iso8601)), "clusters": .array(clusters.map(\.json)),
        ]
        return value.text(pretty: true) + "\n"
    }

    /// - Parameter file: for messages.
    /// - Throws: ``AuditError`` that names the file and the place in it.
    package init(parsing text: [UInt8], file: String) throws(AuditError) {
        let value: JSONValue
        do throws(KubeError) {
            value = try JSONValue(parsing: text)
        } catch {
            throw AuditError(.snapshot, "\(file): \(error.message)")
        }
        func refuse(_ place: String, _ expected: String) -> AuditError {
            AuditError(.snapshot, "\(file): \(place): \(expected) is expected")
        }
        guard value.kind == Self.kind, value.apiVersion == Self.apiVersion else {
            throw refuse("kind and apiVersion", "\(Self.kind) of \(Self.apiVersion)")
        }
        guard let taken = value["taken"]?.stringValue.flatMap(Moment.date) else {
            throw refuse("taken", "a time as 2026-11-29T18:00:00Z")
        }
        guard let all = value["clusters"]?.arrayValue, !all.isEmpty else { throw refuse("clusters", "a list") }
        var clusters: [ClusterSnapshot] = []
        for (index, object) in all.enumerated() {
            guard let cluster = ClusterSnapshot(object) else {
                throw refuse("clusters.\(index)", "an object with name and lists, each list of a known kind")
            }
            guard !clusters.contains(where: { $0.name == cluster.name }) else {
                throw refuse("clusters.\(index).name", "a name that no other cluster has, not \(cluster.name),")
            }
            clusters.append(cluster)
        }
        self.init(taken: taken, clusters: clusters)
    }
}

extension ClusterSnapshot {
    fileprivate var json: JSONValue {
        var value: JSONValue = ["name": .string(name)]
        if let version { value["version"] = .string(version) }
        if let reach { value["reach"] = JSONValue(reach) }
        value["lists"] = .object(
            Dictionary(
                uniqueKeysWithValues: lists.map { resource, reading -> (String, JSONValue) in
                    switch reading {
                    case .items(let items): (resource.rawValue, ["items": .array(items)])
                    case .notServed: (resource.rawValue, ["notServed": true])
                    case .notReadable(let why): (resource.rawValue, ["notReadable": .string(why)])
                    }
                }))
        return value
    }

    fileprivate init?(_ object: JSONValue) {
        guard let name = object["name"]?.stringValue, !name.isEmpty, let lists = object["lists"]?.objectValue else {
            return nil
        }
        var readings: [AuditResource: Reading] = [:]
        for (key, value) in lists {
            guard let resource = AuditResource(rawValue: key) else { return nil }
            if let items = value["items"]?.arrayValue {
                readings[resource] = .items(
                    items.map { item in
                        var item = item
                        if item["kind"] == nil { item["kind"] = .string(resource.kind) }
                        return item
                    })
            } else if let why = value["notReadable"]?.stringValue {
                readings[resource] = .notReadable(why)
            } else if value["notServed"]?.boolValue == true {
                readings[resource] = .notServed
            } else {
                return nil
            }
        }
        self.init(
            name: name, version: object["version"]?.stringValue, lists: readings,
            reach: object["reach"].map(\.stringMembers))
    }
}

/// Points in time as Kubernetes writes them.
enum Moment {
    /// `nil` for what is no time of RFC 3339 in UTC.
    static func date(_ text: String) -> Date? { try? Date(text, strategy: .iso8601) }
}
