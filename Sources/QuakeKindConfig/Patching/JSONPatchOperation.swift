import QuakeYAML

/// An operation of RFC 6902, as kind's library (evanphx/json-patch v5) carries it out.
struct JSONPatchOperation {
    enum Verb: String, CaseIterable {
        case add, remove, replace, move, copy, test
    }

    /// Why it cannot be done.
    struct Problem: Error {
        var message: String
        var place: KindPlace
    }

    var verb: Verb
    var path: String?
    var from: String?
    var value: YAMLNode
    var place: KindPlace
    var pathPlace: KindPlace

    func apply(to document: YAMLNode) throws(Problem) -> YAMLNode {
        var result = document
        let path = try pointer(self.path, "path")
        switch verb {
        case .add: try add(value, at: path, in: &result)
        case .remove: _ = try take(path, from: &result)
        case .replace:
            guard try find(path, in: result) != nil else { throw missing(path) }
            try change(path, in: &result) { $0 = value }
        case .move:
            let taken = try take(try pointer(self.from, "from"), from: &result)
            try add(taken, at: path, in: &result)
        case .copy:
            let source = try pointer(self.from, "from")
            guard let found = try find(source, in: result) else { throw missing(source) }
            try add(found, at: path, in: &result)
        case .test:
            let found = try find(path, in: result)
            let isSame = found.map { $0.isSame(as: value) } ?? (value.jsonScalar == .null)
            guard isSame else { throw problem("test of \(Self.text(path)): another value is there") }
        }
        return result
    }

    // MARK: - Pointers

    private func pointer(_ text: String?, _ what: String) throws(Problem) -> [String] {
        guard let text else { throw problem("\(verb.rawValue) without \(what)") }
        guard !text.isEmpty else { return [] }
        guard text.hasPrefix("/") else { throw problem("the \(what) \"\(text)\" does not begin with a /") }
        return text.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map {
            String($0).replacing("~1", with: "/").replacing("~0", with: "~")
        }
    }

    private static func text(_ path: [String]) -> String { path.map { "/\($0)" }.joined() }

    private func problem(_ message: String) -> Problem { Problem(message: message, place: pathPlace) }

    private func missing(_ path: [String]) -> Problem {
        problem("\(verb.rawValue): there is no \(Self.text(path)) in the document")
    }

    // MARK: - The tree

    private func find(_ path: [String], in node: YAMLNode) throws(Problem) -> YAMLNode? {
        guard let key = path.first else { return node }
        guard let next = node.mapping != nil ? node[key] : element(key, of: node) else { return nil }
        return try find(Array(path.dropFirst()), in: next)
    }

    private func element(_ key: String, of node: YAMLNode) -> YAMLNode? {
        guard let elements = node.sequence, let index = index(key, elements.count) else { return nil }
        return elements.indices.contains(index) ? elements[index] : nil
    }

    /// Negative ones count from the end.
    private func index(_ key: String, _ count: Int) -> Int? {
        guard let number = Int(key), key.first != "+" else { return nil }
        return number < 0 ? number + count : number
    }

    /// Changes what stands at a path, which must be there.
    private func change(
        _ path: [String], in node: inout YAMLNode, _ body: (inout YAMLNode) throws(Problem) -> Void
    ) throws(Problem) {
        guard let key = path.first else { return try body(&node) }
        guard var next = node.mapping != nil ? node[key] : element(key, of: node) else { throw missing(whole(path)) }
        try change(Array(path.dropFirst()), in: &next, body)
        replace(key, of: &node, with: next)
    }

    /// The operation's own path, of which `change` knows what is left only.
    private func whole(_ rest: [String]) -> [String] { (try? pointer(self.path, "path")) ?? rest }

    private func replace(_ key: String, of node: inout YAMLNode, with value: YAMLNode) {
        if let pair = node.mapping?.first(where: { $0.key.scalar == key }) {
            node.set(pair.key, value)
        } else if var elements = node.sequence, let index = index(key, elements.count) {
            elements[index] = value
            node.kind = .sequence(elements)
        }
    }

    private func add(_ value: YAMLNode, at path: [String], in root: inout YAMLNode) throws(Problem) {
        guard let key = path.last else {
            root = value
            return
        }
        try change(Array(path.dropLast()), in: &root) { (parent) throws(Problem) in
            if parent.mapping != nil {
                parent.set(YAMLNode.text(key).at(value.place), value)
            } else if var elements = parent.sequence {
                guard let index = key == "-" ? elements.count : index(key, elements.count + 1),
                    (0...elements.count).contains(index)
                else {
                    throw problem("add: \"\(key)\" is not a place in the list \(Self.text(Array(path.dropLast())))")
                }
                elements.insert(value, at: index)
                parent.kind = .sequence(elements)
            } else {
                throw missing(Array(path.dropLast()))
            }
        }
    }

    private func take(_ path: [String], from root: inout YAMLNode) throws(Problem) -> YAMLNode {
        guard let key = path.last, let taken = try find(path, in: root) else { throw missing(path) }
        try change(Array(path.dropLast()), in: &root) { (parent) throws(Problem) in
            if parent.mapping != nil {
                parent.remove(key)
            } else if var elements = parent.sequence, let index = index(key, elements.count) {
                elements.remove(at: index)
                parent.kind = .sequence(elements)
            }
        }
        return taken
    }
}
