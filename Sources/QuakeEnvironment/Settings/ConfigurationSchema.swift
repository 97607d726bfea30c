/// The format of `peerquake.yaml` as a JSON Schema, for editors.
package enum ConfigurationSchema {
    /// JSON text of a schema of draft 2020-12, ending in a newline.
    package static var json: String {
        let properties = Setting.allCases.map { "    \"\($0.rawValue)\": \(schema(of: $0))" }.joined(separator: ",\n")
        return """
            {
              "$schema": "https://json-schema.org/draft/2020-12/schema",
              "$id": "https://peerquake.dev/schemas/config-v1.json",
              "title": "Peerquake's defaults",
              "description": "\(ConfigurationFile.name) in the working folder. Flags and variables beat it.",
              "type": "object",
              "additionalProperties": false,
              "properties": {
            \(properties)
              }
            }

            """
    }

    private static func schema(of setting: Setting) -> String {
        var parts: [String]
        switch setting.shape {
        case .word(let allowed): parts = ["\"enum\": [\(allowed.map { "\"\($0)\"" }.joined(separator: ", "))]"]
        case .text: parts = ["\"type\": \"string\"", "\"minLength\": 1"]
        case .list:
            let text = "{\"type\": \"string\", \"minLength\": 1}"
            parts = ["\"anyOf\": [\(text), {\"type\": \"array\", \"items\": \(text)}]"]
        case .map:
            parts = ["\"type\": \"object\"", "\"additionalProperties\": {\"type\": \"string\", \"minLength\": 1}"]
        }
        if let standard = setting.standard { parts.append("\"default\": \"\(standard)\"") }
        parts.append("\"description\": \"\(setting.help)\"")
        return "{\n      " + parts.joined(separator: ",\n      ") + "\n    }"
    }
}
