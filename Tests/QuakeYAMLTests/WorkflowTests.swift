import Foundation
import QuakeYAML
import Testing

/// The workflows of docs/ci.md, held against the rules by which actionlint finds mistakes.
@Suite("A workflow for CI")
struct WorkflowTests {
    private static let workflows: [(name: String, text: String, root: YAMLNode)] = {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "docs/ci.md")
        guard let text = try? String(contentsOf: file, encoding: .utf8) else { return [] }
        return text.components(separatedBy: "```yaml\n").dropFirst().compactMap { part in
            let body = part.components(separatedBy: "\n```")[0] + "\n"
            guard let root = try? YAML.parse(body, file: "docs/ci.md") else { return nil }
            return (root["name"]?.scalar ?? "?", body, root)
        }
    }()

    private static let names = workflows.map(\.name)

    private func workflow(_ name: String) throws -> (text: String, root: YAMLNode) {
        let found = try #require(Self.workflows.first { $0.name == name })
        return (found.text, found.root)
    }

    private func keys(_ node: YAMLNode?) -> Set<String> {
        Set((node?.mapping ?? []).compactMap(\.key.scalar))
    }

    private func steps(_ root: YAMLNode) -> [YAMLNode] {
        (root["jobs"]?.mapping ?? []).flatMap { $0.value["steps"]?.sequence ?? [] }
    }

    @Test("is there for the night and for an upgrade")
    func both() {
        #expect(Self.names == ["nightly soak", "before an upgrade"])
    }

    @Test("has the keys that GitHub knows, rights to read alone, and an end", arguments: names)
    func structure(name: String) throws {
        let (_, root) = try workflow(name)
        #expect(
            keys(root).isSubset(of: ["name", "on", "permissions", "concurrency", "env", "defaults", "jobs"]))
        #expect(
            keys(root["on"]).isSubset(of: ["schedule", "workflow_dispatch", "push", "pull_request"]))
        #expect(root["permissions"]?["contents"]?.scalar == "read" && keys(root["permissions"]).count == 1)
        // Without it a pipe or a loop that fails halfway goes unnoticed.
        #expect(root["defaults"]?["run"]?["shell"]?.scalar == "bash")
        let jobs = try #require(root["jobs"]?.mapping)
        for job in jobs {
            let known: Set = ["runs-on", "container", "timeout-minutes", "strategy", "env", "steps", "needs", "if"]
            #expect(keys(job.value).isSubset(of: known), "\(keys(job.value).subtracting(known))")
            #expect(job.value["runs-on"]?.scalar == "ubuntu-24.04")
            #expect((job.value["timeout-minutes"]?.intValue ?? 0) > 0)
            #expect(job.value["steps"]?.sequence?.isEmpty == false)
        }
    }

    @Test("has steps that each do one thing, by actions that cannot change under it", arguments: names)
    func steps(name: String) throws {
        let (text, root) = try workflow(name)
        for step in steps(root) {
            let known: Set = ["name", "id", "if", "uses", "with", "run", "env", "shell", "continue-on-error"]
            #expect(keys(step).isSubset(of: known), "line \(step.line)")
            #expect((step["uses"] == nil) != (step["run"] == nil), "line \(step.line)")
            #expect(step["with"] == nil || step["uses"] != nil, "line \(step.line)")
            guard let uses = step["uses"]?.scalar else { continue }
            let commit = uses.split(separator: "@").last ?? ""
            #expect(commit.count == 40 && commit.allSatisfy(\.isHexDigit), "\(uses)")
            #expect(text.contains("\(uses) # v"), "\(uses) has no version beside it")
        }
    }

    @Test("puts no input of others into a script, and refers to what exists", arguments: names)
    func expressions(name: String) throws {
        let (text, root) = try workflow(name)
        for step in steps(root) { #expect(step["run"]?.scalar?.contains("${{") != true, "line \(step.line)") }
        let parts = text.components(separatedBy: "${{").dropFirst()
        #expect(!parts.isEmpty)
        for part in parts {
            let expression = try #require(part.components(separatedBy: "}}").first).trimmingCharacters(in: .whitespaces)
            let isKnown =
                expression == "always()"
                || ["github.run_id", "github.run_number"].contains(expression)
                || (expression.hasPrefix("inputs.")
                    && root["on"]?["workflow_dispatch"]?["inputs"]?[String(expression.dropFirst(7))] != nil)
                || (expression.hasPrefix("matrix.")
                    && root["jobs"]?.mapping?.contains {
                        $0.value["strategy"]?["matrix"]?[String(expression.dropFirst(7))] != nil
                    } == true)
            #expect(isKnown, "\(expression)")
        }
        for schedule in root["on"]?["schedule"]?.sequence ?? [] {
            #expect(schedule["cron"]?.scalar?.split(separator: " ").count == 5)
        }
    }

    @Test("runs plans and scripts that are here", arguments: names)
    func files(name: String) throws {
        let top = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let (_, root) = try workflow(name)
        let plans = root["jobs"]?.mapping?.flatMap { $0.value["strategy"]?["matrix"]?["plan"]?.sequence ?? [] } ?? []
        var paths = plans.compactMap(\.scalar).map { "Plans/\($0).yaml" }
        for script in steps(root).compactMap({ $0["run"]?.scalar }) {
            paths += script.split { " \n\"".contains($0) }.map(String.init).filter { word in
                ["Plans/", "scripts/", "kind-configs/"].contains { word.hasPrefix($0) } && !word.contains("$")
            }
        }
        #expect(paths.count > 3)
        for path in paths {
            #expect(FileManager.default.fileExists(atPath: top.appending(path: path).path), "\(path)")
        }
    }
}
