import Foundation
import Testing

/// Documents lead to files and headings that exist.
@Suite("Links of the documents")
struct LinkTests {
    static let pages: [String] = {
        let docs =
            (try? FileManager.default.contentsOfDirectory(atPath: Project.root.appending(path: "docs").path)) ?? []
        return ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"]
            + docs.filter { $0.hasSuffix(".md") }.sorted().map { "docs/\($0)" }
    }()

    /// Without what is code.
    private static func prose(_ page: String) throws -> String {
        var isCode = false
        let lines = try Project.text(page).split(separator: "\n", omittingEmptySubsequences: false).filter { line in
            if line.hasPrefix("```") { isCode.toggle() }
            return !isCode && !line.hasPrefix("    ")
        }
        return lines.joined(separator: "\n").replacing(/`[^`\n]*`/, with: "")
    }

    /// Headings as GitHub makes anchors of them.
    static func anchors(_ text: String) -> [String] {
        var isCode = false
        var count: [String: Int] = [:]
        return text.split(separator: "\n").compactMap { line -> String? in
            if line.hasPrefix("```") { isCode.toggle() }
            guard !isCode, let heading = line.wholeMatch(of: /#{1,6} +(.*?) */)?.output.1 else { return nil }
            let anchor = heading.lowercased().compactMap { character -> Character? in
                if character == " " { return "-" }
                return character.isLetter || character.isNumber || character == "-" || character == "_"
                    ? character : nil
            }
            defer { count[String(anchor), default: 0] += 1 }
            let earlier = count[String(anchor), default: 0]
            return String(anchor) + (earlier == 0 ? "" : "-\(earlier)")
        }
    }

    @Test("exist, and so do the headings that they name", arguments: pages)
    func exist(page: String) throws {
        let folder = page.hasPrefix("docs/") ? "docs/" : ""
        for match in try Self.prose(page).matches(of: /\]\(([^)\s]+)\)/) {
            let target = String(match.output.1)
            if target.contains("://") {
                #expect(target.hasPrefix("https://") && URL(string: target)?.host() != nil, "\(page): \(target)")
                continue
            }
            let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let path = parts[0].isEmpty ? page : Self.normal(folder + parts[0])
            let file = Project.root.appending(path: path)
            #expect(FileManager.default.fileExists(atPath: file.path), "\(page): \(target)")
            guard parts.count > 1, path.hasSuffix(".md") else { continue }
            #expect(Self.anchors(try Project.text(path)).contains(parts[1]), "\(page): \(target)")
        }
    }

    /// `docs/../Plans` is `Plans`.
    private static func normal(_ path: String) -> String {
        path.split(separator: "/").reduce(into: [Substring]()) { parts, part in
            if part == "..", !parts.isEmpty { parts.removeLast() } else { parts.append(part) }
        }.joined(separator: "/")
    }

    @Test("lead from the index to every page")
    func index() throws {
        let index = try Self.prose("docs/README.md")
        for page in Self.pages where page.hasPrefix("docs/") && page != "docs/README.md" {
            #expect(index.contains("](\(page.dropFirst("docs/".count)))"), "docs/README.md does not name \(page)")
        }
        #expect(try Project.text("README.md").contains("](docs/README.md)"))
    }

    @Test("have anchors as GitHub makes them")
    func anchors() {
        let text = "# A `b` of c\n```\n# not\n```\n## 3. On kind\n## 3. On kind\n### Kinds, and more: yes\n"
        #expect(Self.anchors(text) == ["a-b-of-c", "3-on-kind", "3-on-kind-1", "kinds-and-more-yes"])
    }

    @Test("leave the README short")
    func short() throws {
        #expect(try Project.text("README.md").split(separator: "\n", omittingEmptySubsequences: false).count < 150)
    }

    @Test("show the plan of docs/examples in the README")
    func plan() throws {
        let plan = try Project.text("docs/examples/first.yaml")
        #expect(plan.split(separator: "\n").count == 10)
        #expect(try Project.text("README.md").contains("```yaml\n\(plan)```"))
    }
}
