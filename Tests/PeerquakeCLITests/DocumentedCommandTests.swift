import Foundation
import QuakeKube
import Testing

/// The command lines of documents, plans and help are ones that the commands take.
@Suite("Command lines of the documents")
struct DocumentedCommandTests {
    /// A command as `--experimental-dump-help` describes it.
    private struct Described {
        var options: Set<String>
        var children: [String: Described]

        init(_ command: JSONValue) {
            options = Set(
                (command["arguments"]?.arrayValue ?? []).flatMap { argument in
                    (argument["names"]?.arrayValue ?? []).map { name in
                        (name["kind"]?.stringValue == "long" ? "--" : "-") + (name["name"]?.stringValue ?? "")
                    }
                })
            children = Dictionary(
                (command["subcommands"]?.arrayValue ?? []).map {
                    ($0["commandName"]?.stringValue ?? "", Described($0))
                },
                uniquingKeysWith: { first, _ in first })
        }

        /// What is wrong with the words after the program's name; `nil` where nothing is.
        func problem(with words: [String]) -> String? {
            var command = self
            var rest = words[...]
            while let word = rest.first, let child = command.children[word] {
                command = child
                rest = rest.dropFirst()
            }
            if !command.children.isEmpty, let word = rest.first, !word.hasPrefix("-"), word.first?.isLetter == true,
                word == word.lowercased()
            {
                return "no command \(word)"
            }
            for word in rest where word.hasPrefix("-") && word != "-" && word != "--" {
                let name = word.split(separator: "=")[0]
                guard command.options.contains(String(name)) || Self.everywhere.contains(String(name)) else {
                    return "no option \(name)"
                }
            }
            return nil
        }

        private static let everywhere: Set = ["--help", "-h", "--version", "--generate-completion-script"]
    }

    private static func described(_ program: String) async throws -> Described {
        let help = try await Command([try BuiltCommand.path(program), "--experimental-dump-help"]).run(
            timeout: .seconds(60))
        return Described(try #require(try JSONValue(parsing: help.standardOutput)["command"]))
    }

    /// Words of each command of a shell that begins with a program's name. A comment, a pipe and what follows end it;
    /// brackets that mark what may be left out are taken away.
    static func commands(_ program: String, in text: String) -> [[String]] {
        let lines = text.replacing(#/ \\\n */#, with: " ").split(separator: "\n")
        return lines.flatMap { line -> [[String]] in
            line.matches(of: /`([^`]+)`/).map { String($0.output.1) }.flatMap { pieces(of: $0) }
                + pieces(of: line.replacing(/`[^`]*`/, with: ""))
        }.compactMap { words in
            let assignments = words.prefix { $0.contains("=") && !$0.hasPrefix("-") }
            let rest = words.dropFirst(assignments.count)
            guard let first = rest.first, first == program || first.hasSuffix("/\(program)") else { return nil }
            return Array(rest.dropFirst())
        }
    }

    private static func pieces(of line: some StringProtocol) -> [[String]] {
        String(line).replacing(/(^|\s)#.*/, with: "").split(whereSeparator: { "|;&><·".contains($0) }).map { part in
            part.split(separator: " ").map {
                String($0).trimmingCharacters(in: CharacterSet(charactersIn: "[]…,.()'\""))
            }
            .filter { !$0.isEmpty }
        }
    }

    private static let documents: [String] = {
        let root = BuiltCommand.root
        let pages = (try? FileManager.default.contentsOfDirectory(atPath: root.appending(path: "docs").path)) ?? []
        return ["README.md", "CONTRIBUTING.md"] + pages.filter { $0.hasSuffix(".md") }.sorted().map { "docs/\($0)" }
    }()

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: BuiltCommand.root.appending(path: path), encoding: .utf8)
    }

    @Test("exist, with their options", arguments: ["peerquake", "peerquake-dev"])
    func exist(program: String) async throws {
        let command = try await Self.described(program)
        var count = 0
        for page in Self.documents {
            for words in Self.commands(program, in: try Self.text(page)) {
                count += 1
                let problem = command.problem(with: words)
                #expect(problem == nil, "\(page): \(program) \(words.joined(separator: " ")): \(problem ?? "")")
            }
        }
        #expect(count > (program == "peerquake" ? 80 : 3))
    }

    @Test("of help exist too")
    func help() async throws {
        let help = try await Command([try BuiltCommand.path(), "--experimental-dump-help"]).run(timeout: .seconds(60))
        let root = try #require(try JSONValue(parsing: help.standardOutput)["command"])
        let command = Described(root)
        func check(_ node: JSONValue) {
            for words in Self.commands("peerquake", in: node["discussion"]?.stringValue ?? "") {
                let problem = command.problem(with: words)
                #expect(problem == nil, "peerquake \(words.joined(separator: " ")): \(problem ?? "")")
            }
            for child in node["subcommands"]?.arrayValue ?? [] { check(child) }
        }
        check(root)
    }

    @Test("name scripts, plans and configurations that are there")
    func files() throws {
        for page in Self.documents {
            for match in try Self.text(page).matches(
                of:
                    /(?:^|[\s`(])((?:scripts|Plans|kind-configs|docs\/examples)\/[A-Za-z0-9_\/.-]*[A-Za-z0-9])(?![A-Za-z0-9_\/.-]*\*)/
            ) {
                let path = String(match.output.1)
                // A name in capitals stands for any.
                let isName = path.split(separator: "/").last?.prefix { $0 != "." }.allSatisfy(\.isUppercase) == true
                let isThere = FileManager.default.fileExists(atPath: BuiltCommand.root.appending(path: path).path)
                #expect(isThere || isName, "\(page): \(path)")
            }
        }
    }

    @Test("name tests that are there")
    func tests() throws {
        let folder = BuiltCommand.root.appending(path: "Tests").path
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder).filter { $0.hasSuffix(".swift") }
        let sources = try names.map { try Self.text("Tests/\($0)") }
        for page in Self.documents {
            for match in try Self.text(page).matches(of: /--filter '?([A-Za-z|]+)/) {
                for name in match.output.1.split(separator: "|") {
                    let isThere =
                        names.contains { $0.contains("\(name)/") || $0.contains("\(name).swift") }
                        || sources.contains { $0.contains("struct \(name)") || $0.contains("enum \(name)") }
                    #expect(isThere, "\(page): --filter \(name)")
                }
            }
        }
    }

    @Test("are found in prose and in blocks")
    func found() {
        let text = """
            Say `peerquake report RUN` twice.
                peerquake run A --set x=1 \\
                    --out B   # peerquake nothing
            E=1 .build/debug/peerquake doctor | less
            The peerquake of old.
            """
        #expect(
            Self.commands("peerquake", in: text) == [
                ["report", "RUN"], ["run", "A", "--set", "x=1", "--out", "B"], ["doctor"],
            ])
    }
}
