import Foundation
import QuakeCluster
import QuakeKind
import QuakeKube
import QuakePeering
import QuakePlan
import QuakeTestSupport
import Synchronization
import Testing

/// What kind 0.33.0, Docker 20.10.24 and kubectl 1.32 were asked and said on two clusters of Kubernetes 1.36.2.
private struct Transcripts {
    let json: JSONValue

    init() throws {
        let url = try #require(
            Bundle.module.url(forResource: "transcripts", withExtension: "json", subdirectory: "Fixtures"))
        json = try JSONValue(parsing: Array(Data(contentsOf: url)))
    }

    func words(_ path: any JSONStep...) throws -> [String] {
        var value = json
        for step in path { value = try #require(step.step(into: value)) }
        return try #require(value.arrayValue).compactMap(\.stringValue)
    }

    func text(_ path: any JSONStep...) throws -> String {
        var value = json
        for step in path { value = try #require(step.step(into: value)) }
        return try #require(value.stringValue)
    }
}

/// Lets a change happen and keeps what was made of it.
private final class Log: ActionLog {
    let inverses = Mutex<[Inverse]>([])

    func mutate(_ mutation: Mutation) async throws {
        inverses.withLock { $0.append(mutation.inverse) }
        try await mutation.apply()
    }
    func undo(
        _ cluster: String, matching: @Sendable (Inverse) -> Bool, by body: @Sendable () async throws -> Void
    ) async throws -> Bool {
        try await body()
        return true
    }
    func doom(_ nodes: Set<String>, of cluster: String) -> Set<String> { nodes }
    func injected(cluster: String, targets: [String], part: String?, during interval: EffectInterval) {}
    func changed(cluster: String, targets: [String]) {}
    func keep(_ result: CommandResult, about: String) {}
    let drain = DrainProgress()
    let arrivals: any Arrivals = NothingArrives()
    func measured(_ change: MeasuredChange) -> Bool { false }
    func pause(_ length: Duration) async throws {}
}

/// No transcript measures propagation.
private struct NothingArrives: Arrivals {
    func lanes(to cluster: String) -> [Propagation.View] { [] }
    func shows(node: String, of cluster: String, at view: Propagation.View) -> Bool { false }
    func moment(
        _ direction: Propagation.Direction, node: String, pod: String, of cluster: String, at view: Propagation.View
    ) -> RunInstant? { nil }
}

@Suite("Recorded transcripts, argument for argument")
struct RecordedTranscriptTests {
    private let transcripts: Transcripts

    init() throws { transcripts = try Transcripts() }

    // MARK: - docker

    /// An engine that knows one node in one state, and keeps its command lines.
    private func asked(
        state: String, _ body: (KindPower) async throws -> Void
    ) async throws -> [[String]] {
        let asked = Mutex<[[String]]>([])
        let first = Mutex(true)
        let whole =
            "[{\"State\":{\"Running\":true,\"Paused\":false},\"NetworkSettings\":{\"Networks\":{\"kind\":{\"IPAddress\":\"172.18.0.4\"}}}}]"
        let engine = ContainerEngine("docker") { arguments, _ in
            asked.withLock { $0.append(["docker"] + arguments) }
            var result = CommandResult(arguments: arguments, environment: [:], exitCode: 0, began: 0)
            if arguments.first == "inspect" {
                let isFirst = first.withLock { value in
                    defer { value = false }
                    return value
                }
                result.standardOutput = isFirst ? state : whole
            } else if arguments.contains(where: { $0.contains("is-system-running") }) {
                result.standardOutput = "running\n"
            }
            return result
        }
        try await body(KindPower(engine))
        return asked.withLock { $0.filter { !["inspect", "exec"].contains($0[1]) } }
    }

    private static func state(running: Bool = true, paused: Bool = false, network: Bool = true) -> String {
        let networks = network ? "{\"kind\":{\"IPAddress\":\"172.18.0.4\"}}" : "{}"
        return
            "[{\"State\":{\"Running\":\(running),\"Paused\":\(paused)},\"NetworkSettings\":{\"Networks\":\(networks)}}]"
    }

    @Test(
        "deaths ask docker what was asked when they were recorded",
        arguments: [("kill", KillMethod.killContainer), ("pause", .pause), ("disconnect", .disconnect)])
    func deaths(recorded: String, how: KillMethod) async throws {
        let argv = try transcripts.words("faults", recorded)
        let node = try #require(argv.last)
        #expect(try await asked(state: Self.state()) { try await $0.kill(node, how: how) } == [argv])
    }

    @Test(
        "and so do the ways back",
        arguments: [
            ("start", Self.state(running: false)), ("unpause", Self.state(paused: true)),
            ("connect", Self.state(network: false)),
        ])
    func ways(recorded: String, state: String) async throws {
        let argv = try transcripts.words("faults", recorded)
        let node = try #require(argv.last)
        #expect(try await asked(state: state) { try await $0.restore(node) } == [argv])
    }

    @Test("and a restart")
    func restart() async throws {
        let argv = try transcripts.words("faults", "restart")
        let node = try #require(argv.last)
        #expect(try await asked(state: Self.state()) { try await $0.restart(node) } == [argv])
    }

    @Test("nodes are identified by the labels that kind gave them")
    func containers() async throws {
        let rows = try #require(transcripts.json["containers"]?.arrayValue)
        let engine = ContainerEngine("docker") { arguments, _ in
            var result = CommandResult(arguments: arguments, environment: [:], exitCode: 0, began: 0)
            // As docker filters: every label=NAME=VALUE must be among a container's.
            let wanted = arguments.filter { $0.hasPrefix("label=") }.map { String($0.dropFirst(6)) }
            let chosen = rows.filter { row in
                let labels = (row["labels"]?.stringValue ?? "").split(separator: ",").map(String.init)
                return wanted.allSatisfy(labels.contains)
            }
            result.standardOutput = chosen.compactMap { $0["name"]?.stringValue }.joined(separator: "\n") + "\n"
            return result
        }
        #expect(
            try await engine.nodes(of: "east")
                == ["east-control-plane", "east-worker", "east-worker2", "east-worker3"])
        #expect(try await engine.nodes(of: "eas").isEmpty)
    }

    // MARK: - kind

    @Test("kind's list of clusters is asked for and read as it was recorded")
    func clusters() async throws {
        let argv = try transcripts.words("kindGetClusters", "argv")
        let said = try transcripts.text("kindGetClusters", "stdout")
        let kind = KindProvisioner(kubeconfig: nil, environment: [:]) { arguments, _ in
            var result = CommandResult(arguments: arguments, environment: [:], exitCode: 0, began: 0)
            if ["kind"] + arguments == argv { result.standardOutput = said }
            return result
        }
        #expect(try await kind.clusters() == ["east", "west"])
    }

    @Test("the controller manager's manifest gets the recorded flag, and is the recorded text again without it")
    func manifest() throws {
        let before = try transcripts.text("manifestBefore")
        let after = try transcripts.text("manifestAfter")
        let flag = "node-monitor-grace-period"
        #expect(ManifestFlags.read(before)[flag] == nil)
        #expect(ManifestFlags.read(after)[flag] == "16s")
        let changed = ManifestFlags.setting([flag: "16s"], in: before)
        #expect(ManifestFlags.read(changed) == ManifestFlags.read(after))
        #expect(changed.split(separator: "\n").count == after.split(separator: "\n").count)
        #expect(ManifestFlags.setting([flag: ""], in: changed) == before)
        #expect(ManifestFlags.setting([flag: ""], in: after) == before)
    }

    // MARK: - kubectl

    /// Runs an action against a kubectl that says what was recorded. Returns what it was asked and how the action ended.
    private func replay(
        _ recorded: String, _ action: some ClusterAction, node: String
    ) async throws -> (arguments: [String], outcome: ActionOutcome, log: Log) {
        let folder = try TemporaryDirectory()
        let exitCode = try #require(transcripts.json["kubectl"]?[recorded]?["exitCode"]?.intValue)
        try folder.file("out", try transcripts.text("kubectl", recorded, "stdout"))
        try folder.file("err", try transcripts.text("kubectl", recorded, "stderr"))
        let kubectl = try folder.script(
            "kubectl",
            "here=$(dirname \"$0\")\nprintf '%s\\n' \"$@\" > \"$here/asked\"\ncat \"$here/out\"\ncat \"$here/err\" >&2\nexit \(exitCode)"
        )
        let kube = KubeClient(
            Kubeconfig.Context(
                name: "east", cluster: .init(name: "east", server: "http://127.0.0.1:1"), user: .init(name: "east")))
        let cluster = Cluster(
            name: "east", uid: "u", kube: kube,
            kubectl: Kubectl(binary: kubectl, kubeconfigPath: "/absent", context: "east", cacheDirectory: "/tmp/c"))
        let log = Log()
        let context = ActionContext(
            clusters: ["east": cluster], observers: [:], peering: StandinPeering(), log: log, action: recorded,
            nodes: [NodeTarget(name: node, uid: "n", isCordoned: false)], cluster: cluster, seed: 1,
            expectOutage: false)
        let outcome = try await action.run(context)
        let asked = try String(contentsOfFile: folder.path + "/asked", encoding: .utf8).split(separator: "\n")
        return (asked.map(String.init), outcome, log)
    }

    private static let binding = ["--context", "east", "--cache-dir", "/tmp/c"]

    private func drain(_ node: String, seconds: Int) -> Drain {
        var selector = NodeSelector()
        selector.names = [node]
        var drain = Drain(targets: .select(cluster: "east", selector))
        drain.timeout = .seconds(seconds)
        return drain
    }

    @Test(
        "a drain asks kubectl what was recorded, and finishes, after retries too",
        arguments: [
            ("drain", "east-worker", 90), ("drainFirst", "east-worker", 60), ("drainAfterRetries", "east-worker2", 60),
        ])
    func drained(recorded: String, node: String, seconds: Int) async throws {
        let told = try await replay(recorded, drain(node, seconds: seconds), node: node)
        #expect(told.arguments == Self.binding + (try transcripts.words("kubectl", recorded, "arguments")))
        #expect(told.outcome == .finished)
        #expect(told.log.drain.hasShown(.blocked) == (recorded == "drainAfterRetries"))
    }

    @Test("a drain that a budget held to its end is blocked")
    func blocked() async throws {
        let told = try await replay("drainBlocked", drain("east-worker2", seconds: 22), node: "east-worker2")
        #expect(told.outcome.outcome == .blocked)
        #expect(told.log.drain.hasShown(.blocked))
        #expect(told.log.inverses.withLock { $0 } == [.uncordon(node: "east-worker2", uid: "n")])
    }

    @Test("a cordon asks kubectl what was recorded")
    func cordoned() async throws {
        let told = try await replay("cordon", Cordon(.select(cluster: "east", NodeSelector())), node: "east-worker3")
        #expect(told.arguments == Self.binding + (try transcripts.words("kubectl", "cordon", "arguments")))
        #expect(told.outcome == .finished)
    }
}
