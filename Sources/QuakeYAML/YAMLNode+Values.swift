/// Typed views by the core schema of YAML 1.2 (`yes`, `on` and `012` are no booleans and no octals). A quoted scalar is
/// a string and nothing else.
extension YAMLNode {
    /// The text of a scalar, whatever its style; `nil` for a sequence or mapping.
    package var scalar: String? {
        if case .scalar(let scalar) = kind { scalar.text } else { nil }
    }

    /// The elements of a sequence; `nil` for anything else.
    package var sequence: [YAMLNode]? {
        if case .sequence(let nodes) = kind { nodes } else { nil }
    }

    /// The pairs of a mapping in order; `nil` for anything else.
    package var mapping: [YAMLPair]? {
        if case .mapping(let pairs) = kind { pairs } else { nil }
    }

    /// The value of a key; `nil` where there is none, or where this is no mapping. Linear in the mapping's size.
    package subscript(key: String) -> YAMLNode? {
        mapping?.first { $0.key.scalar == key }?.value
    }

    /// The element at a place of a sequence; `nil` out of bounds, or where this is no sequence.
    package subscript(index: Int) -> YAMLNode? {
        guard let sequence, sequence.indices.contains(index) else { return nil }
        return sequence[index]
    }

    /// Whether this is `null`, `~` or nothing at all.
    package var isNull: Bool {
        guard let text = typedText else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }

    /// `true` or `false` in one of the core schema's spellings.
    package var boolValue: Bool? {
        switch typedText {
        case "true", "True", "TRUE": true
        case "false", "False", "FALSE": false
        default: nil
        }
    }

    /// A decimal, `0o` octal or `0x` hexadecimal integer that fits.
    package var intValue: Int? {
        guard let text = typedText else { return nil }
        if text.hasPrefix("0x") { return digits(text.dropFirst(2), radix: 16) }
        if text.hasPrefix("0o") { return digits(text.dropFirst(2), radix: 8) }
        return Int(text)
    }

    /// Any number of the core schema, integers included; `.inf` and `.nan` too.
    package var doubleValue: Double? {
        guard let text = typedText else { return nil }
        switch text {
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .infinity
        case "-.inf", "-.Inf", "-.INF": return -.infinity
        case ".nan", ".NaN", ".NAN": return .nan
        default: break
        }
        if let integer = intValue { return Double(integer) }
        // `Double.init` also takes hexadecimal fractions and the words "inf" and "nan", which YAML does not.
        guard text.utf8.allSatisfy({ "0123456789+-.eE".utf8.contains($0) }) else { return nil }
        return Double(text)
    }

    /// `scalar`, `sequence` or `mapping`, for messages.
    package var kindName: String {
        switch kind {
        case .scalar: "scalar"
        case .sequence: "sequence"
        case .mapping: "mapping"
        }
    }

    private var typedText: String? {
        guard case .scalar(let scalar) = kind, scalar.isTypedByText else { return nil }
        return scalar.text
    }

    private func digits(_ text: Substring, radix: Int) -> Int? {
        guard let first = text.first, first != "+", first != "-" else { return nil }
        return Int(text, radix: radix)
    }
}
