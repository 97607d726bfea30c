import Foundation
import QuakeKube
import QuakeTestSupport
import Testing

/// What `scripts/tutorial` makes of a page: see `peerquake-dev tutorial`.
@Suite("A page that is carried out")
struct TutorialTests {
    private static let page = """
        # Page

        <!-- tutorial: file plan.yaml -->
        ```yaml
        kind: Plan
        ```

        ```bash
        peerquake run plan.yaml \\
            --out run
        ```

        <!-- tutorial: errors, 1 line -->
        ```
        old
        ```

        <!-- tutorial: output, from "PASS", 1 paragraph, by chance "took effect" -->
        ```
        PASS  first: 1 of 1 expectations held in 2 trials; exit code 0
          kill  echo/new     1.00 s  8.12 %  west-worker
                echo/pooled      0       –  west-worker2
        …
        ```

        <!-- tutorial: not run: it needs kind -->
        ```bash
        peerquake clusters down
        ```

        <!-- tutorial: in the background until "ready", for 2 blocks -->
        ```bash
        peerquake embedded --kubeconfig kc
        ```

        <!-- tutorial: exit 0 or 64 -->
        ```bash
        peerquake validate mine.yaml
        ```

        """

    private func dev(_ arguments: [String]) async throws -> CommandResult {
        try await Command([BuiltCommand.path("peerquake-dev"), "tutorial"] + arguments).run(timeout: .seconds(60))
    }

    @Test("gives its blocks in their order, with what is expected of each")
    func unpacks() async throws {
        let folder = try TemporaryDirectory()
        let page = try folder.file("page.md", Self.page)
        let result = try await dev(["unpack", page, "--to", "\(folder.path)/steps"])
        #expect(result.exitCode == 0, "\(result.standardError)")
        let wanted = [
            "01.sh": "peerquake run plan.yaml \\\n    --out run\n", "01.exit": "0\n",
            "02.sh": "peerquake embedded --kubeconfig kc\n", "02.until": "2 ready\n",
            "03.sh": "peerquake validate mine.yaml\n", "03.exit": "0 64\n", "files/plan.yaml": "kind: Plan\n",
            "not-run/line-27.sh": "peerquake clusters down\n",
        ]
        for (name, text) in wanted {
            #expect(try String(contentsOfFile: "\(folder.path)/steps/\(name)", encoding: .utf8) == text, "\(name)")
        }
        let all = try FileManager.default.subpathsOfDirectory(atPath: "\(folder.path)/steps")
        #expect(Set(all) == Set(wanted.keys).union(["files", "not-run"]))
    }

    private static let said = "before\nPASS  first: 1 of 1 expectations held in 2 trials; exit code 0\n"
    private static let rows = "  kill  echo/new   12.31 s  18.12 %  west-worker4\n"
    private static let pooled = "        echo/pooled  20 ms  0.10 %  west-worker\n"

    /// Fills the page, or compares it, with what its first command said.
    private func fill(_ output: String, _ options: [String] = []) async throws -> (CommandResult, page: String) {
        let folder = try TemporaryDirectory()
        let page = try folder.file("page.md", Self.page)
        _ = try folder.file("01.stdout", output)
        _ = try folder.file("01.stderr", "run 1\nmore\n")
        let result = try await dev(["fill", page, "--outputs", folder.path] + options)
        return (result, try String(contentsOfFile: page, encoding: .utf8))
    }

    @Test("takes the outputs, and nothing else changes")
    func fills() async throws {
        let (result, page) = try await fill(Self.said + Self.rows + Self.pooled + "\nmore\n")
        #expect(result.exitCode == 0, "\(result.standardError)")
        var wanted = Self.page.replacing("old\n", with: "run 1\n…\n")
        let old = try #require(wanted.firstRange(of: #/  kill(.|\n)*worker2\n/#))
        wanted.replaceSubrange(old, with: Self.rows + Self.pooled)
        #expect(page == wanted)
        let unsaid = try await fill("nothing\n")
        #expect(unsaid.0.exitCode == 1 && unsaid.0.standardError.contains("PASS") && unsaid.page == Self.page)
    }

    @Test(
        "has the shape of another run's output, whatever its figures, names and widths are",
        arguments: [
            (said + rows + pooled + "\nmore\n", true),
            // Doubts of a busy machine, what the marker leaves out, and lines that wrap elsewhere.
            (
                said + rows.replacing("12.31 s", with: "> 1.00 s ?") + pooled
                    + "  ? kill echo/new: loss 0 to\n    2 s\n\nmore\n", true
            ),
            (said + rows + pooled + "  kill took effect within 3 ms\n    at 2 s\n\nmore\n", true),
            (said.replacing("; exit", with: ";\n    exit") + rows + pooled + "\nmore\n", true),
            (said.replacing("PASS", with: "before\n\nPASS") + rows + pooled, false),
            (said + rows + "\nmore\n", false), (said + rows + pooled + pooled + "\nmore\n", false),
            (said + rows.replacing("kill", with: "drain") + pooled + "\nmore\n", false),
            (said.replacing("expectations", with: "things") + rows + pooled + "\nmore\n", false),
        ])
    func shape(output: String, isSame: Bool) async throws {
        let page = Self.page.replacing("old\n", with: "run 7\n…\n")
        let folder = try TemporaryDirectory()
        let path = try folder.file("page.md", page)
        _ = try folder.file("01.stdout", output)
        _ = try folder.file("01.stderr", "run 1\nmore\n")
        let result = try await dev(["fill", path, "--outputs", folder.path, "--check"])
        #expect(result.exitCode == (isSame ? 0 : 1), "\(result.standardError)")
        #expect(try String(contentsOfFile: path, encoding: .utf8) == page)
        guard !isSame else { return }
        #expect(result.standardError.contains("page.md:20: another shape than 01.stdout\n"))
        #expect(result.standardError.contains(#/\n    [+-] /#), "\(result.standardError)")
    }

    @Test(
        "is refused with the place of every block that is neither run nor marked",
        arguments: [
            ("```\nx\n```\n", ["1: a block of text has no marker before it"]),
            ("```console\n$ ls\n```\n", ["1: a block of console has no marker before it"]),
            (
                "<!-- tutorial: sometimes -->\n```bash\nls\n```\n\n    ls\n",
                ["1: \"sometimes\" says nothing of a block of bash", "6: an indented block has no marker"]
            ),
            ("<!-- tutorial: output -->\n```\nx\n```\n", ["2: nothing was carried out before this output"]),
            ("<!-- tutorial: not run: -->\n```bash\nx\n```\n", ["1: \"not run:\" says nothing of a block of bash"]),
            ("<!-- tutorial: exit 1 -->\n\n```bash\nx\n```\n", ["1: no block follows the marker"]),
            ("```bash\nls\n", ["1: the block does not end"]),
        ])
    func refused(text: String, problems: [String]) async throws {
        let folder = try TemporaryDirectory()
        let page = try folder.file("page.md", text)
        let result = try await dev(["unpack", page, "--to", "\(folder.path)/steps"])
        #expect(result.exitCode == 64)
        for problem in problems {
            #expect(result.standardError.contains("page.md:\(problem)"), "\(result.standardError)")
        }
        #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/steps"))
    }

    @Test("can be the tutorial, which has the plan of docs/examples")
    func tutorial() async throws {
        let folder = try TemporaryDirectory()
        let page = BuiltCommand.root.appending(path: "docs/tutorial.md").path
        let result = try await dev(["unpack", page, "--to", folder.path])
        #expect(result.exitCode == 0, "\(result.standardError)")
        let plan = try String(contentsOfFile: "\(folder.path)/files/drain.yaml", encoding: .utf8)
        let example = BuiltCommand.root.appending(path: "docs/examples/drain.yaml").path
        #expect(try plan == String(contentsOfFile: example, encoding: .utf8))
    }
}
