extension JSONValue {
    /// The canonical text: keys sorted by their UTF-8 bytes, no spaces, non-ASCII characters as themselves.
    package func serialized() -> [UInt8] {
        var serializer = JSONSerializer(indentation: nil)
        serializer.write(self, level: 0)
        return serializer.bytes
    }

    /// The canonical text as a string; two spaces a level where `pretty`.
    package func text(pretty: Bool = false) -> String {
        var serializer = JSONSerializer(indentation: pretty ? 2 : nil)
        serializer.write(self, level: 0)
        return String(decoding: serializer.bytes, as: UTF8.self)
    }
}

extension JSONValue: CustomStringConvertible {
    /// The canonical text.
    package var description: String { text() }
}

private struct JSONSerializer {
    var bytes: [UInt8] = []
    let indentation: Int?

    mutating func write(_ value: JSONValue, level: Int) {
        switch value {
        case .null: append("null")
        case .bool(let flag): append(flag ? "true" : "false")
        case .int(let number): append(String(number))
        // JSON has no word for these; Kubernetes neither.
        case .double(let number): append(number.isFinite ? String(number) : "null")
        case .string(let text): write(text)
        case .array(let elements):
            brackets("[", "]", level: level, count: elements.count) { serializer, index in
                serializer.write(elements[index], level: level + 1)
            }
        case .object(let members):
            let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            brackets("{", "}", level: level, count: sorted.count) { serializer, index in
                serializer.write(sorted[index].key)
                serializer.append(serializer.indentation == nil ? ":" : ": ")
                serializer.write(sorted[index].value, level: level + 1)
            }
        }
    }

    private mutating func append(_ text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    private mutating func newLine(_ level: Int) {
        guard let indentation else { return }
        bytes.append(0x0A)
        bytes.append(contentsOf: repeatElement(0x20, count: indentation * level))
    }

    private mutating func brackets(
        _ open: String, _ close: String, level: Int, count: Int, _ element: (inout JSONSerializer, Int) -> Void
    ) {
        append(open)
        for index in 0..<count {
            if index > 0 { append(",") }
            newLine(level + 1)
            element(&self, index)
        }
        if count > 0 { newLine(level) }
        append(close)
    }

    private mutating func write(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): append("\\\"")
            case UInt8(ascii: "\\"): append("\\\\")
            case 0x0A: append("\\n")
            case 0x0D: append("\\r")
            case 0x09: append("\\t")
            case 0..<0x20:
                let hex = String(byte, radix: 16)
                append("\\u00" + (hex.count == 1 ? "0" : "") + hex)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
