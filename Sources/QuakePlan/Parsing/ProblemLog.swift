import QuakeYAML

/// Collects problems; the same one, found again in another trial, counts once.
struct ProblemLog {
    let file: String
    private(set) var problems: [Problem] = []
    private var seen: Set<Problem> = []

    init(file: String) { self.file = file }

    /// - Parameters:
    ///   - node: `nil` blames the command line's `--set`.
    ///   - offset: Unicode scalars from the beginning of a scalar's text; ignored where a text does not stand in its
    ///     file as it reads.
    mutating func add(_ message: String, at node: YAMLNode?, offset: Int = 0) {
        guard let node else { return add(Problem(file: "--set", position: nil, message: message)) }
        var position = SourcePosition(node)
        if case .scalar(let scalar) = node.kind, scalar.tag == nil, !scalar.text.contains("\n"), offset > 0 {
            switch scalar.style {
            case .plain: position.column += offset
            case .singleQuoted, .doubleQuoted: position.column += offset + 1
            case .literal, .folded: break
            }
        }
        add(Problem(file: file, position: position, message: message))
    }

    mutating func add(_ problem: Problem) {
        if seen.insert(problem).inserted { problems.append(problem) }
    }
}

extension SourcePosition {
    init(_ node: YAMLNode) { self.init(line: node.line, column: node.column) }
}
