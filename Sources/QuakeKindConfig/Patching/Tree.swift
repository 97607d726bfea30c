import QuakeYAML

/// Documents are trees of nodes, so that what a patch brings keeps its place through all that is done to it.
extension YAMLNode {
    /// What kind writes itself.
    static func text(_ text: String) -> YAMLNode {
        YAMLNode(.scalar(YAMLScalar(text, style: .doubleQuoted)), line: 0, column: 0)
    }

    /// A number, a boolean or nothing at all.
    static func typed(_ text: String) -> YAMLNode { YAMLNode(.scalar(YAMLScalar(text)), line: 0, column: 0) }

    static func tree(_ pairs: [(String, YAMLNode)]) -> YAMLNode {
        YAMLNode(.mapping(pairs.map { YAMLPair(key: text($0.0), value: $0.1) }), line: 0, column: 0)
    }

    static func list(_ elements: [YAMLNode]) -> YAMLNode { YAMLNode(.sequence(elements), line: 0, column: 0) }

    func at(_ place: KindPlace) -> YAMLNode { YAMLNode(kind, line: place.line, column: place.column) }

    mutating func set(_ key: YAMLNode, _ value: YAMLNode) {
        guard var pairs = mapping else { return }
        if let index = pairs.firstIndex(where: { $0.key.scalar == key.scalar }) {
            pairs[index] = YAMLPair(key: key, value: value)
        } else {
            pairs.append(YAMLPair(key: key, value: value))
        }
        kind = .mapping(pairs)
    }

    mutating func remove(_ key: String) {
        guard let pairs = mapping else { return }
        kind = .mapping(pairs.filter { $0.key.scalar != key })
    }

    /// Whether both are the same JSON.
    func isSame(as other: YAMLNode) -> Bool {
        if let mine = mapping, let theirs = other.mapping {
            return mine.count == theirs.count
                && mine.allSatisfy { pair in
                    other[pair.key.scalar ?? ""].map { pair.value.isSame(as: $0) } ?? false
                }
        }
        if let mine = sequence, let theirs = other.sequence {
            return mine.count == theirs.count && zip(mine, theirs).allSatisfy { $0.isSame(as: $1) }
        }
        guard scalar != nil, other.scalar != nil else { return false }
        return jsonScalar == other.jsonScalar
    }
}

/// A scalar of a patch as JSON: kind reads patches with YAML 1.1 (go-yaml v2), where `on` is true and `010` is eight.
enum JSONScalar: Equatable {
    case null
    case bool(Bool)
    case int(Int)
    case float(Double)
    case text(String)

    /// For messages: `a number`.
    var kindName: String {
        switch self {
        case .null: "nothing"
        case .bool: "a boolean"
        case .int, .float: "a number"
        case .text: "a text"
        }
    }
}

extension YAMLNode {
    /// `nil` for a list or a mapping.
    var jsonScalar: JSONScalar? {
        guard case .scalar(let scalar) = kind else { return nil }
        guard scalar.isTypedByText else { return .text(scalar.text) }
        switch scalar.text {
        case "", "~", "null", "Null", "NULL": return .null
        case "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON": return .bool(true)
        case "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF": return .bool(false)
        default: break
        }
        let plain = scalar.text.replacing("_", with: "")
        if let number = Self.goInteger(plain) { return .int(number) }
        if let first = plain.first, first.isASCIIDigit || "+-.".contains(first),
            let number = YAMLNode.typed(plain).doubleValue, number.isFinite
        {
            return .float(number)
        }
        return .text(scalar.text)
    }

    /// As Go's `strconv.ParseInt` with base 0.
    static func goInteger(_ text: String) -> Int? {
        let isNegative = text.hasPrefix("-")
        let digits = isNegative || text.hasPrefix("+") ? text.dropFirst() : text[...]
        guard let first = digits.first, first.isASCIIDigit else { return nil }
        let small = digits.lowercased()
        let bases: [(String, Int)] = [("0x", 16), ("0b", 2), ("0o", 8)]
        let value: Int?
        if let (prefix, base) = bases.first(where: { small.hasPrefix($0.0) }) {
            value = Int(small.dropFirst(prefix.count), radix: base)
        } else if first == "0", digits.count > 1 {
            value = Int(digits, radix: 8)
        } else {
            value = Int(digits)
        }
        return value.map { isNegative ? -$0 : $0 }
    }
}
