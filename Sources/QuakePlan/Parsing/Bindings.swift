import QuakeYAML

/// What each `${name}` stands for.
struct Bindings {
    enum Value: Equatable {
        case text(String)
        /// Its value could not be made, and a problem says so already.
        case broken
        /// It differs from trial to trial, and so has no value for the plan as a whole.
        case varying
        /// It names a fact, and so is known where a formula may stand, and by that formula alone.
        case formula
    }

    private(set) var values: [String: Value] = [:]
    /// Variables as they are written, for formulas: put in as they are, they would lose what belongs together. Without those
    /// that the matrix gives a value.
    private(set) var written: [String: Definition] = [:]

    /// A variable as written.
    struct Definition {
        var name: String
        var text: String
        /// Where it is written; `nil` for one that the command line has set.
        var node: YAMLNode?
    }

    /// Values in which variables refer to each other, resolved.
    ///
    /// - Parameters:
    ///   - fixed: matrix values of a trial; they win over definitions.
    ///   - varying: matrix keys, where the plan as a whole is resolved.
    ///   - broken: matrix keys without a usable value.
    init(
        _ definitions: [Definition], fixed: [String: String] = [:], varying: Set<String> = [],
        broken: Set<String> = [], log: inout ProblemLog
    ) {
        for name in broken { values[name] = .broken }
        for (name, text) in fixed { values[name] = .text(text) }
        for name in varying { values[name] = .varying }
        let byName = Dictionary(definitions.map { ($0.name, $0) }) { first, _ in first }
        written = byName.filter { fixed[$0.key] == nil && !varying.contains($0.key) && !broken.contains($0.key) }
        for definition in definitions {
            var path: [String] = []
            _ = resolve(definition.name, in: byName, path: &path, log: &log)
        }
    }

    private mutating func resolve(
        _ name: String, in definitions: [String: Definition], path: inout [String], log: inout ProblemLog
    ) -> Value {
        if let known = values[name] { return known }
        guard let definition = definitions[name] else { return .broken }
        path.append(name)
        defer { path.removeLast() }
        var result = Value.text("")
        for piece in Template(definition.text).pieces {
            let value = self.value(of: piece, in: definition, definitions, path: &path, log: &log)
            result = Self.joined(result, value)
        }
        // A cycle that goes through this variable has marked it already.
        if values[name] == nil { values[name] = result }
        return values[name] ?? result
    }

    private mutating func value(
        of piece: Template.Piece, in definition: Definition, _ definitions: [String: Definition], path: inout [String],
        log: inout ProblemLog
    ) -> Value {
        switch piece {
        case .literal(let text): return .text(text)
        case .unclosed(let offset):
            log.add("\"${\" is never closed", at: definition.node, offset: offset)
            return .broken
        case .reference(let name, let offset):
            if let start = path.firstIndex(of: name) {
                let cycle = (path[start...] + [name]).joined(separator: " → ")
                log.add("the variable refers to itself: \(cycle)", at: definition.node)
                for member in path[start...] { values[member] = .broken }
                return .broken
            }
            if values[name] == nil, definitions[name] == nil {
                if Fact(rawValue: name) != nil { return .formula }
                let names = Set(definitions.keys).union(values.keys).sorted()
                log.add(
                    "unknown variable \"\(name)\"" + Suggestion.hint(for: name, among: names), at: definition.node,
                    offset: offset)
                return .broken
            }
            return resolve(name, in: definitions, path: &path, log: &log)
        }
    }

    static func joined(_ first: Value, _ second: Value) -> Value {
        switch (first, second) {
        case (.text(let head), .text(let tail)): .text(head + tail)
        case (.broken, _), (_, .broken): .broken
        case (.varying, _), (_, .varying): .varying
        default: .formula
        }
    }

    /// Whether a name is a fact's, or that of a variable that names one.
    func dependsOnFacts(_ name: String) -> Bool {
        values[name].map { $0 == .formula } ?? (Fact(rawValue: name) != nil)
    }
}
