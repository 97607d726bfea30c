import QuakeYAML

/// What must hold. The steps are read before.
extension PlanDecoder {
    /// The selectors of `when` that are no key of the matrix.
    static let whenKeys = ["step", "traffic", "connections"]

    mutating func expectations(_ node: YAMLNode?) -> [Expectation] {
        guard let node, let nodes = list(node, "expect") else { return [] }
        return nodes.compactMap { expectation($0) }
    }

    private mutating func expectation(_ node: YAMLNode) -> Expectation? {
        let keys = scope.expectations.keys
        guard let fields = fields(node, "expect", keys: keys + ["when"]) else { return nil }
        let when = when(fields["when"])
        scope.isSelected = Expectation.selects(when, labels: scope.labels, facts: scope.facts)
        scope.selectedTraffic = when["traffic"]
        defer { (scope.isSelected, scope.selectedTraffic) = (true, nil) }
        guard let key = exactlyOne(of: keys, in: fields), let value = fields[key],
            let declaration = scope.expectations[key], let claim = claim(declaration, value, when)
        else { return nil }
        return Expectation(claim: claim, when: when, position: SourcePosition(node))
    }

    /// What a declaration reads of its value, checked against the rest of the plan.
    private mutating func claim<Declaration: ExpectationDeclaration>(
        _ declaration: Declaration.Type, _ node: YAMLNode, _ when: [String: String]
    ) -> Expectation.Claim? {
        var reader = ExpectationReader(decoder: self)
        defer { self = reader.decoder }
        guard let claim = declaration.read(node, with: &reader) else { return nil }
        claim.check(at: node, when: when, with: &reader)
        return Expectation.Claim(claim)
    }

    /// Selectors of an expectation; a problem where one selects nothing in the plan as it is written.
    private mutating func when(_ node: YAMLNode?) -> [String: String] {
        let axes = scope.axes.map(\.name)
        let words = FactWord.allCases.map(\.rawValue).filter { !axes.contains($0) }
        let keys = Self.whenKeys + words + axes
        guard let node, let fields = fields(node, "when", keys: keys) else { return [:] }
        var when: [String: String] = [:]
        for pair in fields.node.mapping ?? [] {
            guard let key = pair.key.scalar, keys.contains(key), let value = text(pair.value, key) else { continue }
            when[key] = value
            let selectable = selectable(key, traffic: fields["traffic"]?.scalar)
            if scope.checksSelections || words.contains(key), !selectable.contains(value) {
                let hint = Suggestion.hint(for: value, among: selectable)
                report("when: \(key) is never \(shown(pair.value)), so nothing is selected\(hint)", at: pair.value)
            }
        }
        return when
    }

    private func selectable(_ key: String, traffic: String?) -> [String] {
        switch key {
        case "step": return scope.earlier.filter { $0.kind.traits.contains(.changes) }.map(\.id)
        case "traffic": return scope.traffic.map(\.name)
        case "connections":
            let named = scope.traffic.filter { $0.name == traffic }
            let modes = (named.isEmpty ? scope.traffic : named).flatMap(\.connections)
            return ConnectionMode.allCases.filter { modes.contains($0) }.map(\.rawValue)
        default: return scope.axes.first { $0.name == key }?.values ?? FactWord(rawValue: key)?.values ?? []
        }
    }
}
