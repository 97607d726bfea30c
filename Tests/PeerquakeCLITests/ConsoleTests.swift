import Foundation
import QuakeKube
import QuakeShell
import QuakeTestSupport
import Testing

/// Standard output and standard error in pipes, and what is looked at before clusters are made.
@Suite("In a pipe")
struct ConsoleTests {
    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    @Test("lines appear when they are printed, not when the command ends")
    func flushed() async throws {
        let script = """
            \(try BuiltCommand.path()) doctor | while read -r line; do echo "$(date +%s%N) $line"; done
            """
        let result = try await Command(["bash", "-c", script]).run(timeout: .seconds(120))
        let times = result.standardOutput.split(separator: "\n").compactMap { line -> (Int64, String)? in
            let halves = line.split(separator: " ", maxSplits: 1).map(String.init)
            return halves.count == 2 ? Int64(halves[0]).map { ($0, halves[1]) } : nil
        }
        let kubectl = try #require(times.first { $0.1.contains("kubectl") })
        let timers = try #require(times.first { $0.1.contains("timers") })
        // What is measured takes three seconds.
        #expect(timers.0 - kubectl.0 > 2_500_000_000, "\(result.standardOutput)")
    }

    @Test("a line of JSON has its level, its moment and its message, and no key that does not apply")
    func line() throws {
        let time = Date(timeIntervalSince1970: 1_769_825_700.25)
        let plain = try JSONValue(parsing: LogLine(.warning, "a \"b\"\nc", time: time).json)
        #expect(plain["time"]?.stringValue == "2026-01-31T02:15:00.250Z")
        #expect(plain["level"]?.stringValue == "warning")
        #expect(plain["message"]?.stringValue == "a \"b\"\nc")
        #expect(plain["run"] == nil && plain["trial"] == nil)
        let full = LogLine(.info, "m", time: time, run: "r", at: 1.5, trial: 2, event: "stepStarted").json
        #expect(!full.contains("\n"))
        #expect(
            full == #"{"at":1.5,"event":"stepStarted","level":"info","message":"m","run":"r","#
                + #""time":"2026-01-31T02:15:00.250Z","trial":2}"#)
    }

    // MARK: - Prerequisites

    /// What is on PATH besides the system's programs, and what `clusters up` must say.
    struct Lack: Sendable, CustomTestStringConvertible {
        var name: String
        var docker: String?
        var hasKind = true
        var mesh = "standin"
        var says: [String]

        var testDescription: String { name }
    }

    private static let answering = """
        case $1 in
        -v) echo Docker version 28.1.1, build 4eba377 ;;
        image) exit $IMAGE ;;
        esac
        """

    private static let lacks = [
        Lack(
            name: "the agent's image", docker: answering.replacing("$IMAGE", with: "1"),
            says: ["docker has no image peerquake-agent", "Make it: scripts/build-agent-image"]),
        Lack(
            name: "kind, and the image", docker: answering.replacing("$IMAGE", with: "1"), hasKind: false,
            says: ["no kind on PATH", "docker has no image peerquake-agent"]),
        Lack(name: "an engine", docker: nil, says: ["none of docker, nerdctl, podman is on PATH"]),
        Lack(
            name: "an engine that answers", docker: "[ $1 = -v ] && echo Docker version 28.1.1, build 4eba377",
            says: ["docker does not answer", "docker info"]),
        Lack(
            name: "another mesh's script, away from the sources", docker: answering.replacing("$IMAGE", with: "0"),
            mesh: "istio", says: ["scripts/install-istio is not here"]),
    ]

    @Test("clusters up names all that is missing before it makes anything", arguments: lacks)
    func prerequisites(_ lack: Lack) async throws {
        if let docker = lack.docker { _ = try folder.script("docker", docker) }
        let made = "\(folder.path)/made"
        if lack.hasKind { _ = try folder.script("kind", "[ $1 != create ] || : >\(made)") }
        let shape = BuiltCommand.root.appending(path: "kind-configs/east.yaml").path
        let line =
            "cd \(folder.path) && exec \(try BuiltCommand.path()) clusters up --config \(shape) --mesh \(lack.mesh)"
        // The shell has no PATH of its own here, and needs none.
        let result = try await Command(
            ["/bin/bash", "-c", line], environment: ["PATH": folder.path, "HOME": folder.path]
        ).run(timeout: .seconds(60))
        #expect(result.exitCode == 69, "\(result.standardError)")
        for words in lack.says { #expect(result.standardError.contains(words), "\(words) in \(result.standardError)") }
        #expect(result.standardError.contains("Nothing was made."))
        #expect(!FileManager.default.fileExists(atPath: made))
    }

    @Test("build-agent-image looks for what it needs at its end first, and says what it waits for")
    func image() async throws {
        _ = try folder.script("docker", "[ $1 != ps ] || exit $ANSWER")
        let script = BuiltCommand.root.appending(path: "scripts/build-agent-image").path
        func make(_ answer: String, _ arguments: [String]) async throws -> CommandResult {
            try await Command(
                [script] + arguments,
                environment: ["PATH": "\(folder.path):/usr/bin:/bin", "HOME": folder.path, "ANSWER": answer]
            ).run(timeout: .seconds(60))
        }
        let silent = try await make("1", [])
        #expect(silent.exitCode == 69, "\(silent.standardError)")
        #expect(silent.standardError.contains("asking docker whether it answers, for 30 s at most"))
        #expect(silent.standardError.contains("docker does not answer"))
        let kindless = try await make("0", ["east"])
        #expect(kindless.exitCode == 69, "\(kindless.standardError)")
        #expect(kindless.standardError.contains("no kind on PATH, which is to load the image into east"))
        let absent = try await make("0", ["--binary", "/nonexistent"])
        #expect(absent.exitCode == 64, "\(absent.standardError)")
    }

    @Test("run looks for kubectl before it starts clusters")
    func kubectl() async throws {
        let plan = BuiltCommand.root.appending(path: "Plans/quickstart.yaml").path
        let shapes = ["east", "west"].flatMap {
            ["--config", BuiltCommand.root.appending(path: "kind-configs/quick-\($0).yaml").path]
        }
        let result = try await Command(
            [try BuiltCommand.path(), "run", plan, "--out", "\(folder.path)/run"] + shapes,
            environment: ["PATH": folder.path, "HOME": folder.path]
        ).run(timeout: .seconds(60))
        #expect(result.exitCode == 69, "\(result.standardError)")
        #expect(result.standardError.contains("kubectl version --client failed: it is not on PATH"))
        #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/run"))
    }
}

extension OnEmbeddedClusters {
    @Suite("What a run writes to standard error")
    struct RunConsoleTests {
        private let pair: EmbeddedPair

        init() throws { pair = try #require(EmbeddedPair.current) }

        @Test("is one JSON object a line with --log-format json")
        func json() async throws {
            let result = try await pair.shell(
                "$run", plan: try pair.cordon(hold: "300ms"), options: "--log-format json")
            #expect(result.exitCode == 0, "\(result.standardError)")
            let lines = try result.standardError.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
            let events = lines.compactMap { $0["event"]?.stringValue }
            #expect(events.contains("trialStarted") && events.contains("stepStarted"), "\(events)")
            let step = try #require(lines.first { $0["event"]?.stringValue == "stepStarted" })
            #expect(step["level"]?.stringValue == "info")
            #expect(step["trial"]?.intValue == 1)
            #expect(step["run"]?.stringValue?.contains("-cordon-") == true)
            #expect(lines.contains { $0["message"]?.stringValue?.contains("at least") == true })
            #expect(result.standardOutput.hasPrefix("PASS"))
        }

        @Test("is nothing but warnings with --quiet")
        func quiet() async throws {
            let result = try await pair.shell("$run", plan: try pair.cordon(hold: "300ms"), options: "--quiet")
            #expect(result.exitCode == 0, "\(result.standardError)")
            #expect(!result.standardError.contains("trial"), "\(result.standardError)")
            #expect(!result.standardError.contains("archive"), "\(result.standardError)")
            #expect(result.standardOutput.hasPrefix("PASS"))
        }
    }
}
