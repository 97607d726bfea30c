import QuakeYAML

/// Reads the parts of a plan for one combination of the matrix. Every reader reports what is wrong and returns `nil` for
/// it; callers then go on with a default, so that all problems come out at once.
struct PlanDecoder {
    var log: ProblemLog
    let bindings: Bindings
    var scope: Scope
    /// Files that have been named so far.
    private(set) var named: [String] = []
    /// Those of them that a step applies.
    var manifests: [ManifestUse] = []

    /// What the readers of steps and expectations must know of the rest of the plan.
    struct Scope {
        /// The plan's own, which the files that it names are relative to.
        var path = ""
        var actions = ActionRegistry.standard
        var attachments = Attachments()
        /// The kinds of expectations that are known.
        var expectations = ExpectationRegistry.standard
        var clusters: [String] = []
        /// Matrix keys with the values as written.
        var axes: [MatrixAxis] = []
        /// Whether an expectation that selects nothing is a problem.
        var checksSelections = true
        var settle = Duration.seconds(10)
        var restoreWithin = Duration.seconds(600)
        /// The cell's values of the matrix.
        var labels: [String: String] = [:]
        /// What is known of the clusters before a trial; `nil` while nobody has looked.
        var facts: CellFacts?
        /// Whether the expectation that is read selects anything in the cell: only then its facts must be known.
        var isSelected = true
        /// The traffic that it selects; `nil` for all.
        var selectedTraffic: String?
        var traffic: [Traffic] = []
        /// Steps in the order of the text, those in `parallel` included.
        var identities: [StepIdentity] = []
        /// What is known of the steps read so far; those of one `parallel` enter together.
        var earlier: [StepFacts] = []
    }

    init(log: ProblemLog, bindings: Bindings, scope: Scope) {
        self.log = log
        self.bindings = bindings
        self.scope = scope
    }

    /// A mapping whose keys have been checked.
    struct Fields {
        let node: YAMLNode
        /// What the mapping is, for messages.
        let what: String
        /// Whether there is a key that is not known: most likely a misspelt one that will be missed elsewhere.
        var hasUnknownKey = false

        subscript(key: String) -> YAMLNode? { node[key] }
        /// The key's place, else the mapping's.
        func place(of key: String) -> YAMLNode { node[key] ?? node }
    }

    mutating func report(_ message: String, at node: YAMLNode) { log.add(message, at: node) }

    /// A mapping without unknown keys; one that lacks required keys is returned all the same.
    ///
    /// - Parameter advice: for an unknown key that belongs elsewhere, where; `nil` for every other.
    mutating func fields(
        _ node: YAMLNode, _ what: String, keys: [String], required: [String] = [],
        advice: (String) -> String? = { _ in nil }
    ) -> Fields? {
        guard let pairs = node.mapping else {
            report("\(what): a mapping is expected, and this is \(shown(node))\(listed(keys))", at: node)
            return nil
        }
        let unknown = pairs.filter { !keys.contains($0.key.scalar ?? "") }
        for pair in unknown {
            let key = pair.key.scalar ?? ""
            let hint = advice(key).map { "; \($0)" } ?? Suggestion.hint(for: key, among: keys)
            report("\(what): unknown key \"\(key)\"" + hint, at: pair.key)
        }
        for key in required where node[key] == nil { report("\(what): \"\(key)\" is missing", at: node) }
        return Fields(node: node, what: what, hasUnknownKey: !unknown.isEmpty)
    }

    /// The name of a file as it is written, variables put in; `nil` for one that cannot be read.
    mutating func file(_ node: YAMLNode, _ what: String) -> String? {
        guard let name = text(node, what) else { return nil }
        named.append(name)
        let trouble: String? =
            switch scope.attachments.files[name] {
            case .text: nil
            case .unreadable(let why): why
            case nil: scope.attachments.isComplete ? "does not exist" : nil
            }
        guard let trouble else { return name }
        let place = Plan.place(of: name, namedIn: scope.path)
        report("\(what): \(shown(node)) \(trouble) (\(place)); paths are relative to the plan's folder", at: node)
        return nil
    }

    private func listed(_ keys: [String]) -> String {
        keys.isEmpty ? "" : " (allowed keys: \(keys.joined(separator: ", ")))"
    }

    /// The elements of a list that has at least one.
    mutating func list(_ node: YAMLNode, _ what: String) -> [YAMLNode]? {
        guard let nodes = node.sequence else {
            report("\(what): a list is expected, and this is \(shown(node))", at: node)
            return nil
        }
        if nodes.isEmpty { report("\(what): the list is empty, and needs at least one", at: node) }
        return nodes
    }

    /// A scalar's text with every `${name}` put in.
    mutating func text(_ node: YAMLNode?, _ what: String) -> String? {
        guard let node else { return nil }
        guard let raw = node.scalar else {
            report("\(what): a single value is expected, and this is a \(node.kindName)", at: node)
            return nil
        }
        guard !node.isNull else {
            report("\(what): the value is missing", at: node)
            return nil
        }
        return expand(raw, at: node)
    }

    mutating func expand(_ raw: String, at node: YAMLNode) -> String? {
        var result = Bindings.Value.text("")
        for piece in Template(raw).pieces {
            result = Bindings.joined(result, value(of: piece, at: node))
        }
        if case .text(let text) = result { return text }
        return nil
    }

    private mutating func value(of piece: Template.Piece, at node: YAMLNode) -> Bindings.Value {
        switch piece {
        case .literal(let text): return .text(text)
        case .unclosed(let offset):
            log.add("\"${\" is never closed", at: node, offset: offset)
            return .broken
        case .reference(let name, let offset):
            let known = bindings.values[name]
            if bindings.dependsOnFacts(name) {
                log.add(
                    "\"\(name)\" depends on facts of the clusters: only a hold and the limit of an expectation may",
                    at: node, offset: offset)
            } else if known == .varying {
                log.add("\"\(name)\" varies with the matrix, and cannot be used here", at: node, offset: offset)
            } else if known == nil {
                let names = bindings.values.keys.sorted()
                log.add(
                    "unknown variable \"\(name)\"" + Suggestion.hint(for: name, among: names), at: node, offset: offset)
            }
            return known ?? .broken
        }
    }

    /// A node as messages show it: `"90x"`, `"5x" (from "${hold}")`, `a sequence`, `nothing`.
    func shown(_ node: YAMLNode) -> String {
        guard let raw = node.scalar else { return "a \(node.kindName)" }
        guard !node.isNull else { return "nothing" }
        var silent = self
        guard raw.contains("${"), let expanded = silent.expand(raw, at: node) else { return "\"\(raw)\"" }
        return "\"\(expanded)\" (from \"\(raw)\")"
    }
}
