import QuakeYAML

/// The body of each action. What later steps must know of it goes into the step's facts.
extension PlanDecoder {
    mutating func action(_ kind: ActionKind, _ body: YAMLNode, _ facts: inout StepFacts) -> Action? {
        switch kind {
        case .declared(let type): declared(type, body, &facts)
        case .control(.wait): wait(body, &facts)
        case .control(.waitFor): waitFor(body, &facts)
        case .control(.restoreAll): restoreAll(body)
        case .control(.parallel): nil
        }
    }

    private mutating func declared<Declared: PlanAction>(
        _ type: Declared.Type, _ body: YAMLNode, _ facts: inout StepFacts
    ) -> Action? {
        let declaration = type.declaration
        let keys = declaration.keys
        guard
            let fields = fields(
                body, declaration.name, keys: keys.map(\.name), required: keys.filter(\.isRequired).map(\.name),
                advice: { Self.advice($0, takesLength: keys.contains { $0.name == "length" }) })
        else { return nil }
        var reader = ActionReader(decoder: self, fields: fields, takes: declaration.takes, facts: facts)
        let action = Declared(reading: &reader)
        self = reader.decoder
        facts = reader.facts
        guard let action else { return nil }
        // What goes from node to node changes the cluster in its own time, too: that is no time to recover in.
        if !declaration.traits.contains(.drains) { facts.length = action.ownTime }
        facts.pause = action.spacing
        return .declared(action)
    }

    /// Where a key belongs that stands in an action's body by mistake.
    private static func advice(_ key: String, takesLength: Bool) -> String? {
        if stepKeys.contains(key) { return "\"\(key)\" is a key of the step: indent it as the action" }
        guard ["for", "duration", "length"].contains(key) else { return nil }
        return takesLength
            ? "did you mean \"length\"?"
            : "\"hold\", a key of the step, says how long it lasts"
    }

    private mutating func wait(_ body: YAMLNode, _ facts: inout StepFacts) -> Action? {
        guard let length = duration(body, facts.kind.name, positive: true) else { return nil }
        facts.length = length
        return .wait(length)
    }

    private mutating func restoreAll(_ body: YAMLNode) -> Action? {
        guard body.isNull || body.mapping?.isEmpty ?? false else {
            report("restore-all: it takes nothing, and there is \(shown(body))", at: body)
            return nil
        }
        return .restoreAll
    }
}
