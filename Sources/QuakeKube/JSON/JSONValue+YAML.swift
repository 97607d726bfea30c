package import QuakeYAML

extension JSONValue {
    /// A YAML node with the core schema's types: an unquoted `3` is a number, a quoted one a string.
    package init(yaml node: YAMLNode) {
        if let pairs = node.mapping {
            self = .object(Dictionary(pairs.map { ($0.key.scalar ?? "", JSONValue(yaml: $0.value)) }) { $1 })
        } else if let elements = node.sequence {
            self = .array(elements.map(JSONValue.init(yaml:)))
        } else if node.isNull {
            self = .null
        } else if let flag = node.boolValue {
            self = .bool(flag)
        } else if let number = node.intValue {
            self = .int(Int64(number))
        } else if let number = node.doubleValue, number.isFinite {
            self = .double(number)
        } else {
            self = .string(node.scalar ?? "")
        }
    }

    /// The objects of a manifest file, in order; empty documents are left out.
    ///
    /// - Throws: `.config` with the position of what is no YAML.
    package static func manifests(_ text: String, file: String) throws(KubeError) -> [JSONValue] {
        do {
            return try YAML.parseAll(text, file: file).map(JSONValue.init(yaml:))
        } catch {
            throw KubeError(.config, "\(error)")
        }
    }
}
