import QuakeYAML

/// YAML inside a scalar of YAML: says where its lines stand in the file.
///
/// Lines of a literal block (`|`) stand there as they are, only indented; of what is folded, quoted or escaped only some
/// do. What cannot be found gets the place of the scalar.
struct TextInScalar {
    private let node: YAMLNode
    private let content: [Substring]
    private let lines: [Substring]

    /// - Parameter lines: those of the file, without their ends.
    init(_ node: YAMLNode, lines: [Substring]) {
        self.node = node
        self.lines = lines
        content = (node.scalar ?? "").split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// The place in the file of a place in the text.
    func place(_ place: KindPlace) -> KindPlace {
        guard content.indices.contains(place.line - 1) else { return node.place }
        let text = content[place.line - 1]
        if isBlock {
            let line = node.line + place.line
            guard lines.indices.contains(line - 1), lines[line - 1].hasSuffix(text) else { return node.place }
            let indent = lines[line - 1].unicodeScalars.count - text.unicodeScalars.count
            return KindPlace(line, indent + place.column)
        }
        guard content.count == 1, lines.indices.contains(node.line - 1) else { return node.place }
        let rest = lines[node.line - 1].unicodeScalars.dropFirst(node.column - 1 + quote)
        return String(rest).hasPrefix(text) ? KindPlace(node.line, node.column + quote + place.column - 1) : node.place
    }

    /// A node that was read from the text, and all in it, with places in the file.
    func placed(_ read: YAMLNode) -> YAMLNode {
        let place = place(read.place)
        var result = YAMLNode(read.kind, line: place.line, column: place.column)
        switch read.kind {
        case .scalar: break
        case .sequence(let elements): result.kind = .sequence(elements.map(placed))
        case .mapping(let pairs):
            result.kind = .mapping(pairs.map { YAMLPair(key: placed($0.key), value: placed($0.value)) })
        }
        return result
    }

    private var style: YAMLScalar.Style {
        if case .scalar(let scalar) = node.kind { scalar.style } else { .plain }
    }

    private var isBlock: Bool { style == .literal || style == .folded }
    private var quote: Int { style == .singleQuoted || style == .doubleQuoted ? 1 : 0 }
}
