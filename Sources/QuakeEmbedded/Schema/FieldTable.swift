/// What a field of the API does to an embedded cluster.
enum FieldEffect: Character, Sendable, CaseIterable {
    /// The model does what a real cluster does.
    case modelled = "+"
    /// It has no effect that a test of peering could see.
    case harmless = "."
    /// It has an effect that the model leaves out: whoever sets it is told.
    case notModelled = "!"
}

/// The shape of a value, as far as decoding and the search for unknown fields need it.
indirect enum FieldShape: Sendable {
    case string, int32, int64, double, bool, quantity, intOrString, time, bytes
    /// Anything: nothing in it is unknown.
    case any
    case list(FieldShape)
    case map(FieldShape)
    /// A type of ``FieldTable``.
    case named(String)
    /// Of a custom resource's definition.
    case members([String: FieldShape])
}

/// One field of a type.
struct Field: Sendable {
    var effect: FieldEffect
    var shape: FieldShape
    /// The value that every cluster gives it; it says nothing then.
    var usual: String?
}

/// Every field of every kind that is served, of Karpenter's and of the Gateway API's, with its shape and its effect here.
///
/// The types and fields are those of Kubernetes 1.36's OpenAPI document. In the text a type's name stands alone on its
/// line; its fields follow, each as NAME, effect (``FieldEffect``), shape and, where it has one, `=` and its usual value.
/// Shapes are `[]` for a list of, `{}` for a map of, a word for a plain value, else the name of a type.
enum FieldTable {
    static let types: [String: [String: Field]] = {
        var types: [String: [String: Field]] = [:]
        var type = ""
        for line in (partA + "\n" + partB + "\n" + partC).split(separator: "\n") {
            guard line.hasPrefix(" ") else {
                type = String(line)
                types[type] = [:]
                continue
            }
            for word in line.split(separator: " ") {
                if let (name, field) = parse(word) { types[type]?[name] = field }
            }
        }
        return types
    }()

    private static func parse(_ word: Substring) -> (String, Field)? {
        let marks = FieldEffect.allCases.map(\.rawValue)
        guard let mark = word.firstIndex(where: marks.contains), let effect = FieldEffect(rawValue: word[mark]) else {
            return nil
        }
        let parts = word[word.index(after: mark)...].split(separator: "=", maxSplits: 1)
        return (
            String(word[..<mark]),
            Field(effect: effect, shape: shape(parts[0]), usual: parts.count > 1 ? String(parts[1]) : nil)
        )
    }

    private static func shape(_ text: Substring) -> FieldShape {
        if text.hasPrefix("[]") { return .list(shape(text.dropFirst(2))) }
        if text.hasPrefix("{}") { return .map(shape(text.dropFirst(2))) }
        switch text {
        case "string": return .string
        case "int32": return .int32
        case "int64": return .int64
        case "double": return .double
        case "bool": return .bool
        case "quantity": return .quantity
        case "intstr": return .intOrString
        case "time": return .time
        case "bytes": return .bytes
        case "any": return .any
        default: return .named(String(text))
        }
    }

    /// The shape of a member; `nil` where there is none of that name.
    static func member(_ name: String, of shape: FieldShape) -> FieldShape? {
        switch shape {
        case .named(let type): types[type]?[name]?.shape
        case .members(let members): members[name]
        case .map(let value): value
        default: .any
        }
    }
}
