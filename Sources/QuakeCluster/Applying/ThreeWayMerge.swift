package import QuakeKube

/// What `kubectl apply` will make of an object, where no server can be asked: what the manifest says, without what the last
/// manifest said and this one no longer does.
package enum ThreeWayMerge {
    /// kubectl keeps the manifest that it applied last there.
    package static let lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

    /// The manifest merged into the object that is there.
    package static func merged(_ manifest: JSONValue, into live: JSONValue) -> JSONValue {
        let last = live.annotations[lastApplied].flatMap { try? JSONValue(parsing: $0) }
        var result = merge(manifest, into: live, last: last, field: "")
        result.set(.string(record(of: manifest)), at: "metadata", "annotations", lastApplied)
        return result
    }

    private static func merge(_ new: JSONValue, into live: JSONValue, last: JSONValue?, field: String) -> JSONValue {
        switch (new, live) {
        case (.object(let members), .object):
            var result = live
            for (key, _) in last?.objectValue ?? [:] where members[key] == nil { result[key] = nil }
            for (key, value) in members {
                result[key] =
                    value.isNull ? nil : merge(value, into: result[key] ?? .null, last: last?[key], field: key)
            }
            return result
        case (.array(let elements), .array(let present)):
            return .array(merge(elements, into: present, last: last?.arrayValue ?? [], field: field))
        default: return new
        }
    }

    private static func merge(
        _ new: [JSONValue], into live: [JSONValue], last: [JSONValue], field: String
    ) -> [JSONValue] {
        guard let fields = ListIdentity.fields(of: field, [new, live]) else { return new }
        func same(_ a: JSONValue, _ b: JSONValue) -> Bool {
            ListIdentity.identity(of: a, by: fields).map { ListIdentity.matches(b, $0) } ?? false
        }
        let kept = live.filter { element in
            new.contains { same(element, $0) } || !last.contains { same(element, $0) }
        }
        let merged = kept.map { element -> JSONValue in
            guard let wanted = new.first(where: { same(element, $0) }) else { return element }
            return merge(wanted, into: element, last: last.first { same(element, $0) }, field: "")
        }
        return merged + new.filter { element in !kept.contains { same(element, $0) } }
    }

    /// As kubectl writes it: Go's JSON, which escapes what HTML gives a meaning to.
    private static func record(of manifest: JSONValue) -> String {
        var copy = manifest
        var annotations = manifest.metadata["annotations"]?.objectValue ?? [:]
        annotations[lastApplied] = nil
        copy.set(.object(annotations), at: "metadata", "annotations")
        let escaped = [("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")].reduce(copy.text()) {
            $0.replacing($1.0, with: $1.1)
        }
        return escaped + "\n"
    }
}
