extension YAMLNode {
    /// This node as JSON on one line, which YAML reads back as the same values: keys in their order, an unquoted number
    /// a number, everything else a string.
    package func json() -> String {
        switch kind {
        case .sequence(let elements): "[\(elements.map { $0.json() }.joined(separator: ", "))]"
        case .mapping(let pairs):
            "{\(pairs.map { "\(Self.quoted($0.key.scalar ?? "")): \($0.value.json())" }.joined(separator: ", "))}"
        case .scalar(let scalar): scalarJSON(scalar.text)
        }
    }

    private func scalarJSON(_ text: String) -> String {
        if isNull { return "null" }
        if let flag = boolValue { return "\(flag)" }
        if let number = intValue { return "\(number)" }
        if let number = doubleValue, number.isFinite { return "\(number)" }
        return Self.quoted(text)
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            // What YAML does not take in a text, or breaks a line at.
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}", "\u{FEFF}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
