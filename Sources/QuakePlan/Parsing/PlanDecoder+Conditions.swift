import QuakeYAML

/// `until` and `wait-for`: one condition of a closed list, and how long it is waited for.
extension PlanDecoder {
    /// Those of `wait-for`. An `until` takes `rollout` too, which only the step that rolls out can await.
    static let conditionKeys = ["node", "pods", "endpoints", "drain"]
    static let untilKeys = conditionKeys + ["rollout"]

    mutating func until(_ node: YAMLNode?, of facts: StepFacts) -> Awaited? {
        guard let node else { return nil }
        guard facts.kind.takesUntil else {
            refuseUntil(facts.kind, at: node)
            return nil
        }
        guard let fields = fields(node, "until", keys: Self.untilKeys + ["within"]) else { return nil }
        return awaited(fields, of: facts, keys: Self.untilKeys)
    }

    mutating func refuseUntil(_ kind: ActionKind, at node: YAMLNode) {
        let remedy = kind.isControl(.parallel) ? "it belongs to a step inside" : "it has no effect to prove"
        report("until: \(kind.name) takes none; \(remedy)", at: node)
    }

    mutating func waitFor(_ body: YAMLNode, _ facts: inout StepFacts) -> Action? {
        let keys = ControlStep.waitFor.declaration.keys.map(\.name)
        guard let fields = fields(body, facts.kind.name, keys: keys) else { return nil }
        var targets: NodeTargets?
        if fields["nodes"] != nil || fields["step"] != nil {
            targets = self.targets(fields, &facts)
            if let id = fields["step"]?.scalar { facts.reference = scope.earlier.first { $0.id == id }?.kind }
        } else {
            if fields["cluster"] == nil { report("wait-for: \"cluster\" is missing", at: fields.node) }
            facts.cluster = cluster(fields["cluster"], "cluster")
        }
        guard let awaited = awaited(fields, of: facts, keys: Self.conditionKeys), let cluster = facts.cluster else {
            return nil
        }
        return .waitFor(WaitFor(cluster: cluster, targets: targets, awaited: awaited))
    }

    private mutating func awaited(_ fields: Fields, of facts: StepFacts, keys: [String]) -> Awaited? {
        if fields["within"] == nil { report("\(fields.what): \"within\" is missing", at: fields.node) }
        let within = duration(fields["within"], "within", positive: true)
        guard let key = exactlyOne(of: keys, in: fields), let node = fields[key],
            let condition = condition(key, node, of: facts), let within
        else { return nil }
        return Awaited(condition: condition, within: within)
    }

    /// The one key given of several that exclude each other.
    mutating func exactlyOne(of keys: [String], in fields: Fields) -> String? {
        let given = fields.node.mapping?.map(\.key).filter { keys.contains($0.scalar ?? "") } ?? []
        guard let first = given.first?.scalar else {
            guard !fields.hasUnknownKey else { return nil }
            report("\(fields.what): one of these is needed: \(keys.joined(separator: ", "))", at: fields.node)
            return nil
        }
        for second in given.dropFirst() {
            report("\(fields.what): \"\(second.scalar ?? "")\" cannot be combined with \"\(first)\"", at: second)
        }
        return first
    }

    private mutating func condition(_ key: String, _ node: YAMLNode, of facts: StepFacts) -> Condition? {
        switch key {
        case "node": return nodeState(node, of: facts)
        case "drain":
            checkDrains(facts, at: node)
            return choice(Condition.DrainState.self, node, "drain").map(Condition.drain)
        case "pods": return pods(node)
        case "rollout":
            if !facts.kind.traits.contains(.rollsOut) { report("rollout: the step rolls no workload out", at: node) }
            return choice(Condition.RolloutState.self, node, "rollout").map(Condition.rollout)
        default: return endpoints(node)
        }
    }

    private mutating func nodeState(_ node: YAMLNode, of facts: StepFacts) -> Condition? {
        let kind = facts.reference ?? facts.kind
        if !facts.hasNodes, !kind.traits.contains(.replacesNodes) {
            report("node: the step has no nodes to look at", at: node)
        }
        guard let state = choice(Condition.NodeState.self, node, "node") else { return nil }
        // What comes later may do to another step's nodes what that step itself does not.
        let isGone = facts.reference?.traits.contains(.replacesNodes) ?? false
        let provable = (isGone ? kind : facts.kind).declaration.provableStates
        if !provable.contains(state) {
            let allowed = provable.map(\.rawValue).joined(separator: ", ")
            report(
                "node: \(kind.name) never leaves its nodes \(state.rawValue), so this condition can never be met "
                    + "(allowed: \(allowed))", at: node)
        }
        return .node(state)
    }

    /// Only a step that drains shows how a drain fares.
    private mutating func checkDrains(_ facts: StepFacts, at node: YAMLNode) {
        guard facts.kind.isControl(.waitFor) else {
            if !facts.kind.traits.contains(.drains) { report("drain: the step drains no node", at: node) }
            return
        }
        guard let reference = facts.reference else {
            return report(
                "drain: name the step that drains, as in \"step: ID\"; a selection of nodes does not name a drain",
                at: node)
        }
        if !reference.traits.contains(.drains) {
            report("drain: the step that is named, a \(reference.name), drains no node", at: node)
        }
    }

    private mutating func pods(_ node: YAMLNode) -> Condition? {
        let states = Condition.PodState.allCases.map(\.rawValue)
        guard let fields = fields(node, "pods", keys: ["hosting"] + states, required: ["hosting"]) else { return nil }
        let hosting = hosting(fields["hosting"])
        guard let key = exactlyOne(of: states, in: fields), let state = Condition.PodState(rawValue: key) else {
            return nil
        }
        let count = integer(fields[key], key, atLeast: 0)
        guard let hosting, let count else { return nil }
        return .pods(hosting, state, count: count)
    }

    private mutating func endpoints(_ node: YAMLNode) -> Condition? {
        let keys = ["hosting", "ready"]
        guard let fields = fields(node, "endpoints", keys: keys, required: keys) else { return nil }
        let hosting = hosting(fields["hosting"])
        let count = integer(fields["ready"], "ready", atLeast: 0)
        guard let hosting, let count else { return nil }
        return .endpoints(hosting, ready: count)
    }
}
