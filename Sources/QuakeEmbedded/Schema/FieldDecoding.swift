import QuakeKube

/// Decoding a body as the API server's Go types do: the first value of a wrong type refuses it.
enum FieldDecoding {
    /// - Returns: the server's words for the first value that does not fit; `nil` if all do.
    static func problem(of value: JSONValue, as kind: String) -> String? {
        problem(value, .named(kind), Place(type: kind, path: ""))
    }

    private struct Place {
        /// The Go struct that holds the field, and the field's path without indices.
        var type: String
        var path: String
        var isRoot: Bool { path.isEmpty }
    }

    private static func problem(_ value: JSONValue, _ shape: FieldShape, _ place: Place) -> String? {
        if value.isNull { return nil }
        switch shape {
        case .any: return nil
        case .string: return value.stringValue == nil ? mismatch(value, "string", place) : nil
        case .bool: return value.boolValue == nil ? mismatch(value, "bool", place) : nil
        case .double: return value.doubleValue == nil ? mismatch(value, "float64", place) : nil
        case .int32: return integer(value, "int32", Int64(Int32.min)...Int64(Int32.max), place)
        case .int64: return integer(value, "int64", Int64.min...Int64.max, place)
        case .intOrString:
            if value.stringValue != nil { return nil }
            return integer(value, "int32", Int64(Int32.min)...Int64(Int32.max), place)
        case .quantity: return Quantity(value) == nil ? Quantity.problem : nil
        case .time: return time(value, place)
        case .bytes: return bytes(value, place)
        case .list(let element):
            guard let elements = value.arrayValue else { return mismatch(value, goName(shape), place) }
            return elements.lazy.compactMap { problem($0, element, place) }.first
        case .map(let element):
            guard let members = value.objectValue else { return mismatch(value, goName(shape), place) }
            return members.sorted { $0.key < $1.key }.lazy.compactMap { problem($0.value, element, place) }.first
        case .named(let type):
            guard let members = value.objectValue else { return mismatch(value, goName(shape), place) }
            return members.sorted { $0.key < $1.key }.lazy.compactMap { name, member -> String? in
                guard let field = FieldTable.types[type]?[name] else { return nil }
                return problem(
                    member, field.shape, Place(type: type, path: place.isRoot ? name : "\(place.path).\(name)"))
            }.first
        case .members: return nil
        }
    }

    private static func integer(
        _ value: JSONValue, _ type: String, _ range: ClosedRange<Int64>, _ place: Place
    ) -> String? {
        switch value {
        case .int(let number) where range.contains(number): nil
        case .int(let number): mismatch("number \(number)", type, place)
        case .double(let number): mismatch("number \(number)", type, place)
        default: mismatch(value, type, place)
        }
    }

    private static func time(_ value: JSONValue, _ place: Place) -> String? {
        guard let text = value.stringValue else { return mismatch(value, "string", place) }
        let isMicro = place.type == "LeaseSpec"
        let layout = isMicro ? "2006-01-02T15:04:05.000000Z07:00" : "2006-01-02T15:04:05Z07:00"
        return Timestamp.isRFC3339(text)
            ? nil : "parsing time \"\(text)\" as \"\(layout)\": cannot parse \"\(text)\" as \"2006\""
    }

    private static func bytes(_ value: JSONValue, _ place: Place) -> String? {
        guard let text = value.stringValue else { return mismatch(value, "[]uint8", place) }
        return GoBase64.problem(of: text).map { "illegal base64 data at input byte \($0.goOffset)" }
    }

    private static func mismatch(_ value: JSONValue, _ type: String, _ place: Place) -> String {
        let found =
            switch value {
            case .null: "null"
            case .bool: "bool"
            case .int, .double: "number"
            case .string: "string"
            case .array: "array"
            case .object: "object"
            }
        return mismatch(found, type, place)
    }

    private static func mismatch(_ found: String, _ type: String, _ place: Place) -> String {
        let target = place.isRoot ? "Go value" : "Go struct field \(place.type).\(place.path)"
        return "json: cannot unmarshal \(found) into \(target) of type \(type)"
    }

    private static func goName(_ shape: FieldShape) -> String {
        switch shape {
        case .list(let element): "[]\(goName(element))"
        case .map(let element): "map[string]\(goName(element))"
        case .named(let type): "v1.\(type)"
        case .quantity: "resource.Quantity"
        case .bytes: "[]uint8"
        case .bool: "bool"
        case .int32: "int32"
        case .int64: "int64"
        default: "string"
        }
    }

    /// Without nulls, which mean the same as nothing, and without the fields that no type has.
    static func pruned(_ value: JSONValue, _ shape: FieldShape) -> JSONValue {
        switch (shape, value) {
        case (.list(let element), .array(let elements)): return .array(elements.map { pruned($0, element) })
        case (.map(let element), .object(let members)):
            return .object(members.filter { !$0.value.isNull }.mapValues { pruned($0, element) })
        case (.named, .object(let members)), (.members, .object(let members)):
            var kept: [String: JSONValue] = [:]
            for (name, member) in members where !member.isNull {
                if let inner = FieldTable.member(name, of: shape) { kept[name] = pruned(member, inner) }
            }
            return .object(kept)
        default: return value
        }
    }
}

/// A resource quantity: `500m`, `1Gi`, `2`.
struct Quantity: Sendable, Comparable {
    static let problem =
        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"

    var value: Double
    var text: String

    private static let scales: [String: Double] = [
        "": 1, "n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18,
        "Ki": 1024, "Mi": 1_048_576, "Gi": 1_073_741_824, "Ti": 1_099_511_627_776, "Pi": 1_125_899_906_842_624,
        "Ei": 1_152_921_504_606_846_976,
    ]

    init?(_ json: JSONValue) {
        switch json {
        case .int(let number): self.init(String(number))
        case .double(let number): self.init(String(number))
        case .string(let text): self.init(text)
        default: return nil
        }
    }

    init?(_ text: String) {
        let split = text.firstIndex { !"+-.0123456789".contains($0) } ?? text.endIndex
        guard let number = Double(text[..<split]) else { return nil }
        let suffix = String(text[split...])
        if let scale = Self.scales[suffix] {
            value = number * scale
        } else if suffix.first == "e" || suffix.first == "E", let exponent = Double(text) {
            value = exponent
        } else {
            return nil
        }
        self.text = text
    }

    static func < (a: Quantity, b: Quantity) -> Bool { a.value < b.value }
    static func == (a: Quantity, b: Quantity) -> Bool { a.value == b.value }
}

extension Timestamp {
    /// `2026-01-02T03:04:05Z`, with or without a fraction and an offset.
    static func isRFC3339(_ text: String) -> Bool {
        text.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)/) != nil
    }
}
