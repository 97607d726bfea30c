import QuakePlan
import QuakeYAML

/// The fields of one of kind's types, read as its strict decoder (go-yaml v3) reads them.
struct Fields {
    let node: YAMLNode
    private let findings: Findings

    /// - Returns: `nil` where there is no mapping; that is told then.
    init?(_ node: YAMLNode, _ what: String, _ known: [String], _ findings: Findings) {
        self.node = node
        self.findings = findings
        if node.isNull { return }
        guard let pairs = node.mapping else {
            findings.refuse(.kind, node.place, "\(what) must be a mapping, and there is a \(node.kindName)")
            return nil
        }
        for pair in pairs {
            let key = pair.key.scalar ?? ""
            guard !known.contains(key) else { continue }
            findings.refuse(
                .kind, pair.key.place, "unknown field \"\(key)\" of \(what)\(Suggestion.hint(for: key, among: known))")
        }
    }

    func pair(_ key: String) -> YAMLPair? {
        node.mapping?.first { $0.key.scalar == key && !$0.value.isNull }
    }

    /// The written fields among some.
    func written(_ keys: [String], in what: String = "") -> [(String, KindPlace)] {
        keys.compactMap { key in pair(key).map { (what + key, $0.key.place) } }
    }

    /// Any scalar is a text, numbers included.
    func text(_ key: String) -> Written<String>? {
        guard let value = pair(key)?.value else { return nil }
        guard let text = value.scalar else {
            findings.refuse(.kind, value.place, "\(key) must be a text, and there is a \(value.kindName)")
            return nil
        }
        return Written(text, value.place)
    }

    func number(_ key: String) -> Written<Int>? {
        guard let value = pair(key)?.value else { return nil }
        let number = value.intValue ?? value.doubleValue.flatMap { Int(exactly: $0.rounded(.towardZero)) }
        guard let number, Int32(exactly: number) != nil else {
            findings.refuse(.kind, value.place, "\(key): \(value.shown) is not a whole number of 32 bits")
            return nil
        }
        return Written(number, value.place)
    }

    func flag(_ key: String) -> Written<Bool>? {
        guard let value = pair(key)?.value else { return nil }
        return Self.flag(value, key, findings)
    }

    static func flag(_ value: YAMLNode, _ what: String, _ findings: Findings) -> Written<Bool>? {
        guard let flag = value.boolValue ?? value.oldBoolValue else {
            findings.refuse(.kind, value.place, "\(what): \(value.shown) is neither true nor false")
            return nil
        }
        return Written(flag, value.place)
    }

    func elements(_ key: String) -> [YAMLNode] {
        guard let value = pair(key)?.value else { return [] }
        guard let elements = value.sequence else {
            findings.refuse(.kind, value.place, "\(key) must be a list, and there is a \(value.kindName)")
            return []
        }
        return elements
    }

    /// The scalars of a list.
    func texts(_ key: String) -> [YAMLNode] {
        elements(key).filter { element in
            if element.scalar != nil { return true }
            findings.refuse(.kind, element.place, "\(key) is a list of texts, and there is a \(element.kindName)")
            return false
        }
    }

    func mapping(_ key: String) -> [YAMLPair] {
        guard let value = pair(key)?.value else { return [] }
        guard let pairs = value.mapping else {
            findings.refuse(.kind, value.place, "\(key) must be a mapping, and there is a \(value.kindName)")
            return []
        }
        return pairs
    }
}

extension YAMLNode {
    /// For messages.
    var shown: String { scalar.map { "\"\($0)\"" } ?? "a \(kindName)" }

    /// What YAML 1.1 takes for a boolean, where the type wants one.
    fileprivate var oldBoolValue: Bool? {
        guard case .scalar(let scalar) = kind, scalar.isTypedByText else { return nil }
        switch scalar.text {
        case "y", "Y", "yes", "Yes", "YES", "on", "On", "ON": return true
        case "n", "N", "no", "No", "NO", "off", "Off", "OFF": return false
        default: return nil
        }
    }
}
