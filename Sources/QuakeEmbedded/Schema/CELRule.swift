import QuakeKube

/// The part of the Common Expression Language that definitions use: comparison, logic, `in`, `has`, `size`, `all`,
/// `exists`, `find`, `matches`, `startsWith`, `endsWith`, `contains`, `int`, lists, `self` and `oldSelf`.
struct CELRule: Sendable {
    private indirect enum Node: Sendable {
        case literal(JSONValue)
        case name(String)
        case member(Node, String)
        case index(Node, Node)
        case call(Node?, String, [Node])
        case list([Node])
        case not(Node)
        case binary(String, Node, Node)
        case choice(Node, Node, Node)
    }

    private let root: Node
    private let needsOld: Bool

    /// - Returns: `nil` for text that is not understood.
    init?(_ text: String) {
        var parser = Parser(tokens: Parser.tokens(text))
        guard let root = parser.expression(), parser.isAtEnd else { return nil }
        self.root = root
        needsOld = text.contains("oldSelf")
    }

    /// `nil` where it cannot be said: a transition rule without a before, or an expression that fails.
    func holds(_ value: JSONValue, old: JSONValue?) -> Bool? {
        if needsOld, old == nil { return nil }
        return Self.evaluate(root, ["self": value, "oldSelf": old ?? .null])?.boolValue
    }

    // MARK: - Evaluation

    private static func evaluate(_ node: Node, _ scope: [String: JSONValue]) -> JSONValue? {
        switch node {
        case .literal(let value): return value
        case .name(let name): return scope[name]
        case .member(let base, let name): return evaluate(base, scope)?[name]
        case .index(let base, let index):
            guard let base = evaluate(base, scope), let index = evaluate(index, scope) else { return nil }
            return index.intValue.flatMap { base[$0] } ?? index.stringValue.flatMap { base[$0] }
        case .list(let elements):
            let values = elements.compactMap { evaluate($0, scope) }
            return values.count == elements.count ? .array(values) : nil
        case .not(let inner): return evaluate(inner, scope)?.boolValue.map { .bool(!$0) }
        case .choice(let condition, let yes, let no):
            guard let flag = evaluate(condition, scope)?.boolValue else { return nil }
            return evaluate(flag ? yes : no, scope)
        case .binary(let sign, let left, let right): return binary(sign, left, right, scope)
        case .call(let base, let name, let arguments): return call(base, name, arguments, scope)
        }
    }

    private static func binary(_ sign: String, _ left: Node, _ right: Node, _ scope: [String: JSONValue]) -> JSONValue?
    {
        let a = evaluate(left, scope)
        if sign == "||" || sign == "&&" {
            if a == .bool(sign == "||") { return a }
            let b = evaluate(right, scope)
            return b == .bool(sign == "||") ? b : a == nil ? nil : b
        }
        guard let a, let b = evaluate(right, scope) else { return nil }
        switch sign {
        case "==": return .bool(a == b)
        case "!=": return .bool(a != b)
        case "in":
            if let text = a.stringValue, let members = b.objectValue { return .bool(members[text] != nil) }
            return .bool(b.arrayValue?.contains(a) ?? false)
        default:
            if let x = a.stringValue, let y = b.stringValue { return compare(sign, x, y) }
            guard let x = a.doubleValue, let y = b.doubleValue else { return nil }
            if sign == "+" || sign == "-" { return .int(Int64(sign == "+" ? x + y : x - y)) }
            return compare(sign, x, y)
        }
    }

    private static func compare<Value: Comparable>(_ sign: String, _ a: Value, _ b: Value) -> JSONValue? {
        switch sign {
        case "<": .bool(a < b)
        case "<=": .bool(a <= b)
        case ">": .bool(a > b)
        case ">=": .bool(a >= b)
        default: nil
        }
    }

    private static func call(
        _ base: Node?, _ name: String, _ arguments: [Node], _ scope: [String: JSONValue]
    ) -> JSONValue? {
        if name == "has", case .member(let inner, let member)? = arguments.first {
            return .bool(evaluate(inner, scope)?[member] != nil)
        }
        if ["all", "exists"].contains(name), let base, arguments.count == 2, case .name(let variable) = arguments[0] {
            return quantified(name, evaluate(base, scope), variable, arguments[1], scope)
        }
        guard let subject = base.map({ evaluate($0, scope) }) ?? arguments.first.map({ evaluate($0, scope) }),
            let subject
        else { return nil }
        let argument = (base == nil ? nil : arguments.first).flatMap { evaluate($0, scope)?.stringValue }
        switch name {
        case "size":
            let count = subject.arrayValue?.count ?? subject.objectValue?.count ?? subject.stringValue?.count
            return count.map { .int(Int64($0)) }
        case "int":
            return subject.intValue.map { .int(Int64($0)) } ?? subject.stringValue.flatMap(Int64.init).map { .int($0) }
        case "string": return .string(subject.stringValue ?? subject.text())
        default: return argument.flatMap { text(subject.stringValue, name, $0) }
        }
    }

    private static func text(_ subject: String?, _ name: String, _ argument: String) -> JSONValue? {
        guard let subject else { return nil }
        switch name {
        case "startsWith": return .bool(subject.hasPrefix(argument))
        case "endsWith": return .bool(subject.hasSuffix(argument))
        case "contains": return .bool(subject.contains(argument))
        case "matches": return (try? Regex(argument)).map { .bool(subject.firstMatch(of: $0) != nil) }
        case "find":
            return (try? Regex(argument)).map {
                .string(subject.firstMatch(of: $0).map { String(subject[$0.range]) } ?? "")
            }
        default: return nil
        }
    }

    private static func quantified(
        _ name: String, _ subject: JSONValue?, _ variable: String, _ body: Node, _ scope: [String: JSONValue]
    ) -> JSONValue? {
        guard let subject else { return nil }
        let elements = subject.arrayValue ?? (subject.objectValue ?? [:]).keys.sorted().map { JSONValue.string($0) }
        var isUnknown = false
        for element in elements {
            var inner = scope
            inner[variable] = element
            guard let flag = evaluate(body, inner)?.boolValue else {
                isUnknown = true
                continue
            }
            if flag == (name == "exists") { return .bool(flag) }
        }
        return isUnknown ? nil : .bool(name == "all")
    }

    // MARK: - Parsing

    private struct Parser {
        enum Token: Equatable {
            case word(String)
            case text(String)
            case number(Int64)
            case sign(String)
        }

        var tokens: [Token]?
        var position = 0

        var isAtEnd: Bool { position == tokens?.count }
        private var next: Token? { tokens.flatMap { position < $0.count ? $0[position] : nil } }

        static func tokens(_ text: String) -> [Token]? {
            var found: [Token] = []
            var rest = Substring(text)
            while let first = rest.first {
                if first.isWhitespace {
                    rest.removeFirst()
                } else if let match = rest.prefixMatch(of: /[A-Za-z_][A-Za-z0-9_]*/) {
                    found.append(.word(String(match.0)))
                    rest = rest[match.range.upperBound...]
                } else if let match = rest.prefixMatch(of: /[0-9]+/) {
                    found.append(.number(Int64(String(match.0)) ?? 0))
                    rest = rest[match.range.upperBound...]
                } else if first == "'" || first == "\"" {
                    guard let end = rest.dropFirst().firstIndex(of: first) else { return nil }
                    let inner = rest[rest.index(after: rest.startIndex)..<end]
                    found.append(.text(String(inner.replacing("\\\\", with: "\\"))))
                    rest = rest[rest.index(after: end)...]
                } else if let match = rest.prefixMatch(of: /(\|\||&&|==|!=|<=|>=|[-!<>+().,?:\[\]])/) {
                    found.append(.sign(String(match.output.0)))
                    rest = rest[match.range.upperBound...]
                } else {
                    return nil
                }
            }
            return found
        }

        private mutating func take(_ sign: String) -> Bool {
            guard next == .sign(sign) else { return false }
            position += 1
            return true
        }

        mutating func expression() -> Node? {
            guard let condition = either(["||"]) else { return nil }
            guard take("?") else { return condition }
            guard let yes = expression(), take(":"), let no = expression() else { return nil }
            return .choice(condition, yes, no)
        }

        /// Binary operators by falling looseness.
        private mutating func either(_ signs: [String]) -> Node? {
            let tighter: [String]? =
                switch signs[0] {
                case "||": ["&&"]
                case "&&": ["==", "!=", "<", "<=", ">", ">=", "in"]
                case "==": ["+", "-"]
                default: nil
                }
            guard var left = tighter.map({ either($0) }) ?? unary() else { return nil }
            while let sign = binarySign(signs) {
                guard let right = tighter.map({ either($0) }) ?? unary() else { return nil }
                left = .binary(sign, left, right)
            }
            return left
        }

        private mutating func binarySign(_ signs: [String]) -> String? {
            switch next {
            case .sign(let sign) where signs.contains(sign):
                position += 1
                return sign
            case .word("in") where signs.contains("in"):
                position += 1
                return "in"
            default: return nil
            }
        }

        private mutating func unary() -> Node? {
            if take("!") { return unary().map { .not($0) } }
            guard var node = primary() else { return nil }
            while true {
                if take(".") {
                    guard case .word(let name)? = next else { return nil }
                    position += 1
                    if next == .sign("(") {
                        guard let arguments = arguments("(", ")") else { return nil }
                        node = .call(node, name, arguments)
                    } else {
                        node = .member(node, name)
                    }
                } else if take("[") {
                    guard let index = expression(), take("]") else { return nil }
                    node = .index(node, index)
                } else {
                    return node
                }
            }
        }

        private mutating func primary() -> Node? {
            switch next {
            case .text(let text)?:
                position += 1
                return .literal(.string(text))
            case .number(let number)?:
                position += 1
                return .literal(.int(number))
            case .word(let word)?:
                position += 1
                if word == "true" || word == "false" { return .literal(.bool(word == "true")) }
                return next == .sign("(") ? arguments("(", ")").map { .call(nil, word, $0) } : .name(word)
            case .sign("["): return arguments("[", "]").map { .list($0) }
            case .sign("("):
                position += 1
                guard let inner = expression(), take(")") else { return nil }
                return inner
            default: return nil
            }
        }

        private mutating func arguments(_ open: String, _ close: String) -> [Node]? {
            guard take(open) else { return nil }
            var found: [Node] = []
            while !take(close) {
                guard let argument = expression() else { return nil }
                found.append(argument)
                if !take(",") { return take(close) ? found : nil }
            }
            return found
        }
    }
}
