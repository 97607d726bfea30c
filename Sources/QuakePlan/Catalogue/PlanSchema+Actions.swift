extension PlanSchema {
    /// One definition for each action, by its name.
    static func actions(_ registry: ActionRegistry) -> String {
        registry.kinds.map { kind in
            let summary = quoted(kind.declaration.summary)
            return #"    "\#(kind.name)": {"description": \#(summary), \#(body(of: kind))}"#
        }.joined(separator: ",\n")
    }

    private static func body(of kind: ActionKind) -> String {
        switch kind {
        case .control(.wait): return ##""$ref": "#/$defs/duration""##
        case .control(.parallel): return ##""type": "array", "minItems": 1, "items": {"$ref": "#/$defs/step"}"##
        case .control(.restoreAll): return #""type": ["null", "object"], "maxProperties": 0"#
        case .control(.waitFor), .declared:
            let declaration = kind.declaration
            return object(declaration.keys) + choice(declaration.takes)
        }
    }

    /// Nodes are named, or taken over from an earlier step.
    private static func choice(_ form: TargetForm) -> String {
        switch form {
        case .nodes: #", "oneOf": [{"required": ["cluster", "nodes"]}, {"required": ["step"]}]"#
        case .nodesOrCluster: #", "oneOf": [{"required": ["cluster"]}, {"required": ["step"]}]"#
        case .workload, .cluster, .nothing: ""
        }
    }

    private static func object(_ keys: [PlanKey]) -> String {
        let properties = keys.map { key in
            let members = [type(key.type), "\"description\": \(quoted(help(key)))"].compactMap(\.self)
            return "\(quoted(key.name)): {\(members.joined(separator: ", "))}"
        }
        let required = keys.filter(\.isRequired).map { quoted($0.name) }.joined(separator: ", ")
        return #""type": "object", "additionalProperties": false, "required": [\#(required)], "#
            + #""properties": {\#(properties.joined(separator: ", "))}"#
    }

    /// What an editor shows of a key.
    private static func help(_ key: PlanKey) -> String {
        guard case .optional(let otherwise) = key.need else { return key.help }
        return "\(key.help) Without it: \(otherwise)."
    }

    /// Members of a schema; `nil` for any value.
    private static func type(_ type: KeyType) -> String? {
        switch type {
        case .duration: reference("duration")
        case .number(let range): reference(range.lowerBound == 0 ? "number" : "count")
        case .flag: reference("flag")
        case .text, .manifest: #""type": "string""#
        case .texts: reference("texts")
        case .word(let words):
            ##""anyOf": [{"enum": [\##(words.map(quoted).joined(separator: ", "))]}, {"$ref": "#/$defs/variable"}]"##
        case .cluster: reference("cluster")
        case .nodes: reference("nodes")
        case .stepReference: reference("stepReference")
        case .hosting: reference("hosting")
        case .nodeState: reference("nodeState")
        case .pods: reference("pods")
        case .endpoints: reference("endpoints")
        case .drainState: reference("drainState")
        case .described: nil
        }
    }

    private static func reference(_ name: String) -> String { ##""$ref": "#/$defs/\##(name)""## }

    /// A JSON string.
    static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n") + "\""
    }
}
