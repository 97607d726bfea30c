import Foundation
import Testing

/// docs/troubleshooting.md explains what the sources refuse, in their words.
@Suite("Refusals", .timeLimit(.minutes(2)))
struct RefusalTests {
    /// Targets whose errors reach a user of `peerquake`.
    private static let targets = [
        "QuakePlan", "QuakePlanFiles", "QuakeKube", "QuakeCluster", "QuakePeering", "QuakeMeshInstall",
        "QuakeRemoteProbe",
        "QuakeRun", "QuakeKind", "QuakeShell", "QuakeEnvironment", "QuakeArchive", "peerquake",
    ]
    private static let constructors = [
        "Failure(", "ClusterError(", "RunError(", "ValidationError(", "MeshError(", "KubeError(", "KindError(",
        " report(", ".report(",
    ]

    /// The messages of the tables, in which `…` stands for anything.
    private static func explained() throws -> [String] {
        let page = try Project.text("docs/troubleshooting.md")
        let start = try #require(page.range(of: "<!-- refusals: RefusalTests")?.upperBound)
        let end = try #require(page.range(of: "<!-- refusals: end -->")?.lowerBound)
        return page[start..<end].split(separator: "\n").filter { $0.hasPrefix("| `") }
            .flatMap { ($0.split(separator: "|").first ?? "").matches(of: /`([^`]+)`/).map { String($0.output.1) } }
    }

    /// Whether the parts of a pattern are in a text, in their order.
    private static func fits(_ pattern: String, _ text: String, fromStart: Bool) -> Bool {
        var rest = text[...]
        for (index, part) in pattern.components(separatedBy: "…").enumerated() where !part.isEmpty {
            guard let range = rest.range(of: part), index > 0 || !fromStart || range.lowerBound == rest.startIndex
            else {
                return false
            }
            rest = rest[range.upperBound...]
        }
        return true
    }

    private static func letters(_ text: String) -> Int { text.filter { $0.isASCII && $0.isLetter }.count }

    /// The first argument of an error that is a literal: `place: message`.
    private static func refusals(_ path: String, _ source: SourceText) throws -> [(place: String, text: String)] {
        let text = source.text(0..<source.bytes.count)
        var found: [(String, String)] = []
        for constructor in constructors where text.contains(constructor) {
            for range in text.ranges(of: constructor) {
                let offset = text.utf8.distance(from: text.startIndex, to: range.upperBound)
                let isComment = text[..<range.lowerBound].suffix(120).split(
                    separator: "\n", omittingEmptySubsequences: false
                )
                .last?.drop { $0 == " " }.hasPrefix("//")
                guard isComment != true, let literal = source.literals.first(where: { $0.start >= offset }) else {
                    continue
                }
                let between = source.text(offset..<literal.start)
                // A literal of another argument, or of another call.
                let isOther =
                    between.utf8.count > 110 || between.filter { $0 == "," }.count > 1 || between.contains("hint:")
                    || between.contains("context:")
                    || between.filter { $0 == ")" }.count > between.filter { $0 == "(" }.count
                if !isOther, letters(literal.text) >= 6 { found.append((path, literal.text)) }
            }
        }
        return found
    }

    @Test("that are explained are those that the sources have")
    func current() throws {
        let explained = try Self.explained()
        #expect(explained.count > 200)
        let literals = try Self.targets.flatMap { try Project.sources(in: "Sources/\($0)") }
            .flatMap { SourceText(try Project.text($0)).literals.map(\.text) }
        for message in explained {
            #expect(
                literals.contains { Self.fits(message, $0, fromStart: false) },
                "docs/troubleshooting.md explains \"\(message)\", which no source says")
        }
    }

    @Test("are each explained")
    func complete() throws {
        let explained = try Self.explained().filter { Self.letters($0) >= 3 }
        var count = 0
        for target in Self.targets {
            for path in try Project.sources(in: "Sources/\(target)") {
                for (place, text) in try Self.refusals(path, SourceText(try Project.text(path))) {
                    count += 1
                    #expect(
                        explained.contains { Self.fits($0, text, fromStart: true) },
                        "docs/troubleshooting.md needs a row for \"\(text)\" of \(place): message, why, what to do")
                }
            }
        }
        #expect(count > 200)
    }

    @Test("are found in a source, with what is interpolated and joined")
    func literals() throws {
        let source = SourceText(
            """
            // "a comment"
            throw Failure(.usage, "no \\(names.map { "\\($0)" }) " + "here", hint: "x")
            let raw = #"not "this""#
            """)
        #expect(source.literals.map(\.text) == ["no … here", "x"])
        #expect(try Self.refusals("t", source).map(\.text) == ["no … here"])
        #expect(Self.fits("no … here", "no … here: why", fromStart: true))
        #expect(
            !Self.fits("o … here", "no … here", fromStart: true)
                && !Self.fits("no … there", "no … here", fromStart: false))
    }
}
