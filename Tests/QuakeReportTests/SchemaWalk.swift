import Foundation

/// Values held against a JSON Schema, key by key and both ways. It follows `$ref` into `$defs`, `properties`, `items` and
/// `additionalProperties`, and looks at `enum` and `const`.
struct SchemaWalk {
    /// A schema with `properties`, where it stands.
    private struct Place {
        var properties: Set<String>
        var required: Set<String>
        var seen: Set<String> = []
        /// In every object there so far; `nil` before the first one.
        var always: Set<String>?
    }

    private let root: [String: Any]
    private var places: [String: Place] = [:]
    /// What values hold that the schema does not describe.
    private var foreign: Set<String> = []

    init(_ root: [String: Any]) {
        self.root = root
        declare(root, "summit")
        for (name, schema) in root["$defs"] as? [String: Any] ?? [:] { declare(schema, "#/$defs/\(name)") }
    }

    private mutating func declare(_ schema: Any, _ place: String) {
        guard let schema = schema as? [String: Any] else { return }
        if let properties = schema["properties"] as? [String: Any] {
            places[place] = Place(
                properties: Set(properties.keys), required: Set(schema["required"] as? [String] ?? []))
            for (name, inner) in properties { declare(inner, "\(place)/\(name)") }
        }
        if let items = schema["items"] { declare(items, "\(place)[]") }
        if let rest = schema["additionalProperties"] { declare(rest, "\(place)/*") }
    }

    /// One more whole value.
    mutating func add(_ value: Any) { look(value, root, "summit") }

    /// Where values and schema differ; empty where they agree.
    var differences: [String] {
        var found = foreign.sorted()
        for (name, place) in places.sorted(by: { $0.key < $1.key }) {
            found += place.properties.subtracting(place.seen).sorted().map { "\(name): nothing writes \($0)" }
            guard let always = place.always else { continue }
            found += place.required.subtracting(always).sorted().map { "\(name): \($0) is required, and may be absent" }
            found += always.subtracting(place.required).sorted().map { "\(name): \($0) is always there, not required" }
        }
        return found
    }

    private mutating func look(_ value: Any, _ schema: [String: Any], _ place: String) {
        if let reference = schema["$ref"] as? String {
            let name = String(reference.dropFirst("#/$defs/".count))
            guard let target = (root["$defs"] as? [String: Any])?[name] as? [String: Any] else {
                foreign.insert("\(place): no \(reference)")
                return
            }
            return look(value, target, reference)
        }
        if let object = value as? [String: Any] {
            look(object: object, schema, place)
        } else if let list = value as? [Any] {
            guard let items = schema["items"] as? [String: Any] else {
                foreign.insert("\(place): a list")
                return
            }
            for item in list { look(item, items, "\(place)[]") }
        } else {
            guard let allowed = schema["enum"] as? [Any] ?? schema["const"].map({ [$0] }) else { return }
            if !allowed.contains(where: { "\($0)" == "\(value)" }) { foreign.insert("\(place): \(value)") }
        }
    }

    private mutating func look(object: [String: Any], _ schema: [String: Any], _ place: String) {
        let properties = schema["properties"] as? [String: Any] ?? [:]
        if var known = places[place] {
            known.seen.formUnion(object.keys)
            known.always = known.always?.intersection(object.keys) ?? Set(object.keys)
            places[place] = known
        }
        for (key, inner) in object {
            if let own = properties[key] as? [String: Any] {
                look(inner, own, "\(place)/\(key)")
            } else if let rest = schema["additionalProperties"] as? [String: Any] {
                look(inner, rest, "\(place)/*")
            } else {
                foreign.insert("\(place): \(key) is written and not described")
            }
        }
    }
}

/// Properties that no value of their type fills, as `Type.name`: an encoder may write keys that such values do not show.
struct FilledProperties {
    private var filled: [String: Bool] = [:]

    var empty: [String] { filled.filter { !$0.value }.keys.sorted() }

    mutating func add(_ value: Any) {
        let mirror = Mirror(reflecting: value)
        switch mirror.displayStyle {
        case .struct:
            for child in mirror.children {
                let name = "\(mirror.subjectType).\(child.label ?? "")"
                filled[name] = Self.isFilled(child.value) || filled[name] == true
                add(child.value)
            }
        case .optional, .collection, .dictionary, .set, .tuple: for child in mirror.children { add(child.value) }
        default: break
        }
    }

    private static func isFilled(_ value: Any) -> Bool {
        let mirror = Mirror(reflecting: value)
        return switch mirror.displayStyle {
        case .optional, .collection, .dictionary, .set: !mirror.children.isEmpty
        default: true
        }
    }
}
