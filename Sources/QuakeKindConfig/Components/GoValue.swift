import QuakeYAML

/// Values of flags as Go reads them.
package enum GoValue {
    private static let units: [String: Double] = [
        "h": 3600e9, "m": 60e9, "s": 1e9, "ms": 1e6, "us": 1e3, "µs": 1e3, "μs": 1e3, "ns": 1,
    ]

    /// `time.ParseDuration`: `16s`, `1m30s`, `1.5h`, `-5s`, `0`.
    package static func duration(_ text: String) -> Duration? {
        guard case .value(let nanoseconds) = parse(text) else { return nil }
        return .nanoseconds(nanoseconds)
    }

    /// Why a text is no duration; `nil` where it is one.
    package static func durationProblem(_ text: String) -> String? {
        guard case .problem(let problem) = parse(text) else { return nil }
        return problem
    }

    private enum Parsed {
        case value(Int64)
        case problem(String)
    }

    private static func parse(_ text: String) -> Parsed {
        let isNegative = text.hasPrefix("-")
        var rest = isNegative || text.hasPrefix("+") ? text.dropFirst() : text[...]
        if rest == "0" { return .value(0) }
        guard !rest.isEmpty else { return .problem("\"\(text)\" is not a duration, as 16s or 1m30s") }
        var total = 0.0
        while !rest.isEmpty {
            let number = rest.prefix { $0.isASCIIDigit || $0 == "." }
            guard number.contains(where: \.isASCIIDigit), number.filter({ $0 == "." }).count <= 1,
                let value = Double(
                    number.hasPrefix(".") ? "0\(number)" : number.hasSuffix(".") ? "\(number)0" : "\(number)")
            else { return .problem("\"\(text)\" is not a duration, as 16s or 1m30s") }
            rest = rest.dropFirst(number.count)
            let unit = rest.prefix { !$0.isASCIIDigit && $0 != "." }
            guard !unit.isEmpty else { return .problem("\"\(text)\" has no unit, as in 16s or 1m30s") }
            guard let nanoseconds = units[String(unit)] else {
                return .problem("\"\(text)\" has the unknown unit \"\(unit)\"; there are h, m, s, ms, us and ns")
            }
            total += value * nanoseconds
            rest = rest.dropFirst(unit.count)
        }
        guard total < 9.2e18 else { return .problem("\"\(text)\" is too long a duration") }
        return .value(Int64(total.rounded(.towardZero)) * (isNegative ? -1 : 1))
    }

    /// `strconv.ParseBool`.
    package static func bool(_ text: String) -> Bool? {
        switch text {
        case "1", "t", "T", "TRUE", "true", "True": true
        case "0", "f", "F", "FALSE", "false", "False": false
        default: nil
        }
    }

    /// `strconv.ParseInt` with base 0, within so many bits.
    static func isInteger(_ text: String, bits: Int) -> Bool {
        guard let value = YAMLNode.goInteger(text) else { return false }
        return bits == 64 || Int32(exactly: value) != nil
    }

    static func isNumber(_ text: String) -> Bool { Double(text) != nil }

    /// `a=b,c=d`, as a map of texts on a command line; pairs come in their order.
    ///
    /// - Returns: the pairs, or the first one that has no `=`.
    static func pairs(_ text: String) -> (pairs: [(String, String)], broken: String?) {
        var pairs: [(String, String)] = []
        for part in text.split(separator: ",") {
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2 else { return (pairs, String(part)) }
            pairs.append((String(sides[0]).trimmed, String(sides[1]).trimmed))
        }
        return (pairs, nil)
    }
}

extension String {
    /// Without white space at both ends.
    var trimmed: String {
        let start = drop { $0.isWhitespace }
        guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...end])
    }
}
