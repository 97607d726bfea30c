import Foundation
import FoundationXML
import QuakeKube
import QuakeTestSupport
import Testing

/// `compare` and `history` on archives, from end to end.
@Suite("Comparing archives")
struct CompareCommandTests {
    private func peerquake(_ arguments: [String]) async throws -> CommandResult {
        var environment = Command.inheritedEnvironment
        environment["GITHUB_STEP_SUMMARY"] = nil
        return try await Command([BuiltCommand.path()] + arguments, environment: environment)
            .run(timeout: .seconds(240))
    }

    @Test("exits with 3, names the key and says why, where a configuration became worse", .timeLimit(.minutes(10)))
    func worse() async throws {
        let folder = try TemporaryDirectory()
        let healthy = try await MadeRun(name: "healthy").write(folder)
        let worse = try await MadeRun(name: "worse", factor: 2, seed: 2, settings: ["grace=8s"])
            .write(folder)
        let files = ["html", "markdown", "junit", "json"]
        let result = try await peerquake(
            ["compare", worse, "--baseline", healthy] + files.flatMap { ["--\($0)", "\(folder.path)/out.\($0)"] })
        #expect(result.exitCode == 3, "\(result.standardError)")
        #expect(result.standardOutput.hasPrefix("WORSE  gateway-kill: 2 of 4 keys worse, 2 same; exit code 3"))
        #expect(result.standardOutput.contains("WORSE    kill, NodePort, echo/new"))
        #expect(result.standardOutput.contains("same     kill, NodePort, echo/pooled"))
        #expect(result.standardOutput.contains("--set grace: 8s (baseline: not set)"))
        for line in result.standardOutput.split(separator: "\n") where !line.contains(folder.path) {
            #expect(line.count <= 80, "\(line)")
        }

        func text(_ name: String) throws -> String {
            try String(contentsOfFile: "\(folder.path)/out.\(name)", encoding: .utf8)
        }
        let json = try JSONValue(parsing: text("json"))
        #expect(json["verdict"]?.stringValue == "worse")
        #expect(json["keys"]?.arrayValue?.count == 4)
        #expect(try text("markdown").contains("**worse** | kill, LoadBalancer, echo/new | 10 : 10"))
        let junit = try text("junit")
        #expect(XMLParser(data: Data(junit.utf8)).parse())
        #expect(junit.contains("tests=\"4\" failures=\"2\" errors=\"0\""))
        let html = try text("html")
        #expect(html.contains("kill, NodePort, echo/new"))
        #expect(html.contains("<svg"))
        #expect(!html.contains("http://") || !html.contains("src=\"http"))
    }

    @Test("exits with 0 where nothing changed, and where there is too little to say", .timeLimit(.minutes(10)))
    func same() async throws {
        let folder = try TemporaryDirectory()
        let first = try await MadeRun(name: "first").write(folder)
        let second = try await MadeRun(name: "second", seed: 2).write(folder)
        let few = try await MadeRun(name: "few", repeats: 3, factor: 2, seed: 3).write(folder)
        let same = try await peerquake(["compare", second, "--baseline", first])
        #expect(same.exitCode == 0, "\(same.standardError)")
        #expect(same.standardOutput.hasPrefix("SAME  gateway-kill: 4 of 4 keys same; exit code 0"))
        let unknown = try await peerquake(["compare", few, "--baseline", first])
        #expect(unknown.exitCode == 0, "\(unknown.standardError)")
        #expect(unknown.standardOutput.hasPrefix("UNKNOWN  gateway-kill: 4 of 4 keys unknown; exit code 0"))
        let twice = try await peerquake(["compare", first, "--baseline", first, "--baseline", first])
        #expect(twice.exitCode == 64)
    }

    @Test("lists what has no match, and compares across versions on request", .timeLimit(.minutes(10)))
    func across() async throws {
        let folder = try TemporaryDirectory()
        let before = try await MadeRun(name: "before", repeats: 1).write(folder)
        let after = try await MadeRun(name: "after", repeats: 1, version: "v1.36.0").write(folder)
        let apart = try await peerquake(["compare", after, "--baseline", before])
        #expect(apart.exitCode == 2, "\(apart.standardError)")
        #expect(apart.standardOutput.contains("east Kubernetes is v1.36.0 here and v1.35.0 there"))
        let across = try await peerquake(["compare", after, "--baseline", before, "--across", "versions"])
        #expect(across.exitCode == 0, "\(across.standardError)")
        #expect(across.standardOutput.contains("east Kubernetes: v1.36.0 (baseline: v1.35.0)"))
    }

    @Test(
        "compares across a setting that was changed, and names it where it was not asked to", .timeLimit(.minutes(10)))
    func setting() async throws {
        let folder = try TemporaryDirectory()
        func made(_ value: String, _ seed: Int) async throws -> String {
            let setting = "nodeMonitorGracePeriod=\(value)"
            return try await MadeRun(
                name: value, repeats: 1, seed: seed, settings: [setting], labels: [setting]
            ).write(folder)
        }
        let (before, after) = (try await made("40s", 1), try await made("16s", 2))
        let apart = try await peerquake(["compare", after, "--baseline", before])
        #expect(apart.exitCode == 2, "\(apart.standardError)")
        let words = apart.standardOutput.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(
            words.contains(
                "no key has its match, for nodeMonitorGracePeriod differs (--across nodeMonitorGracePeriod compares them)"
            ))
        #expect(
            words.contains("nodeMonitorGracePeriod is 16s here and 40s there; --across nodeMonitorGracePeriod compares")
        )
        #expect(
            words.contains(
                "Compare them all: peerquake compare \(after) --baseline \(before) --across nodeMonitorGracePeriod"))
        let across = try await peerquake(
            ["compare", after, "--baseline", before, "--across", "versions,nodeMonitorGracePeriod"])
        #expect(across.exitCode == 0, "\(across.standardError)")
        #expect(across.standardOutput.hasPrefix("UNKNOWN  gateway-kill: 4 of 4 keys unknown"))
        #expect(across.standardOutput.contains("nodeMonitorGracePeriod 40s → 16s"))
        let misspelt = try await peerquake([
            "compare", after, "--baseline", before, "--across", "nodeMonitorGracePeriode",
        ])
        #expect(misspelt.exitCode == 64)
        #expect(misspelt.standardError.contains("did you mean \"nodeMonitorGracePeriod\"?"))
    }

    @Test("compares the two methods of one run", .timeLimit(.minutes(10)))
    func methods() async throws {
        let folder = try TemporaryDirectory()
        let run = try await MadeRun(name: "one").write(folder)
        let result = try await peerquake(["compare", run, "--across", "peering", "--json", "\(folder.path)/out.json"])
        #expect(result.exitCode == 0, "\(result.standardError)")
        #expect(result.standardOutput.hasPrefix("SAME  gateway-kill: 2 of 2 keys same; exit code 0"))
        #expect(result.standardOutput.contains("kill, LoadBalancer → NodePort, echo/new"))
        #expect(result.standardOutput.contains("baseline the same, with the earlier value of the plan"))
        let json = try JSONValue(parsing: try String(contentsOfFile: "\(folder.path)/out.json", encoding: .utf8))
        #expect(json["withinRuns"]?.boolValue == true)
        #expect(json["keys"]?[0]?["across"]?[0]?["candidate"]?.stringValue == "NodePort")
        let named = try await peerquake(["compare", run, "--baseline", run, "--across", "peering"])
        #expect(named.standardOutput.hasPrefix("SAME  gateway-kill: 2 of 2 keys same"))
        let neither = try await peerquake(["compare", run, "--across", "versions"])
        #expect(neither.exitCode == 64)
        #expect(neither.standardError.contains("--baseline is missing"))
    }

    @Test("follows keys over a directory of runs to the first bad one", .timeLimit(.minutes(10)))
    func history() async throws {
        let folder = try TemporaryDirectory()
        for night in 0..<4 {
            _ = try await MadeRun(
                name: "night-\(night)", repeats: 2, factor: night < 2 ? 1 : 2, seed: night + 1, day: night
            ).write(folder)
        }
        let page = "\(folder.path)/history.html"
        let result = try await peerquake(["history", folder.path, "--html", page])
        #expect(result.exitCode == 0, "\(result.standardError)")
        #expect(result.standardOutput.hasPrefix("WORSE  2 of 4 keys in their newest run"))
        #expect(result.standardOutput.contains("4 runs, 2026-01-31 02:15 to 2026-02-03 02:15 UTC"))
        #expect(result.standardOutput.contains("2026-02-02"))
        for line in result.standardOutput.split(separator: "\n") where !line.contains(folder.path) {
            #expect(line.count <= 80, "\(line)")
        }
        #expect(try String(contentsOfFile: page, encoding: .utf8).contains("night-2"))
    }

    @Test(
        "exits with 64 for what cannot be meant",
        arguments: [
            ["compare"], ["compare", "/nonexistent"], ["compare", "/nonexistent", "--baseline", "/nonexistent"],
            ["history", "/nonexistent"],
        ])
    func usage(arguments: [String]) async throws {
        let result = try await peerquake(arguments)
        #expect(result.exitCode == 64, "\(result.standardError)")
        #expect(!result.standardError.isEmpty)
    }
}
