import QuakeBase
import QuakeYAML

/// Typed scalars. `what` names the key in messages; a missing node is `nil` without a problem.
extension PlanDecoder {
    mutating func value<Value>(
        _ node: YAMLNode?, _ what: String, expected: String, read: (String) -> Value?
    ) -> Value? {
        guard let node, let text = text(node, what) else { return nil }
        if let value = read(text) { return value }
        report("\(what): \(shown(node)) is not \(expected)", at: node)
        return nil
    }

    mutating func duration(_ node: YAMLNode?, _ what: String, positive: Bool = false) -> Duration? {
        let duration = value(
            node, what, expected: "a duration (allowed: 90s, 1m30s, 250ms, 2h)", read: Quantity.duration)
        guard let node, let duration else { return nil }
        if positive, duration <= .zero {
            report("\(what): \(shown(node)) must be longer than 0", at: node)
            return nil
        }
        return duration
    }

    /// A duration of whole seconds, as command-line flags and Kubernetes fields take them.
    mutating func wholeSeconds(_ node: YAMLNode?, _ what: String, positive: Bool) -> Duration? {
        guard let node, let duration = duration(node, what, positive: positive) else { return nil }
        guard duration.isWholeSeconds else {
            report("\(what): \(shown(node)) must be whole seconds", at: node)
            return nil
        }
        return duration
    }

    mutating func share(_ node: YAMLNode?, _ what: String) -> Double? {
        value(node, what, expected: "a percentage from 0% to 100% (allowed: 99.9%, 100%)", read: Quantity.share)
    }

    mutating func integer(_ node: YAMLNode?, _ what: String, atLeast minimum: Int, atMost maximum: Int = 100_000)
        -> Int?
    {
        value(node, what, expected: "a whole number from \(minimum) to \(maximum)") { text in
            guard let number = Int(text), (minimum...maximum).contains(number) else { return nil }
            return number
        }
    }

    mutating func boolean(_ node: YAMLNode?, _ what: String) -> Bool? {
        value(node, what, expected: "true or false") { ["true": true, "false": false][$0] }
    }

    /// One word of a closed list.
    mutating func word(_ node: YAMLNode?, _ what: String, among allowed: [String]) -> String? {
        guard let node, let text = text(node, what) else { return nil }
        guard allowed.contains(text) else {
            report("\(what): \(shown(node)) is not known" + Suggestion.hint(for: text, among: allowed), at: node)
            return nil
        }
        return text
    }

    mutating func choice<Choice: RawRepresentable & CaseIterable>(
        _ type: Choice.Type, _ node: YAMLNode?, _ what: String
    ) -> Choice? where Choice.RawValue == String {
        word(node, what, among: Choice.allCases.map(\.rawValue)).flatMap(Choice.init(rawValue:))
    }

    /// A lower-case name of letters, digits and hyphens, as Kubernetes has them.
    mutating func kebab(_ node: YAMLNode?, _ what: String) -> String? {
        value(
            node, what, expected: "a name of lower-case letters, digits and hyphens that begins with a letter or digit"
        ) {
            Self.isKebab($0) ? $0 : nil
        }
    }

    static func isKebab(_ text: String) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last, first != 0x2D, last != 0x2D else { return false }
        return text.utf8.count <= 100
            && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
    }

    mutating func cluster(_ node: YAMLNode?, _ what: String) -> String? {
        // Where the list itself is wrong, no name can be told to be.
        scope.clusters.isEmpty ? text(node, what) : word(node, what, among: scope.clusters)
    }

    /// Texts that differ from each other.
    mutating func texts(_ node: YAMLNode?, _ what: String) -> [String]? {
        guard let node, let nodes = list(node, what) else { return nil }
        var texts: [String] = []
        for element in nodes {
            guard let text = text(element, what) else { continue }
            if texts.contains(text) {
                report("\(what): \(shown(element)) is given twice", at: element)
            } else {
                texts.append(text)
            }
        }
        return texts
    }

    /// A mapping of free keys to texts.
    mutating func dictionary(_ node: YAMLNode?, _ what: String) -> [String: String]? {
        guard let node else { return nil }
        guard let pairs = node.mapping else {
            report("\(what): a mapping is expected, and this is \(shown(node))", at: node)
            return nil
        }
        var result: [String: String] = [:]
        for pair in pairs {
            guard let key = text(pair.key, what), let value = text(pair.value, "\(what).\(key)") else { continue }
            if result.updateValue(value, forKey: key) != nil {
                report("\(what): \(shown(pair.key)) is given twice", at: pair.key)
            }
        }
        return result
    }
}
