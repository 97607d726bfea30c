import QuakeYAML

/// What must hold. The steps are read before.
extension PlanDecoder {
    static let claimKeys = ["availability", "recovery", "blackout", "onset", "latencyP99", "outcome", "notReady"]
    /// Below it, random loss shows blackouts that are none: at 20/s, 75 % loss does in half the runs.
    static let leastBlackoutRate = 50.0

    mutating func expectations(_ node: YAMLNode?) -> [Expectation] {
        guard let node, let nodes = list(node, "expect") else { return [] }
        return nodes.compactMap { expectation($0) }
    }

    private mutating func expectation(_ node: YAMLNode) -> Expectation? {
        guard let fields = fields(node, "expect", keys: Self.claimKeys + ["when"]) else { return nil }
        let when = when(fields["when"])
        guard let key = exactlyOne(of: Self.claimKeys, in: fields), let value = fields[key],
            let claim = claim(key, value)
        else { return nil }
        check(claim, at: value, when: when)
        return Expectation(claim: claim, when: when, position: SourcePosition(node))
    }

    private mutating func claim(_ key: String, _ node: YAMLNode) -> Expectation.Claim? {
        switch key {
        case "availability":
            let form = "a comparison with a percentage (allowed: \">= 99.9%\", 100%)"
            return comparison(node, key, expected: form, exact: [0, 1], read: Quantity.share).map { .availability($0) }
        case "recovery": return times(node, key).map { .recovery($0) }
        case "blackout": return times(node, key).map { .blackout($0) }
        case "onset": return times(node, key).map { .onset($0) }
        case "latencyP99": return times(node, key).map { .latencyP99($0) }
        case "outcome": return outcome(node)
        default: return notReady(node)
        }
    }

    private mutating func times(_ node: YAMLNode, _ key: String) -> Comparison<Duration>? {
        let form = "a comparison with a duration (allowed: \"<= 30s\", 0)"
        return comparison(node, key, expected: form, exact: [.zero], read: Quantity.duration)
    }

    /// - Parameter exact: bounds that may stand without an operator; any other would have to be met to the nanosecond.
    private mutating func comparison<Value>(
        _ node: YAMLNode, _ key: String, expected: String, exact: [Value], read: (String) -> Value?
    ) -> Comparison<Value>? {
        let comparison = value(node, key, expected: expected) { Quantity.comparison($0, bound: read) }
        if let comparison, comparison.relation == .equal, !exact.contains(comparison.bound) {
            report("\(key): \(shown(node)) would have to be met exactly (allowed: >=, <=, >, < and a bound)", at: node)
            return nil
        }
        return comparison
    }

    private mutating func outcome(_ node: YAMLNode) -> Expectation.Claim? {
        let keys = ["step", "is"]
        guard let fields = fields(node, "outcome", keys: keys, required: keys) else { return nil }
        let outcome = word(fields["is"], "is", among: StepOutcome.expectable.map(\.rawValue))
            .flatMap { StepOutcome(rawValue: $0) }
        guard let reference = fields["step"], let facts = facts(of: reference, "step"), let outcome else { return nil }
        if outcome == .blocked, !facts.kind.traits.contains(.drains) {
            report(
                "is: only what drains nodes can be blocked, and \"\(facts.id)\" is a \(facts.kind.name)",
                at: fields.place(of: "is"))
        }
        return .outcome(step: facts.id, is: outcome)
    }

    private mutating func notReady(_ node: YAMLNode) -> Expectation.Claim? {
        guard let fields = fields(node, "notReady", keys: ["count"], required: ["count"]), let count = fields["count"]
        else { return nil }
        let form = "a comparison with a number of nodes (allowed: 0, \"<= 1\")"
        let comparison = value(count, "count", expected: form) { text in
            Quantity.comparison(text) { bound in Int(bound).flatMap { $0 >= 0 ? $0 : nil } }
        }
        return comparison.map { .notReady($0) }
    }

    /// Selectors of an expectation; a problem where one selects nothing in the plan as it is written.
    private mutating func when(_ node: YAMLNode?) -> [String: String] {
        let keys = ["step", "traffic", "connections"] + scope.axes.map(\.name)
        guard let node, let fields = fields(node, "when", keys: keys) else { return [:] }
        var when: [String: String] = [:]
        for pair in fields.node.mapping ?? [] {
            guard let key = pair.key.scalar, keys.contains(key), let value = text(pair.value, key) else { continue }
            when[key] = value
            let selectable = selectable(key, traffic: fields["traffic"]?.scalar)
            if scope.checksSelections, !selectable.contains(value) {
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
        default: return scope.axes.first { $0.name == key }?.values ?? []
        }
    }

    /// Refuses what no run could answer.
    private mutating func check(_ claim: Expectation.Claim, at node: YAMLNode, when: [String: String]) {
        switch claim {
        case .recovery: checkWindows(at: node, when: when)
        case .blackout:
            for traffic in scope.traffic where when["traffic"] ?? traffic.name == traffic.name {
                guard traffic.rate < Self.leastBlackoutRate else { continue }
                report(
                    "blackout: the traffic \"\(traffic.name)\" has a rate below 50/s, at which random loss looks like "
                        + "a blackout", at: node)
            }
        default: break
        }
    }

    /// A recovery is told from a lull only by `settle` of good slots after it.
    private mutating func checkWindows(at node: YAMLNode, when: [String: String]) {
        let selected = scope.earlier.filter { facts in
            guard let step = when["step"] else { return facts.kind.traits.contains(.disruption) }
            return facts.id == step
        }
        for facts in selected where facts.window < scope.settle {
            report(
                "recovery: the step \"\(facts.id)\" is watched for \(Quantity.text(facts.window)) only, which is "
                    + "shorter than settle, \(Quantity.text(scope.settle)); give it a longer hold or pause", at: node)
        }
    }
}
