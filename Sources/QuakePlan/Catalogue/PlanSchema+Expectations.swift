extension PlanSchema {
    /// The definition of an element of `expect`: exactly one of the registry's keys, and `when`.
    static func expectation(_ registry: ExpectationRegistry) -> String {
        let oneOf = registry.keys.map { #"{"required": ["\#($0)"]}"# }
        let properties = registry.declarations.map { declaration in
            #""\#(declaration.key)": {"description": "\#(declaration.help.summary)", \#(declaration.schema)}"#
        }
        return #"""
                "expectation": {
                  "type": "object", "additionalProperties": false,
                  "oneOf": [
                    \#(oneOf.joined(separator: ",\n            "))
                  ],
                  "properties": {
                    \#(properties.joined(separator: ",\n            ")),
                    "when": {
                      "description": "Selects by step, traffic, connections, mesh, tunnels or a key of the matrix.",
                      "type": "object",
                      "properties": {
                        "step": {"type": "string"}, "traffic": {"type": "string"}, "connections": {"type": "string"},
                        "mesh": {"type": "string"}, "tunnels": {"type": "string"}
                      },
                      "additionalProperties": {"type": ["string", "number", "boolean"]}
                    }
                  }
                }
            """#
    }
}
