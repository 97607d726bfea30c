import Foundation
import QuakeDocs
import QuakeKube
import Testing

@Suite("The docs command")
struct DocsCommandTests {
    private func docs(_ arguments: [String]) async throws -> CommandResult {
        try await Command([BuiltCommand.path(), "docs"] + arguments).run(timeout: .seconds(60))
    }

    @Test("has every page of docs, as it is there")
    func same() throws {
        let folder = BuiltCommand.root.appending(path: "docs")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".md") }
        let topics = files.map { $0 == "README.md" ? "index" : String($0.dropLast(".md".count)) }
        #expect(DocumentationPage.all.map(\.topic).sorted() == topics.sorted())
        for page in DocumentationPage.all {
            let file = page.topic == "index" ? "README.md" : "\(page.topic).md"
            let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
            #expect(page.text == text, "\(page.topic)")
        }
    }

    @Test("prints a page, and lists all of them without a topic")
    func prints() async throws {
        let page = try await docs(["tutorial"])
        #expect(page.exitCode == 0 && page.standardOutput.hasPrefix("# Tutorial\n"))
        // Marks for scripts/tutorial are none of the reader's.
        #expect(page.standardOutput.contains("\n```bash\n") && !page.standardOutput.contains("<!--"))
        #expect(try await docs(["docs/tutorial.md"]).standardOutput == page.standardOutput)
        let list = try await docs([])
        #expect(list.exitCode == 0)
        let lines = list.standardOutput.split(separator: "\n")
        #expect(lines.count == DocumentationPage.all.count)
        for (line, page) in zip(lines, DocumentationPage.all) {
            #expect(line.hasPrefix(page.topic + " ") && line.hasSuffix(page.summary))
        }
    }

    @Test("refuses another topic with those that there are")
    func refuses() async throws {
        let result = try await docs(["nonsense"])
        #expect(result.exitCode == 64 && result.standardOutput.isEmpty)
        #expect(result.standardError.contains("allowed: index, tutorial, "), "\(result.standardError)")
    }
}
