import FoundationEssentials
import Testing

@testable import QuakePlan

/// A declaration of a source, by its first line.
private struct Declaration {
    var path: String
    var line: Int
    var text: String
    var isDocumented: Bool
    /// `name(label:label:)` of a function.
    var signature: String?
}

/// Types and functions that other targets see say what they are for.
struct DocumentationTests {
    /// Functions that a protocol of a library asks for, which documents them.
    private static let witnesses: Set<String> = [
        "next", "channelRead", "handlerAdded", "handlerRemoved", "userInboundEventTriggered", "channelInactive",
        "errorCaught", "channelWritabilityChanged", "==", "<", ">", ">=", "hash", "encode",
    ]
    /// Of the same kind: types that such a protocol asks for.
    private static let witnessTypes: Set<String> = ["InboundIn", "InboundOut", "OutboundIn", "OutboundOut"]
    private static let modifiers: Set<Substring> = [
        "static", "mutating", "nonisolated", "final", "indirect", "override", "consuming", "borrowing",
    ]
    private static let kinds: Set<Substring> = [
        "struct", "enum", "class", "actor", "protocol", "func", "subscript", "typealias",
    ]

    private static func sources() -> [String] {
        let folder = "\(Repository.root)/Sources"
        let all = (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []
        return all.filter { $0.hasSuffix(".swift") }.sorted().map { "Sources/\($0)" }
    }

    /// The package's declarations of a file, and the requirements of its protocols.
    private static func declarations(
        _ path: String
    ) throws -> (package: [Declaration], requirements: [Declaration]) {
        let lines = try Repository.text(path).split(separator: "\n", omittingEmptySubsequences: false)
        var package: [Declaration] = []
        var requirements: [Declaration] = []
        var end: String?
        for (index, line) in lines.enumerated() {
            let words = line.split(separator: " ")
            if let last = end {
                if line == last {
                    end = nil
                } else if let found = function(words.drop { modifiers.contains($0) }) {
                    requirements.append(declaration(path, index, lines, found))
                }
                continue
            }
            let isPackage = words.first { !$0.hasPrefix("@") } == "package"
            let rest = words.drop { $0.hasPrefix("@") || $0 == "package" || modifiers.contains($0) }
            if rest.drop(while: { $0 == "private" || $0 == "fileprivate" }).first == "protocol" {
                end = String(line.prefix { $0 == " " }) + "}"
            }
            guard isPackage, let kind = rest.first.map({ $0.prefix { $0.isLetter } }), kinds.contains(kind) else {
                continue
            }
            if kind == "typealias", let name = rest.dropFirst().first, witnessTypes.contains(String(name)) { continue }
            package.append(declaration(path, index, lines, function(rest)))
        }
        return (package, requirements)
    }

    /// The name that follows `func`.
    private static func function(_ words: ArraySlice<Substring>) -> String? {
        guard words.first == "func" else { return nil }
        return words.dropFirst().first.map { String($0) }
    }

    private static func declaration(
        _ path: String, _ index: Int, _ lines: [Substring], _ function: String?
    ) -> Declaration {
        var above = index - 1
        while above >= 0, isBetween(lines[above]) { above -= 1 }
        let isDocumented = above >= 0 && lines[above].drop { $0 == " " }.hasPrefix("///")
        return Declaration(
            path: path, line: index + 1, text: Quantity.trimmed(lines[index]), isDocumented: isDocumented,
            signature: function.map { _ in signature(lines[index...].prefix(12)) })
    }

    /// What may stand between a comment and its declaration.
    private static func isBetween(_ line: Substring) -> Bool {
        let text = line.drop { $0 == " " }
        return text.hasPrefix("@") || text.hasPrefix("#if") || text.hasPrefix("//") && !text.hasPrefix("///")
    }

    /// `name(label:label:)` of the function that begins in the first of these lines.
    private static func signature(_ lines: ArraySlice<Substring>) -> String {
        let text = lines.joined(separator: " ")
        guard let start = text.ranges(of: "func ").first?.upperBound, let open = text[start...].firstIndex(of: "(")
        else { return "" }
        let name = Quantity.trimmed(text[start..<open].prefix { $0 != "<" })
        var depth = 0
        var labels = ""
        var isLabel = true
        for index in text[open...].indices {
            let character = text[index]
            if "([{".contains(character) { depth += 1 }
            if ")]}".contains(character) { depth -= 1 }
            if depth == 0 { break }
            if depth == 1, character == "," {
                isLabel = true
            } else if isLabel, character.isLetter || character == "_" || character.isNumber {
                labels.append(character)
            } else if isLabel, !labels.isEmpty, labels.last != ":" {
                labels.append(":")
                isLabel = false
            }
        }
        return "\(name)(\(labels))"
    }

    @Test func everyTypeAndFunctionThatCrossesATargetIsDocumented() throws {
        let all = try Self.sources().map { try Self.declarations($0) }
        let requirements = Set(all.flatMap(\.requirements).filter(\.isDocumented).compactMap(\.signature))
        let package = all.flatMap(\.package)
        #expect(package.count > 800 && requirements.contains("stalls(after:)"))
        let missing = package.filter { declaration in
            guard !declaration.isDocumented else { return false }
            guard let signature = declaration.signature else { return true }
            let name = signature.split(separator: "(").first.map(String.init) ?? ""
            return !requirements.contains(signature) && !Self.witnesses.contains(name)
        }
        #expect(missing.map { "\($0.path):\($0.line): \($0.text)" } == [])
    }
}
