import QuakeYAML

/// What Go's YAML, and so kubectl, takes a scalar for: the types of YAML 1.1, in which `yes` is true and `0o7` a number.
enum GoScalar: Equatable {
    case null
    case flag(Bool)
    case number
    case text(String)

    init(_ scalar: YAMLScalar) {
        guard scalar.isTypedByText else {
            self = .text(scalar.text)
            return
        }
        switch scalar.text {
        case "", "~", "null", "Null", "NULL": self = .null
        case "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON": self = .flag(true)
        case "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF": self = .flag(false)
        case let text: self = Self.isNumber(text) ? .number : .text(text)
        }
    }

    private static func isNumber(_ text: String) -> Bool {
        guard let first = text.utf8.first, "+-.0123456789".utf8.contains(first) else { return false }
        if [".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"].contains(text) { return true }
        if first != UInt8(ascii: "."), [".inf", ".Inf", ".INF"].contains(String(text.dropFirst())) { return true }
        let plain = String(text.filter { $0 != "_" })
        return isInteger(plain) || plain.wholeMatch(of: #/[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?/#) != nil
    }

    private static func isInteger(_ text: String) -> Bool {
        let digits = text.hasPrefix("-") || text.hasPrefix("+") ? text.dropFirst() : text[...]
        let lower = digits.lowercased()
        for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where lower.hasPrefix(prefix) {
            let rest = digits.dropFirst(2)
            return rest.first.map { $0 != "-" && $0 != "+" } ?? false && UInt64(rest, radix: radix) != nil
        }
        return digits.utf8.allSatisfy { (0x30...0x39).contains($0) } && !digits.isEmpty
    }
}
