import QuakeDecoding
import QuakeKube
import QuakeSim

/// Which fields of an object have an effect that the model leaves out.
enum NotModelled {
    /// Their paths, sorted; those with their usual or an empty value say nothing.
    static func fields(of object: JSONValue, _ kind: ResourceKind) -> [String] {
        var found: [String] = []
        visit(object, .named(kind.kind), "", &found)
        return found.sorted()
    }

    private static func visit(_ value: JSONValue, _ shape: FieldShape, _ path: String, _ found: inout [String]) {
        switch (shape, value) {
        case (.list(let element), .array(let elements)):
            for (index, inner) in elements.enumerated() { visit(inner, element, "\(path)[\(index)]", &found) }
        case (.map(let element), .object(let members)):
            for (name, inner) in members { visit(inner, element, "\(path).\(name)", &found) }
        case (.named(let type), .object(let members)):
            let isAgent = type == "Container" && Decode.isAgentImage(members["image"]?.stringValue ?? "")
            for (name, inner) in members {
                guard let field = FieldTable.types[type]?[name] else { continue }
                // The stand-in's program answers its own probe when it serves.
                if isAgent, name == "readinessProbe" { continue }
                judge(inner, field, path.isEmpty ? name : "\(path).\(name)", &found)
            }
        default: break
        }
    }

    private static func judge(_ value: JSONValue, _ field: Field, _ path: String, _ found: inout [String]) {
        switch field.effect {
        case .harmless: break
        case .modelled: visit(value, field.shape, path, &found)
        case .notModelled:
            if saysNothing(value) { return }
            if let usual = field.usual, value.stringValue == usual || value == .bool(usual == "true") { return }
            // A struct with nothing in it that counts says nothing either.
            found.append(path)
        }
    }

    private static func saysNothing(_ value: JSONValue) -> Bool {
        switch value {
        case .null, .bool(false), .int(0), .string(""): true
        case .array(let elements): elements.isEmpty
        case .object(let members): members.values.allSatisfy(saysNothing)
        default: false
        }
    }
}

/// What has been told of fields that are not modelled: once an object.
struct NotModelledLedger: Sendable {
    struct Entry: Sendable, Equatable {
        var kind: String
        var key: ObjectKey
        var fields: [String]
    }

    private(set) var entries: [Entry] = []
    private var told: [String: Set<String>] = [:]

    /// - Returns: the warning, if the object's writer has not been told all of it yet.
    mutating func note(_ fields: [String], kind: ResourceKind, key: ObjectKey, uid: String) -> String? {
        let news = Set(fields).subtracting(told[uid] ?? [])
        guard !news.isEmpty else { return nil }
        told[uid, default: []].formUnion(news)
        if let index = entries.firstIndex(where: { $0.kind == kind.kind && $0.key == key }) {
            entries[index].fields = Set(entries[index].fields).union(fields).sorted()
        } else {
            entries.append(Entry(kind: kind.kind, key: key, fields: fields))
        }
        return "not modelled by embedded clusters: \(news.sorted().joined(separator: ", "))"
    }

    var json: JSONValue {
        let items = entries.map { entry -> JSONValue in
            [
                "kind": .string(entry.kind), "namespace": .string(entry.key.namespace),
                "name": .string(entry.key.name), "fields": .array(entry.fields.map { .string($0) }),
            ]
        }
        return ["items": .array(items)]
    }
}
