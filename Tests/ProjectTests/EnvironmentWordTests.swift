import Foundation
import Testing

/// What an environment can do is asked of it. Nothing goes by its name, or by the type of what it hands out.
@Suite("Names of environments")
struct EnvironmentWordTests {
    private static let patterns = [
        #"(==|!=) *"(embedded|kind|kubeconfig)""#, #""(embedded|kind|kubeconfig)" *(==|!=)"#,
        #"case "(embedded|kind|kubeconfig)""#, #"(==|!=) *\.(embedded|kind|kubeconfig)\b"#,
        #"\b(is|as\?) (any )?(Embedded|Kind|Kubeconfig)(Power|ControlPlane|Stalls|Environment)\b"#,
    ]
    /// Without these no pattern matches: most lines need no closer look.
    private static let signs = ["==", "!=", "case \"", " is ", " as? "]
    private static let words = ["embedded", "kind", "kubeconfig", "Embedded", "Kind", "Kubeconfig"]

    private static func finds(_ line: some StringProtocol, _ patterns: [Regex<AnyRegexOutput>]) throws -> Bool {
        guard signs.contains(where: line.contains), words.contains(where: line.contains) else { return false }
        return try patterns.contains { try $0.firstMatch(in: String(line)) != nil }
    }

    private func regexes() throws -> [Regex<AnyRegexOutput>] { try Self.patterns.map { try Regex($0) } }

    @Test(
        "would be found where they are compared",
        arguments: [
            "if env == \"kind\" {", "guard request.environment != \"embedded\" else", "case \"kubeconfig\": break",
            "clusters.allSatisfy { $0.power is EmbeddedPower }", "if environment.name == .kind {",
        ])
    func pattern(line: String) throws { #expect(try Self.finds(line, regexes())) }

    @Test("are compared nowhere", .timeLimit(.minutes(2)))
    func none() throws {
        let patterns = try regexes()
        for path in try Project.sources(in: "Sources") {
            let lines = try Project.text(path).split(separator: "\n", omittingEmptySubsequences: false)
            for (number, line) in lines.enumerated() {
                #expect(try !Self.finds(line, patterns), "\(path):\(number + 1): \(line)")
            }
        }
    }
}
