package import QuakeKube

/// One step from a value of an object to a value in it.
package enum FieldStep: Sendable, Hashable {
    case member(String)
    /// The element of a list whose fields have these values.
    case element([String: JSONValue])
    /// The order of a list whose elements are known by such fields.
    case order
}

extension FieldStep: Codable {
    /// A member is a text, an element a mapping, an order `true`.
    package init(from decoder: any Decoder) throws {
        switch try JSONValue(from: decoder) {
        case .string(let name): self = .member(name)
        case .object(let identity): self = .element(identity)
        case .bool(true): self = .order
        default:
            throw DecodingError.dataCorrupted(
                DecodingError.Context(codingPath: decoder.codingPath, debugDescription: "no step of a field's path"))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        switch self {
        case .member(let name): try JSONValue.string(name).encode(to: encoder)
        case .element(let identity): try JSONValue.object(identity).encode(to: encoder)
        case .order: try JSONValue.bool(true).encode(to: encoder)
        }
    }
}

/// A field that a call has changed. Absent and `null` are the same, as they are to the API server.
package struct FieldChange: Sendable, Codable, Equatable {
    package var path: [FieldStep]
    /// `nil` where it was absent.
    package var before: JSONValue?
    /// `nil` where it is absent since.
    package var after: JSONValue?

    package init(_ path: [FieldStep], before: JSONValue?, after: JSONValue?) {
        self.path = path
        self.before = before
        self.after = after
    }

    /// `spec.template.spec.containers[name=web].image`.
    package var words: String {
        path.reduce("") { text, step in
            switch step {
            case .member(let name):
                name.contains(".") ? "\(text)[\"\(name)\"]" : text.isEmpty ? name : "\(text).\(name)"
            case .element(let identity):
                "\(text)[\(identity.sorted { $0.key < $1.key }.map { "\($0.key)=\(Self.plain($0.value))" }.joined(separator: ","))]"
            case .order: "the order of \(text)"
            }
        }
    }

    private static func plain(_ value: JSONValue) -> String { value.stringValue ?? value.text() }

    /// A container that came with what the call put into it: it goes when it is empty, and stays without a word where others
    /// have put something into it.
    var isContainer: Bool { before == nil && (after == [:] || after == []) }
}

/// By which fields the elements of a list are known.
enum ListIdentity {
    private static let candidates: [String: [[String]]] = [
        "volumeMounts": [["mountPath"]], "volumeDevices": [["devicePath"]], "hostAliases": [["ip"]],
        "ownerReferences": [["uid"]], "topologySpreadConstraints": [["topologyKey", "whenUnsatisfiable"]],
        "ports": [
            ["containerPort"], ["containerPort", "protocol"], ["port"], ["port", "protocol"], ["name"],
        ],
    ]

    /// The first fields that every element of all these lists has, and that tell all elements of each list apart; `nil`
    /// where the list is to be taken as a whole.
    static func fields(of list: String, _ lists: [[JSONValue]]) -> [String]? {
        guard lists.contains(where: { !$0.isEmpty }) else { return nil }
        return (candidates[list] ?? [["name"]]).first { fields in
            lists.allSatisfy { elements in
                let known = elements.compactMap { identity(of: $0, by: fields) }
                return known.count == elements.count && Set(known).count == known.count
            }
        }
    }

    /// - Returns: `nil` for an element that lacks one of the fields, or has no plain value there.
    static func identity(of element: JSONValue, by fields: [String]) -> [String: JSONValue]? {
        var found: [String: JSONValue] = [:]
        for field in fields {
            guard let value = element[field], !value.isNull, value.objectValue == nil, value.arrayValue == nil else {
                return nil
            }
            found[field] = value
        }
        return found
    }

    static func matches(_ element: JSONValue, _ identity: [String: JSONValue]) -> Bool {
        identity.allSatisfy { element[$0.key] == $0.value }
    }
}

extension JSONValue {
    /// `nil` for `null`.
    var present: JSONValue? { isNull ? nil : self }
}
