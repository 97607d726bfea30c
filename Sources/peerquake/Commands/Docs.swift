import ArgumentParser
import QuakeDocs
import QuakeShell

/// `peerquake docs [TOPIC]`.
struct DocsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "docs", abstract: "Print a page of the documentation, or list the pages.",
        discussion: """
            Pages are Markdown. They are those of this version, and need no network.

            EXAMPLES
              peerquake docs
              peerquake docs tutorial | less
              peerquake docs troubleshooting | grep -i -A 2 lease
            """)

    @Argument(help: "The page; all of them are listed without it.", transform: DocsCommand.page)
    var topic: DocumentationPage?

    @Sendable
    private static func page(_ text: String) throws -> DocumentationPage {
        // As other pages and reports name it.
        let name = text.hasPrefix("docs/") ? String(text.dropFirst("docs/".count)) : text
        guard let page = DocumentationPage[name.hasSuffix(".md") ? String(name.dropLast(".md".count)) : name] else {
            throw ValidationError("allowed: \(DocumentationPage.all.map(\.topic).joined(separator: ", "))")
        }
        return page
    }

    func run() { print(topic?.shown ?? Self.list, terminator: "") }

    private static var list: String {
        let width = DocumentationPage.all.map(\.topic.count).max() ?? 0
        return DocumentationPage.all.map { page in
            "\(page.topic)\(String(repeating: " ", count: width - page.topic.count))  \(page.summary)\n"
        }.joined()
    }
}
