import Foundation
import QuakeKube
import QuakeVersion
import Testing

/// The built command, as a user meets it.
@Suite("The command line")
struct CommandLineTests {
    private static let root = BuiltCommand.root

    private func peerquake(_ arguments: [String]) async throws -> CommandResult {
        return try await Command([BuiltCommand.path()] + arguments).run(timeout: .seconds(60))
    }

    private func plan(_ name: String) -> String { Self.root.appending(path: "Plans/\(name).yaml").path }

    @Test(
        "exits with 64 for what cannot be meant",
        arguments: [
            ["run"], ["nonsense"], ["run", "absent.yaml"], ["report", "/nonexistent"],
            ["mesh", "install", "--mesh", "x"],
        ])
    func usage(arguments: [String]) async throws {
        let result = try await peerquake(arguments)
        #expect(result.exitCode == 64, "\(result.standardError)")
        #expect(!result.standardError.isEmpty)
        #expect(result.standardOutput.isEmpty)
    }

    @Test(
        "names the command that was most likely meant",
        arguments: [
            (["rnu", "quickstart"], "peerquake: no command \"rnu\"; did you mean \"run\"? (allowed: run, soak,"),
            (
                ["mesh", "instal", "--help"],
                "peerquake: no command \"mesh instal\"; did you mean \"install\"? (allowed: install, remove)"
            ),
            (["clusters", "xyz"], "peerquake: no command \"clusters xyz\" (allowed: up, down, status)"),
        ])
    func unknownCommand(arguments: [String], words: String) async throws {
        let result = try await peerquake(arguments)
        #expect(result.exitCode == 64)
        #expect(result.standardError.contains(words), "\(result.standardError)")
        #expect(!result.standardError.contains("watchdog"))
    }

    @Test(
        "explains itself",
        arguments: [
            [], ["run"], ["report"], ["compare"], ["history"], ["recover"], ["validate"], ["embedded"],
            ["mesh", "install"],
        ])
    func help(command: [String]) async throws {
        let result = try await peerquake(command + ["--help"])
        #expect(result.exitCode == 0)
        #expect(result.standardOutput.contains("USAGE:"))
    }

    @Test("gives examples for every command")
    func examples() async throws {
        let help = try JSONValue(parsing: try await peerquake(["--experimental-dump-help"]).standardOutput)
        var count = 0
        func look(_ command: JSONValue, _ path: [String]) {
            let name = path + [command["commandName"]?.stringValue ?? ""]
            guard name.last != "help", command["shouldDisplay"]?.boolValue ?? true else { return }
            count += 1
            #expect(command["abstract"]?.stringValue?.hasSuffix(".") == true, "\(name)")
            let discussion = command["discussion"]?.stringValue ?? ""
            let lines = discussion.split(separator: "\n").drop { !$0.hasPrefix("EXAMPLE") }.dropFirst()
            #expect(lines.first?.hasPrefix("  ") == true, "\(name) has no example")
            for child in command["subcommands"]?.arrayValue ?? [] { look(child, name) }
        }
        look(try #require(help["command"]), [])
        #expect(count > 15)
    }

    @Test(
        "says which version it is, and that a plain build knows no commit", arguments: ["peerquake", "peerquake-agent"])
    func version(program: String) async throws {
        let result = try await Command([BuiltCommand.path(program), "--version"]).run(timeout: .seconds(60))
        #expect(result.exitCode == 0)
        #expect(
            result.standardOutput == "\(program) \(Version.number) (commit unknown: not built by scripts/package)\n")
        #expect(
            Version.words(of: "peerquake", commit: "45dbac2", date: "2026-01-31")
                == "peerquake \(Version.number) (commit 45dbac2, 2026-01-31)")
    }

    @Test("has a manual page that is current")
    func manual() async throws {
        let made = try await Command([BuiltCommand.path("peerquake-dev"), "manual"]).run(timeout: .seconds(60))
            .standardOutput
        let kept = try String(contentsOf: Self.root.appending(path: "docs/peerquake.1"), encoding: .utf8)
        #expect(made == kept, "peerquake-dev manual >docs/peerquake.1")
        #expect(made.hasPrefix(".\\\" Made by: peerquake-dev manual\n.TH PEERQUAKE 1"))
        #expect(made.contains(".SS peerquake soak <plan>"))
    }

    @Test("says where commands went that are not shipped any more", arguments: ["snapshot", "check-loss", "manual"])
    func moved(command: String) async throws {
        for arguments in [[command], [command, "--help"]] {
            let result = try await peerquake(arguments)
            #expect(result.exitCode == 64 && result.standardOutput.isEmpty)
            #expect(result.standardError.contains("peerquake-dev \(command)"), "\(result.standardError)")
        }
        let help = try await Command([BuiltCommand.path("peerquake-dev"), command, "--help"]).run(timeout: .seconds(60))
        #expect(help.exitCode == 0 && help.standardOutput.contains("USAGE: peerquake-dev \(command)"))
    }

    @Test("completes its commands in each shell", arguments: ["bash", "zsh", "fish"])
    func completions(shell: String) async throws {
        let result = try await peerquake(["--generate-completion-script", shell])
        #expect(result.exitCode == 0)
        #expect(result.standardOutput.contains("soak"))
        #expect(result.standardOutput.contains("until-failure"))
    }

    @Test("refuses a soak that cannot be meant")
    func soakUsage() async throws {
        for (arguments, named) in [
            (["--for", "soon"], "'soon' is invalid for '--for"),
            (["--for", "1h", "--serve-metrics", "9464"], "'9464' is invalid for '--serve-metrics"),
            ([], "--for"),
        ] {
            let result = try await peerquake(["soak", plan("quickstart")] + arguments)
            #expect(result.exitCode == 64)
            #expect(result.standardError.contains(named), "\(result.standardError)")
        }
    }

    @Test("lists the catalogue and prints the schema")
    func catalogue() async throws {
        let summary = try await peerquake(["schema", "--summary"])
        #expect(try JSONValue(parsing: summary.standardOutput)["title"]?.stringValue == "Summary of a Peerquake run")
        let comparison = try await peerquake(["schema", "--comparison"])
        #expect(
            try JSONValue(parsing: comparison.standardOutput)["title"]?.stringValue == "Comparison of Peerquake runs")
        #expect(try await peerquake(["schema", "--comparison", "--summary"]).exitCode == 64)
        #expect(try await peerquake(["actions"]).standardOutput.contains("kill-node"))
        let schema = try await peerquake(["schema"])
        #expect(try JSONValue(parsing: schema.standardOutput)["$schema"] != nil)
    }

    @Test("says what a run would do")
    func dryRun() async throws {
        let result = try await peerquake(["run", plan("quickstart"), "--dry-run"])
        #expect(result.exitCode == 0)
        #expect(result.standardOutput.contains("inverse: start the node"))
        #expect(result.standardOutput.contains("expected length: at least"))
        #expect(result.standardOutput.contains("peering=NodePort"))
    }

    @Test("resolves the targets of a dry run in clusters that it starts for that", .timeLimit(.minutes(2)))
    func dryRunOnClusters() async throws {
        let shapes = ["east", "west"].flatMap {
            ["--config", Self.root.appending(path: "kind-configs/quick-\($0).yaml").path]
        }
        let result = try await peerquake(
            ["run", plan("rolling-upgrade"), "--dry-run", "--env", "embedded", "--repeat", "1"] + shapes)
        #expect(result.exitCode == 0, "\(result.standardError)")
        #expect(result.standardOutput.contains("on west: west-worker"), "\(result.standardOutput)")
    }

    @Test(
        "writes out what a terminal would obey, whatever its source",
        arguments: [["validate", "a\u{1B}[2J.yaml"], ["report", "/b\u{1B}]0;t\u{7}"], ["run", "c\u{9B}2J.yaml"]])
    func hostile(arguments: [String]) async throws {
        let result = try await peerquake(arguments)
        #expect(result.exitCode == 64)
        let controls = result.standardError.unicodeScalars.filter {
            ($0.value < 32 && $0 != "\n") || (127...159).contains($0.value)
        }
        #expect(controls.isEmpty, "\(result.standardError)")
        #expect(result.standardError.contains("\\x1b") || result.standardError.contains("\\x9b"))
    }

    @Test("names every problem of a broken plan with its position")
    func broken() async throws {
        let folder = Self.root.appending(path: "Tests/QuakePlanTests/Fixtures/broken")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".yaml") }
        #expect(files.count >= 25)
        for file in files.sorted() {
            let path = folder.appending(path: file).path
            let result = try await peerquake(["validate", path])
            #expect(result.exitCode == 64, "\(file)")
            #expect(result.standardError.contains("\(file):"), "\(file): \(result.standardError)")
        }
    }
}
