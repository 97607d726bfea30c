import QuakeKube
import QuakeSim

extension LabelSelector {
    /// kubectl's syntax: `a=b,c!=d,e in (f,g),h,!i`.
    init(parsing text: String) throws(APIStatus) {
        var requirements: [Requirement] = []
        for part in Self.split(text) {
            guard let requirement = Self.requirement(part) else {
                throw .badRequest("unable to parse requirement: \(part)")
            }
            requirements.append(requirement)
        }
        self.init(requirements)
    }

    /// Splits at commas outside parentheses.
    private static func split(_ text: String) -> [String] {
        var parts: [String] = [""]
        var depth = 0
        for character in text {
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            if character == ",", depth == 0 { parts.append("") } else { parts[parts.count - 1].append(character) }
        }
        return parts.map { $0.trimmed() }.filter { !$0.isEmpty }
    }

    private static func requirement(_ part: String) -> Requirement? {
        if part.hasPrefix("!") { return Requirement(String(part.dropFirst()).trimmed(), .doesNotExist) }
        for (mark, kind) in [("!=", Requirement.Operator.notIn), ("==", .isIn), ("=", .isIn)] {
            if let range = part.firstRange(of: mark) {
                let value = String(part[range.upperBound...]).trimmed()
                if value.contains("=") { return nil }
                return Requirement(String(part[..<range.lowerBound]).trimmed(), kind, [value])
            }
        }
        for (mark, kind) in [(" notin ", Requirement.Operator.notIn), (" in ", .isIn)] {
            if let range = part.firstRange(of: mark) {
                let list = part[range.upperBound...].filter { $0 != "(" && $0 != ")" }
                let values = list.split(separator: ",").map { String($0).trimmed() }
                return Requirement(String(part[..<range.lowerBound]).trimmed(), kind, values)
            }
        }
        return part.contains(" ") ? nil : Requirement(part, .exists)
    }
}

/// A field selector over dotted paths, as `spec.nodeName=n1,status.phase!=Failed`.
struct FieldSelector: Sendable {
    private struct Term: Sendable {
        var path: String
        var value: String
        var equal: Bool
    }

    private var terms: [Term] = []

    init(parsing text: String = "") throws(APIStatus) {
        for part in text.split(separator: ",") {
            let isNot = part.contains("!=")
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard sides.count == 2 else { throw .badRequest("invalid field selector: \(part)") }
            let path = isNot ? String(sides[0].dropLast()) : sides[0]
            let value = sides[1].hasPrefix("=") ? String(sides[1].dropFirst()) : sides[1]
            terms.append(Term(path: path, value: value, equal: !isNot))
        }
    }

    /// The fields it asks for.
    var paths: [String] { terms.map(\.path) }

    func matches(_ object: JSONValue) -> Bool {
        terms.allSatisfy { term in
            let found: String =
                switch object[path: term.path] {
                case .string(let text)?: text
                case .bool(let flag)?: String(flag)
                case .int(let number)?: String(number)
                default: ""
                }
            return (found == term.value) == term.equal
        }
    }
}

extension String {
    func trimmed() -> String {
        var rest = self[...]
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
