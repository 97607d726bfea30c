/// Builds nodes from events: resolves aliases and merge keys, refuses duplicate keys, and bounds what comes out.
struct Composer {
    private let events: EventReader
    private let file: String
    private let repeatedKeys: YAML.RepeatedKeys
    private var anchors: [String: Anchored] = [:]
    /// Anchors of the collections that are being built, innermost last: an alias to one would have no end.
    private var open: [String] = []
    private var total = 0

    /// A named node with what it costs to repeat it.
    private struct Anchored {
        var node: YAMLNode
        var size: Int
        var height: Int
    }

    /// A node, how many nodes it has, itself included, and how many levels.
    private struct Built {
        var node: YAMLNode
        var size = 1
        var height = 1
    }

    init(events: EventReader, file: String, repeatedKeys: YAML.RepeatedKeys = .refused) {
        self.events = events
        self.file = file
        self.repeatedKeys = repeatedKeys
    }

    mutating func documents() throws(YAMLError) -> [YAMLNode] {
        var documents: [YAMLNode] = []
        while true {
            switch try events.next().body {
            case .streamEnd: return documents
            case .documentStart:
                anchors = [:]
                documents.append(try node(from: try events.next(), depth: 1).node)
            default: continue
            }
        }
    }

    private mutating func node(from event: YAMLEvent, depth: Int) throws(YAMLError) -> Built {
        if case .alias(let name) = event.body { return try aliased(name, at: event, depth: depth) }
        try count(1, at: event)
        guard depth <= YAML.maximumDepth else {
            throw error(.tooLarge, at: event, "nested deeper than \(YAML.maximumDepth) levels")
        }
        switch event.body {
        case .scalar(let scalar, let anchor):
            return remember(Built(node: YAMLNode(.scalar(scalar), line: event.line, column: event.column)), as: anchor)
        case .sequenceStart(let anchor):
            return try collection(anchor) { (composer) throws(YAMLError) in try composer.sequence(event, depth: depth) }
        case .mappingStart(let anchor):
            return try collection(anchor) { (composer) throws(YAMLError) in try composer.mapping(event, depth: depth) }
        default:
            throw error(.syntax, at: event, "a value is missing")
        }
    }

    private mutating func collection(
        _ anchor: String?, build: (inout Composer) throws(YAMLError) -> Built
    ) throws(YAMLError) -> Built {
        if let anchor { open.append(anchor) }
        let built = try build(&self)
        if anchor != nil { open.removeLast() }
        return remember(built, as: anchor)
    }

    private mutating func sequence(_ start: YAMLEvent, depth: Int) throws(YAMLError) -> Built {
        var elements: [YAMLNode] = []
        var whole = Built(node: YAMLNode(.sequence([]), line: start.line, column: start.column))
        while true {
            let event = try events.next()
            if case .sequenceEnd = event.body { break }
            let element = try node(from: event, depth: depth + 1)
            elements.append(element.node)
            whole.size += element.size
            whole.height = max(whole.height, element.height + 1)
        }
        whole.node.kind = .sequence(elements)
        return whole
    }

    private mutating func mapping(_ start: YAMLEvent, depth: Int) throws(YAMLError) -> Built {
        var pairs: [YAMLPair] = []
        var lines: [String: Int] = [:]
        var merge: YAMLPair?
        var whole = Built(node: YAMLNode(.mapping([]), line: start.line, column: start.column))
        while true {
            let event = try events.next()
            if case .mappingEnd = event.body { break }
            let key = try node(from: event, depth: depth + 1)
            let isRepeated = key.node.scalar.map { lines[$0] != nil } ?? false
            let name = try keyText(key.node, at: event, seen: &lines)
            let value = try node(from: try events.next(), depth: depth + 1)
            whole.size += key.size + value.size
            whole.height = max(whole.height, value.height + 1)
            let pair = YAMLPair(key: key.node, value: value.node)
            if isRepeated { pairs.removeAll { $0.key.scalar == name } }
            if isMerge(name, key.node) { merge = pair } else { pairs.append(pair) }
        }
        if let merge { try add(merge, to: &pairs, seen: lines) }
        whole.node.kind = .mapping(pairs)
        return whole
    }

    private func keyText(
        _ key: YAMLNode, at event: YAMLEvent, seen lines: inout [String: Int]
    ) throws(YAMLError) -> String {
        guard let text = key.scalar else {
            throw error(.badKey, at: event, "a key must be a scalar, and this is a \(key.kindName)")
        }
        if let first = lines.updateValue(event.line, forKey: text), repeatedKeys == .refused {
            throw error(.badKey, at: event, "the key \"\(text)\" is given twice; first on line \(first)")
        }
        return text
    }

    private func isMerge(_ name: String, _ key: YAMLNode) -> Bool {
        guard name == "<<", case .scalar(let scalar) = key.kind else { return false }
        return scalar.style == .plain && scalar.tag == nil || scalar.tag == "tag:yaml.org,2002:merge"
    }

    /// Keys of the mapping itself win; of several merged mappings, the earlier ones do.
    private func add(
        _ merge: YAMLPair, to pairs: inout [YAMLPair], seen lines: [String: Int]
    ) throws(YAMLError) {
        var taken = Set(lines.keys)
        for source in merge.value.sequence ?? [merge.value] {
            guard let merged = source.mapping else {
                throw YAMLError(
                    .badMerge, file: file, line: merge.key.line, column: merge.key.column,
                    message: "the value of << must be a mapping or a list of mappings, and there is a "
                        + source.kindName)
            }
            for pair in merged where taken.insert(pair.key.scalar ?? "").inserted { pairs.append(pair) }
        }
    }

    private mutating func remember(_ built: Built, as anchor: String?) -> Built {
        if let anchor { anchors[anchor] = Anchored(node: built.node, size: built.size, height: built.height) }
        return built
    }

    private mutating func aliased(_ name: String, at event: YAMLEvent, depth: Int) throws(YAMLError) -> Built {
        guard !open.contains(name) else {
            throw error(.badAlias, at: event, "the alias *\(name) lies inside the node that it names")
        }
        guard let anchored = anchors[name] else {
            throw error(.badAlias, at: event, "the alias *\(name) names no anchor before it")
        }
        try count(anchored.size, at: event)
        guard depth + anchored.height - 1 <= YAML.maximumDepth else {
            throw error(.tooLarge, at: event, "nested deeper than \(YAML.maximumDepth) levels through *\(name)")
        }
        return Built(node: anchored.node, size: anchored.size, height: anchored.height)
    }

    private mutating func count(_ nodes: Int, at event: YAMLEvent) throws(YAMLError) {
        total += nodes
        guard total <= YAML.maximumNodes else {
            throw error(.tooLarge, at: event, "more than \(YAML.maximumNodes) nodes with all aliases resolved")
        }
    }

    private func error(_ code: YAMLError.Code, at event: YAMLEvent, _ message: String) -> YAMLError {
        YAMLError(code, file: file, line: event.line, column: event.column, message: message)
    }
}
