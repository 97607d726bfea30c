import QuakeKube

/// The fields of a body that strict decoding objects to: unknown ones, and those that stand twice, in the order of the
/// text. The body is known to be JSON.
struct StrictFields {
    private let bytes: [UInt8]
    private var position = 0
    private var found: [String] = []

    /// - Returns: `unknown field "spec.foo"`, `duplicate field "spec.replicas"`, each once.
    static func problems(of bytes: [UInt8], as shape: FieldShape) -> [String] {
        var reader = StrictFields(bytes: bytes)
        reader.value(shape, "")
        return reader.found
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private mutating func note(_ text: String) {
        if !found.contains(text) { found.append(text) }
    }

    private mutating func space() {
        while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
    }

    private mutating func value(_ shape: FieldShape?, _ path: String) {
        space()
        guard position < bytes.count else { return }
        switch bytes[position] {
        case UInt8(ascii: "{"): object(shape, path)
        case UInt8(ascii: "["): array(shape, path)
        case UInt8(ascii: "\""): _ = string()
        default:
            while position < bytes.count,
                ![UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]")].contains(bytes[position])
            {
                position += 1
            }
        }
    }

    private mutating func object(_ shape: FieldShape?, _ path: String) {
        position += 1
        var seen: Set<String> = []
        while true {
            space()
            guard position < bytes.count, bytes[position] != UInt8(ascii: "}") else { break }
            if bytes[position] == UInt8(ascii: ",") {
                position += 1
                continue
            }
            let name = string()
            space()
            position += 1
            let inner = path.isEmpty ? name : "\(path).\(name)"
            member(name, of: shape, inner, isFirst: seen.insert(name).inserted)
        }
        position += 1
    }

    private mutating func member(_ name: String, of shape: FieldShape?, _ path: String, isFirst: Bool) {
        guard let shape, !shape.isOpaque else { return value(nil, path) }
        guard let inner = FieldTable.member(name, of: shape) else {
            note("unknown field \"\(path)\"")
            return value(nil, path)
        }
        if !isFirst { note("duplicate field \"\(path)\"") }
        value(inner, path)
    }

    private mutating func array(_ shape: FieldShape?, _ path: String) {
        position += 1
        var index = 0
        var element: FieldShape?
        if case .list(let inner)? = shape { element = inner }
        while true {
            space()
            guard position < bytes.count, bytes[position] != UInt8(ascii: "]") else { break }
            if bytes[position] == UInt8(ascii: ",") {
                position += 1
                continue
            }
            value(element, "\(path)[\(index)]")
            index += 1
        }
        position += 1
    }

    private mutating func string() -> String {
        let start = position
        position += 1
        while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
            position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
        }
        position += 1
        let text = bytes[start..<min(position, bytes.count)]
        return (try? JSONValue(parsing: Array(text)))?.stringValue ?? ""
    }
}

extension FieldShape {
    /// Nothing in it is looked at.
    var isOpaque: Bool {
        switch self {
        case .any: true
        default: false
        }
    }
}
