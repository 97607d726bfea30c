import QuakeYAML

/// What is wrong with a manifest that a plan applies, before anything is applied.
struct ManifestCheck {
    private var log: ProblemLog

    /// Every problem of a manifest's text, with its place in it.
    ///
    /// - Parameter file: names the manifest in problems; nothing is read from it.
    static func problems(of text: String, file: String) -> [Problem] {
        let documents: [YAMLNode]
        do {
            documents = try YAML.parseAll(text, file: file)
        } catch {
            let position = SourcePosition(line: error.line, column: error.column)
            return [Problem(file: file, position: position, message: error.message)]
        }
        guard !documents.isEmpty else {
            let start = SourcePosition(line: 1, column: 1)
            return [Problem(file: file, position: start, message: "the manifest holds no object")]
        }
        var check = ManifestCheck(log: ProblemLog(file: file))
        for document in documents { check.object(document) }
        return check.log.problems
    }

    private mutating func object(_ node: YAMLNode) {
        guard node.mapping != nil else {
            log.add("an object is expected, and this is a \(node.kindName)", at: node)
            return
        }
        word(node, "apiVersion")
        word(node, "kind")
        guard node["kind"]?.scalar == "List" else { return name(node) }
        guard let items = node["items"]?.sequence else {
            log.add("items: a List has a list of objects there", at: node["items"] ?? node)
            return
        }
        for item in items { object(item) }
    }

    private mutating func word(_ node: YAMLNode, _ key: String) {
        guard let value = node[key], !value.isNull else {
            log.add("\"\(key)\" is missing", at: node)
            return
        }
        if value.scalar?.isEmpty ?? true {
            let what = value.scalar == nil ? "a \(value.kindName)" : "empty"
            log.add("\(key): a single value is expected, and this is \(what)", at: value)
        }
    }

    private mutating func name(_ node: YAMLNode) {
        guard let metadata = node["metadata"], metadata.mapping != nil else {
            log.add("\"metadata.name\" is missing", at: node["metadata"] ?? node)
            return
        }
        if metadata["name"]?.scalar?.isEmpty == false { return }
        if let generated = metadata["generateName"] {
            log.add(
                "metadata.generateName: an object needs its own name, so that it can be restored; give \"name\"",
                at: generated)
        } else {
            log.add("\"metadata.name\" is missing", at: metadata["name"] ?? metadata)
        }
    }
}
