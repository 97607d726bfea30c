import QuakeYAML

/// A manifest as a step applies it.
struct ManifestUse: Sendable, Hashable {
    var file: String
    /// Whether the step answers for what goes with a Namespace or a CustomResourceDefinition.
    var ownsNamespace = false
}

/// What is wrong with a manifest that a plan applies, before anything is applied.
struct ManifestCheck {
    private var log: ProblemLog
    /// Whether the step may take away what others have made in a namespace, or of a kind.
    private let ownsNamespace: Bool

    /// Every problem of a manifest's text, with its place in it.
    ///
    /// - Parameters:
    ///   - file: names the manifest in problems; nothing is read from it.
    ///   - ownsNamespace: what the step that applies it says of itself.
    static func problems(of text: String, file: String, ownsNamespace: Bool) -> [Problem] {
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
        var check = ManifestCheck(log: ProblemLog(file: file), ownsNamespace: ownsNamespace)
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
        guard isList(node) else {
            owned(node)
            return name(node)
        }
        guard let items = node["items"]?.sequence else {
            log.add("items: a List has a list of objects there", at: node["items"] ?? node)
            return
        }
        for item in items { object(item) }
    }

    /// A List, or one of a kind of its own as `kubectl get` of old printed them.
    private func isList(_ node: YAMLNode) -> Bool {
        let kind = node["kind"]?.scalar ?? ""
        return kind == "List" || (kind.hasSuffix("List") && node["items"]?.sequence != nil)
    }

    /// What takes other objects along when it is removed.
    private mutating func owned(_ node: YAMLNode) {
        guard !ownsNamespace, let kind = node["kind"]?.scalar else { return }
        let group = node["apiVersion"]?.scalar?.split(separator: "/").dropLast().first.map(String.init) ?? ""
        let name = node["metadata"]?["name"]?.scalar ?? ""
        let consequence: String
        switch (group, kind) {
        case ("", "Namespace"): consequence = "everything in it, also what others made"
        case ("apiextensions.k8s.io", "CustomResourceDefinition"):
            consequence = "every object of its kind, also those of others"
        default: return
        }
        log.add(
            "\(kind) \"\(name)\": its removal after the trial takes along \(consequence); "
                + "if that is right, say \"ownsNamespace: true\" in the step", at: node)
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
