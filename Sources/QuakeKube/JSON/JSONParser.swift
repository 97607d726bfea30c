extension JSONValue {
    /// Reads exactly one value, RFC 8259 to the letter: no comments, no trailing commas, no lone surrogates, nothing
    /// after it but white space. The last of duplicate keys counts. Nesting is limited to 512.
    ///
    /// - Throws: `.decoding` with line, column and byte offset.
    package init(parsing bytes: some Sequence<UInt8>) throws(KubeError) {
        let parsed: Result<JSONValue, KubeError>? = bytes.withContiguousStorageIfAvailable { Self.parse($0) }
        self = try (parsed ?? Array(bytes).withUnsafeBufferPointer { Self.parse($0) }).get()
    }

    /// Reads text; see ``init(parsing:)``.
    package init(parsing text: String) throws(KubeError) {
        try self.init(parsing: Array(text.utf8))
    }

    private static func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> Result<JSONValue, KubeError> {
        var parser = JSONParser(bytes: bytes)
        do throws(JSONParser.Problem) {
            return .success(try parser.document())
        } catch {
            return .failure(error.located(in: bytes))
        }
    }
}

/// A recursive-descent reader over bytes that stay in place for its lifetime. Watch streams go through it, so it makes
/// no intermediate tokens, and copies a string only once unless it has escapes.
struct JSONParser {
    struct Problem: Error {
        var message: String
        var offset: Int

        func located(in bytes: UnsafeBufferPointer<UInt8>) -> KubeError {
            let before = bytes.prefix(offset)
            let line = before.count { $0 == UInt8(ascii: "\n") } + 1
            let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
            return KubeError(
                .decoding, "invalid JSON: \(message) at line \(line), column \(offset - lineStart + 1) (byte \(offset))"
            )
        }
    }

    static let depthLimit = 512

    let bytes: UnsafeBufferPointer<UInt8>
    var position = 0
    var depth = 0

    init(bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    mutating func document() throws(Problem) -> JSONValue {
        let value = try value()
        skipSpace()
        guard position == bytes.count else { throw problem("text after the value") }
        return value
    }

    func problem(_ message: String) -> Problem {
        Problem(message: position < bytes.count ? message : "\(message), where the text ends", offset: position)
    }

    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    private mutating func value() throws(Problem) -> JSONValue {
        skipSpace()
        guard position < bytes.count else { throw problem("a value is missing") }
        switch bytes[position] {
        case UInt8(ascii: "{"): return try nested { (parser) throws(Problem) in try parser.object() }
        case UInt8(ascii: "["): return try nested { (parser) throws(Problem) in try parser.array() }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: throw problem("unexpected character")
        }
    }

    private mutating func nested(
        _ body: (inout JSONParser) throws(Problem) -> JSONValue
    ) throws(Problem) -> JSONValue {
        depth += 1
        guard depth <= Self.depthLimit else { throw problem("more than \(Self.depthLimit) levels") }
        defer { depth -= 1 }
        position += 1
        return try body(&self)
    }

    private mutating func object() throws(Problem) -> JSONValue {
        var members: [String: JSONValue] = [:]
        skipSpace()
        if take(UInt8(ascii: "}")) { return .object(members) }
        while true {
            skipSpace()
            guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
                throw problem("a key is missing")
            }
            let key = try string()
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw problem("':' is missing") }
            members[key] = try value()
            skipSpace()
            if take(UInt8(ascii: "}")) { return .object(members) }
            guard take(UInt8(ascii: ",")) else { throw problem("',' or '}' is missing") }
        }
    }

    private mutating func array() throws(Problem) -> JSONValue {
        var elements: [JSONValue] = []
        skipSpace()
        if take(UInt8(ascii: "]")) { return .array(elements) }
        while true {
            elements.append(try value())
            skipSpace()
            if take(UInt8(ascii: "]")) { return .array(elements) }
            guard take(UInt8(ascii: ",")) else { throw problem("',' or ']' is missing") }
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func word(_ text: StaticString, _ value: JSONValue) throws(Problem) -> JSONValue {
        let length = text.utf8CodeUnitCount
        guard position + length <= bytes.count else { throw problem("unexpected word") }
        for index in 0..<length where bytes[position + index] != text.utf8Start[index] {
            throw problem("unexpected word")
        }
        position += length
        return value
    }
}
