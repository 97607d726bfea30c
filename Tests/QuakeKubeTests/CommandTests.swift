import Glibc
import QuakeKube
import QuakeTestSupport
import Synchronization
import Testing

@Suite("Commands")
struct CommandTests {
    @Test("keep both outputs, the exit code and a line to paste")
    func captured() async throws {
        let command = Command(
            ["/bin/sh", "-c", "echo out; echo 'its' >&2; exit 3"], shownEnvironment: ["KUBECONFIG": "/tmp/a b"])
        let result = try await command.run(timeout: .seconds(90))
        #expect(result.standardOutput == "out\n")
        #expect(result.standardError == "its\n")
        #expect(result.exitCode == 3)
        #expect(!result.succeeded)
        #expect(result.commandLine == #"KUBECONFIG='/tmp/a b' /bin/sh -c 'echo out; echo '\''its'\'' >&2; exit 3'"#)
    }

    @Test("read what they are given, and nothing where they are given nothing")
    func input() async throws {
        let bytes = [UInt8](repeating: UInt8(ascii: "x"), count: 300_000)
        let counted = try await Command(["wc", "-c"], standardInput: bytes).run(timeout: .seconds(90))
        #expect(counted.standardOutput.filter { $0.isNumber } == "300000")
        // One that ends without reading it breaks nothing.
        #expect(try await Command(["true"], standardInput: bytes).run(timeout: .seconds(90)).succeeded)
        #expect(try await Command(["cat"]).run(timeout: .seconds(90)).standardOutput.isEmpty)
    }

    @Test("tell lines while they run")
    func streamed() async throws {
        let seen = Mutex<[String]>([])
        let result = try await Command(["/bin/sh", "-c", "printf 'a\\r\\nb'; printf 'c\\n\\nlast'"])
            .run(timeout: .seconds(90)) { stream, line in seen.withLock { $0.append("\(stream):\(line)") } }
        #expect(result.succeeded)
        #expect(
            seen.withLock { $0 }
                == ["standardOutput:a", "standardOutput:bc", "standardOutput:", "standardOutput:last"])
    }

    @Test("that outlive their time-out are killed with all that they started", .timeLimit(.minutes(3)))
    func timedOut() async throws {
        let script = "trap '' TERM; (trap '' TERM; sleep 600) & echo $!; echo started >&2; wait; sleep 600"
        let result = try await Command(["/bin/sh", "-c", script]).run(timeout: .milliseconds(300))
        #expect(result.timedOut)
        #expect(result.exitCode == nil)
        #expect(result.standardError == "started\n")
        let child = result.standardOutput.split(separator: "\n").first.map(String.init) ?? "none"
        // A child that nobody has reaped yet is a zombie, and dead.
        let state = try await Command(["/bin/sh", "-c", "ps -o stat= -p \(child) | grep -v Z"]).run(
            timeout: .seconds(20))
        #expect(state.standardOutput.isEmpty)
    }

    @Test("of a dead run are found and killed, and no other's", .timeLimit(.minutes(3)))
    func leftovers() async throws {
        func start(_ run: String) -> Task<CommandResult, any Error> {
            // Not by name: the marks are this process's own.
            let command = Command(["/bin/sh", "-c", "sleep 300; sleep 300"], environment: ["PEERQUAKE_RUN": run])
            return Task { try await command.run(timeout: .seconds(50)) }
        }
        let (mine, other) = (start("test-left-over"), start("test-left-over-2"))
        var ended: [String] = []
        while ended.isEmpty {
            ended = try await Leftovers.end(of: "test-left-over")
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(ended.contains { $0.contains("sleep 300") })
        #expect(try await mine.value.signal == SIGKILL)
        #expect(try await Leftovers.end(of: "test-left-over").isEmpty)
        #expect(try await !Leftovers.end(of: "test-left-over-2").isEmpty)
        #expect(try await other.value.signal == SIGKILL)
    }

    @Test("that ignore nothing end at once at their time-out")
    func timedOutPolitely() async throws {
        let result = try await Command(["/bin/sleep", "600"]).run(timeout: .milliseconds(100))
        #expect(result.timedOut)
        #expect(result.duration < .seconds(60))
    }

    @Test("are killed when their task is cancelled", .timeLimit(.minutes(3)))
    func cancelled() async throws {
        let (lines, told) = AsyncStream.makeStream(of: String.self)
        let task = Task {
            try await Command(["/bin/sh", "-c", "echo up; sleep 600"]).run(timeout: .seconds(600)) { told.yield($1) }
        }
        for await _ in lines { break }
        task.cancel()
        let error = await #expect(throws: KubeError.self) { _ = try await task.value }
        #expect(error?.code == .cancelled)
    }

    @Test("that do not exist say so")
    func absent() async throws {
        let error = await #expect(throws: KubeError.self) {
            _ = try await Command(["no-such-command-here", "x y"]).run(timeout: .seconds(120))
        }
        #expect(error?.description == "no-such-command-here 'x y': no-such-command-here is not there, or not in PATH")
    }

    @Test("end though a grandchild keeps their output open")
    func inheritedPipe() async throws {
        let result = try await Command(["/bin/sh", "-c", "sleep 600 & echo done; kill $! && sleep 120 & exit 0"])
            .run(timeout: .seconds(90))
        #expect(result.succeeded)
        #expect(result.standardOutput.hasPrefix("done"))
        #expect(result.duration < .seconds(60))
    }

    @Test(
        "are quoted as a shell reads them",
        arguments: [("a-b_c./:=,@%+", "a-b_c./:=,@%+"), ("", "''"), ("a b", "'a b'"), ("$x", "'$x'"), ("ä", "'ä'")])
    func quoting(word: String, quoted: String) {
        #expect(ShellQuoting.quote(word) == quoted)
    }
}

@Suite("kubectl")
struct KubectlTests {
    @Test("gets a scrubbed environment, its context and its own cache")
    func environment() async throws {
        let directory = try TemporaryDirectory()
        let script = try directory.script("kubectl", "echo \"$@\"; env | grep -E 'KUBE|AWS'")
        let kubectl = Kubectl(
            binary: script, kubeconfigPath: "/tmp/k", context: "east", cacheDirectory: "/tmp/cache",
            environment: ["PATH": "/bin:/usr/bin", "KUBECONFIG": "/other", "KUBECTL_EXTERNAL_DIFF": "x", "AWS_X": "p"])
        let result = try await kubectl.run(["get", "nodes"])
        #expect(
            result.commandLine
                == "KUBECONFIG=/tmp/k \(script) --context east --cache-dir /tmp/cache get nodes")
        #expect(
            Set(result.standardOutput.split(separator: "\n"))
                == ["--context east --cache-dir /tmp/cache get nodes", "KUBECONFIG=/tmp/k", "AWS_X=p"])
    }

    private static let versions: [(String, Kubectl.Version)] = [
        ("v1.32.4-dispatcher", Kubectl.Version(gitVersion: "v1.32.4", major: 1, minor: 32, isDispatcher: true)),
        ("v1.20.2", Kubectl.Version(gitVersion: "v1.20.2", major: 1, minor: 20, isDispatcher: false)),
        ("v1.30.1+k3s1", Kubectl.Version(gitVersion: "v1.30.1", major: 1, minor: 30, isDispatcher: false)),
    ]

    @Test(
        "says its version, and whether it is a dispatcher",
        arguments: versions)
    func version(full: String, version: Kubectl.Version) throws {
        let output: JSONValue = ["clientVersion": ["gitVersion": .string(full), "minor": "32+"]]
        #expect(try Kubectl.Version(parsing: output.text()) == version)
    }
}
