import QuakeYAML

/// Steps: one action each, or several at once.
extension PlanDecoder {
    static let stepKeys = ["id", "until", "hold", "expectOutage", "phase"]

    mutating func steps(_ node: YAMLNode?) -> [Step] {
        guard let node, let nodes = list(node, "steps") else { return [] }
        scope.identities = []
        scope.earlier = []
        collectIdentities(nodes, prefix: "")
        let read = nodes.enumerated().compactMap { index, node -> (Step, [StepFacts])? in
            guard let (step, facts) = step(node, place: "\(index + 1)", nested: false) else { return nil }
            scope.earlier += facts
            return (step, facts)
        }
        measureWindows(read.map { $0.1 })
        return read.map { $0.0 }
    }

    /// Names every step before any is read.
    private mutating func collectIdentities(_ nodes: [YAMLNode], prefix: String) {
        for (index, node) in nodes.enumerated() {
            let place = prefix + "\(index + 1)"
            guard let id = identity(of: node, place: place) else { continue }
            if let first = scope.identities.first(where: { $0.id == id }) {
                report("id: \"\(id)\" is given twice; first on line \(first.line)", at: node["id"] ?? node)
            } else {
                scope.identities.append(StepIdentity(id: id, line: node.line))
            }
            collectIdentities(node["parallel"]?.sequence ?? [], prefix: place + "-")
        }
    }

    /// The step's id as written, else its action and place.
    private mutating func identity(of node: YAMLNode, place: String) -> String? {
        if let written = node["id"] { return kebab(written, "id") }
        let keys = node.mapping?.compactMap { $0.key.scalar } ?? [node.scalar ?? ""]
        return keys.first(where: scope.actions.names.contains).map { "\($0)-\(place)" }
    }

    /// A step with the facts of itself and of those in it, itself last.
    private mutating func step(_ node: YAMLNode, place: String, nested: Bool) -> (Step, [StepFacts])? {
        if node.scalar != nil { return bareStep(node, place: place) }
        guard let fields = fields(node, "step", keys: Self.stepKeys + scope.actions.names),
            let kind = actionKind(of: fields), let body = fields[kind.name]
        else { return nil }
        let id = identity(of: node, place: place) ?? "\(kind.name)-\(place)"
        var facts = StepFacts(id: id, kind: kind)
        let hold = hold(fields["hold"])
        facts.hold = hold.isOpen ? Quantity.longestDuration : hold.length
        var step = Step(
            id: id, body: .parallel([]), hold: hold.length, holdFormula: hold.formula,
            isHoldOpen: hold.isOpen,
            expectOutage: boolean(fields["expectOutage"], "expectOutage") ?? false,
            phase: choice(Step.Phase.self, fields["phase"], "phase") ?? .random, position: SourcePosition(node))
        if kind.isControl(.parallel) {
            if let until = fields["until"] { refuseUntil(kind, at: until) }
            return parallel(body, step, facts, place: place, nested: nested)
        }
        guard let action = action(kind, body, &facts) else {
            // Later references to a step that could not be read are no problem of their own.
            return (step, [facts])
        }
        step.body = .action(action)
        step.until = until(fields["until"], of: facts)
        if step.until != nil, action.rolloutLimit != nil {
            report(
                "\(kind.name): \"within\" has no meaning where \"until\" says when the step ends",
                at: body)
        }
        if kind.traits.contains(.leavesNodesDown), !hold.isOpen, facts.hold > scope.restoreWithin {
            report(
                "hold: \(Quantity.text(facts.hold)) is above restoreWithin, \(Quantity.text(scope.restoreWithin)), "
                    + "which would restore the node before", at: fields.place(of: "hold"))
        }
        return (step, [facts])
    }

    /// `- restore-all`, the one action without a body.
    private mutating func bareStep(_ node: YAMLNode, place: String) -> (Step, [StepFacts])? {
        guard let word = word(node, "step", among: scope.actions.names) else { return nil }
        guard word == ControlStep.restoreAll.rawValue else {
            report("step: \(word) needs a body, as in \"\(word): …\"", at: node)
            return nil
        }
        let id = "\(word)-\(place)"
        let step = Step(id: id, body: .action(.restoreAll), position: SourcePosition(node))
        return (step, [StepFacts(id: id, kind: .control(.restoreAll))])
    }

    /// The one action that a step names.
    mutating func actionKind(of fields: Fields) -> ActionKind? {
        let keys = fields.node.mapping?.map(\.key) ?? []
        let named = keys.filter { scope.actions.names.contains($0.scalar ?? "") }
        guard let first = named.first?.scalar else {
            // An unknown key is most likely the action, and is reported already.
            if !fields.hasUnknownKey {
                let names = scope.actions.names.joined(separator: ", ")
                report("\(fields.what): no action is named (allowed: \(names))", at: fields.node)
            }
            return nil
        }
        for second in named.dropFirst() {
            report("\(fields.what): \(second.scalar ?? "") is a second action next to \(first)", at: second)
        }
        return scope.actions.kind(named: first)
    }

    private mutating func parallel(
        _ body: YAMLNode, _ step: Step, _ facts: StepFacts, place: String, nested: Bool
    ) -> (Step, [StepFacts])? {
        if nested { report("parallel: it cannot be part of another parallel", at: body) }
        guard let nodes = list(body, "parallel") else { return nil }
        var (step, facts) = (step, facts)
        var inner: [StepFacts] = []
        var steps: [Step] = []
        for (index, node) in nodes.enumerated() {
            guard let (child, childFacts) = self.step(node, place: "\(place)-\(index + 1)", nested: true) else {
                continue
            }
            steps.append(child)
            inner += childFacts
        }
        step.body = .parallel(steps)
        facts.children = inner.map(\.id)
        facts.length = inner.map { $0.hold + $0.length }.max() ?? .zero
        return (step, inner + [facts])
    }

    /// A fault's window lasts at least its own hold and what passes before the next step that changes a cluster. Steps
    /// of one `parallel` share theirs.
    private mutating func measureWindows(_ steps: [[StepFacts]]) {
        var following = Duration.zero
        for facts in steps.reversed() {
            guard let outer = facts.last else { continue }
            let certain = outer.kind.isControl(.wait) || outer.kind.isControl(.parallel) ? outer.length : .zero
            let window = outer.hold + certain + following
            let changes = facts.contains { $0.kind.traits.contains(.changes) && !$0.kind.isControl(.parallel) }
            following = changes ? .zero : window
            for index in scope.earlier.indices where facts.contains(where: { $0.id == scope.earlier[index].id }) {
                scope.earlier[index].window = min(window, scope.earlier[index].pause ?? window)
            }
        }
    }

    /// Actions after the steps: no step keys, nothing in parallel, and no faults, whose effects nobody would wait for.
    mutating func always(_ node: YAMLNode?) -> [Action] {
        guard let node, let nodes = list(node, "always") else { return [.restoreAll] }
        let names = scope.actions.names.filter { $0 != ControlStep.parallel.rawValue }
        return nodes.compactMap { node in
            if node.scalar != nil { return bareStep(node, place: "0").map { _ in .restoreAll } }
            guard let fields = fields(node, "always", keys: names), let kind = actionKind(of: fields),
                let body = fields[kind.name]
            else { return nil }
            if kind.traits.contains(.fault) {
                let allowed = scope.actions.kinds.filter {
                    !$0.traits.contains(.fault) && !$0.isControl(.parallel)
                }.map(\.name)
                report(
                    "always: \(kind.name) is a fault; what runs in any case heals, waits or measures "
                        + "(allowed: \(allowed.joined(separator: ", ")))", at: fields.place(of: kind.name))
            }
            var facts = StepFacts(id: "", kind: kind)
            return action(kind, body, &facts)
        }
    }
}
