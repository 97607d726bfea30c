import Foundation
import QuakeKube
import QuakeTestSupport
import Testing

/// Two embedded clusters of the quick configurations, the mesh in them, hosted by the built command.
struct EmbeddedPair: Sendable {
    /// The clusters of the suite that has the trait ``EmbeddedPairTrait``.
    @TaskLocal static var current: EmbeddedPair?

    let folder: TemporaryDirectory
    let kubeconfig: String
    /// The process that hosts them.
    let host: String

    /// Starts them, calls `body`, and ends them.
    static func with(_ body: @Sendable (EmbeddedPair) async throws -> Void) async throws {
        let folder = try TemporaryDirectory()
        let (program, kubeconfig) = (try BuiltCommand.path(), "\(folder.path)/kc")
        let shapes = ["east", "west"].map {
            "--config \(BuiltCommand.root.appending(path: "kind-configs/quick-\($0).yaml").path)"
        }.joined(separator: " ")
        // They end with their input, whatever becomes of this process.
        let script = """
            sleep 900 | {
                echo $BASHPID >\(folder.path)/host
                exec \(program) embedded --until-eof \(shapes) --kubeconfig \(kubeconfig)
            }
            """
        let hosting = Task { try await Command(["bash", "-c", script]).run(timeout: .seconds(900)) }
        do {
            let ready = try await Command([
                "bash", "-c",
                "for _ in $(seq 600); do [ -s \(kubeconfig) ] && exec \(program) mesh install --kubeconfig \(kubeconfig); "
                    + "sleep 0.1; done; exit 1",
            ]).run(timeout: .seconds(120))
            try #require(ready.succeeded, "\(ready.standardError)")
            let host = try String(contentsOfFile: "\(folder.path)/host", encoding: .utf8)
            try await body(
                EmbeddedPair(
                    folder: folder, kubeconfig: kubeconfig,
                    host: host.trimmingCharacters(in: .whitespacesAndNewlines)))
        } catch {
            hosting.cancel()
            _ = await hosting.result
            throw error
        }
        hosting.cancel()
        _ = await hosting.result
    }

    func kube(_ name: String) throws -> KubeClient {
        KubeClient(try Kubeconfig.load(path: kubeconfig, environment: [:]).context(name))
    }

    /// Runs a shell's script in which `$run` carries a plan out on these clusters, with its archive in `$out`; `$applied`
    /// waits until the journal says that something was changed, and `$peerquake` is the command.
    func shell(_ script: String, plan: String, options: String = "") async throws -> CommandResult {
        let out = "\(folder.path)/\(UUID().uuidString)"
        let program = try BuiltCommand.path()
        let lines = """
            peerquake=\(program)
            out=\(out)
            run="$peerquake run \(plan) --env embedded --kubeconfig \(kubeconfig) --out $out \(options)"
            applied() {
                for _ in $(seq 600); do
                    grep -aqs '"applied"' $out/journal.ndjson && return
                    sleep 0.1
                done
                return 1
            }
            \(script)
            """
        return try await Command(["bash", "-c", lines]).run(timeout: .seconds(120))
    }

    /// Fails the test unless `body` leaves the clusters as they were.
    func unchanged(_ body: () async throws -> Void) async throws {
        let (program, kept) = (try BuiltCommand.path("peerquake-dev"), "\(folder.path)/\(UUID().uuidString).json")
        let before = try await Command([program, "snapshot", "--kubeconfig", kubeconfig, "--out", kept])
            .run(timeout: .seconds(90))
        try #require(before.succeeded, "\(before.standardError)")
        try await body()
        let after = try await Command([
            program, "snapshot", "--kubeconfig", kubeconfig, "--compare", kept, "--within", "30",
        ]).run(timeout: .seconds(60))
        #expect(after.succeeded, "\(after.standardError)")
    }

    /// A plan that cordons a node with a gateway and holds.
    func cordon(hold: String) throws -> String {
        try folder.file("cordon-\(hold).yaml", Self.cordonPlan(hold: hold))
    }

    /// The same in both clusters.
    func cordonBoth(hold: String) throws -> String {
        try folder.file("cordon-both-\(hold).yaml", Self.cordonPlan(["east", "west"], hold: hold))
    }

    static func cordonPlan(_ clusters: [String] = ["west"], hold: String) -> String {
        let steps = clusters.map { "  - cordon: {cluster: \($0), nodes: {hosting: gateway, count: 1}}" }
        return planText("cordon", steps: "\(steps.joined(separator: "\n"))\n    hold: \(hold)")
    }

    /// A plan from east to west with little traffic and little patience.
    /// - Parameters:
    ///   - keys: further lines of the plan, before its steps.
    ///   - steps: the items of `steps`, indented by two.
    static func planText(_ name: String, rate: String = "20/s", keys: String = "", steps: String) -> String {
        """
        kind: Plan
        apiVersion: peerquake.dev/v1
        name: \(name)
        clusters: [east, west]
        traffic:
          - name: echo
            url: http://echo.demo.mesh.internal:8080/
            from: east
            to: west
            rate: \(rate)
            connections: [new]
        hypothesis: {baseline: 500ms, availability: 90%, within: 60s}
        settle: 200ms
        \(keys)
        steps:
        \(steps)
        """
    }
}

/// Starts an ``EmbeddedPair`` once for all tests of a suite.
struct EmbeddedPairTrait: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await EmbeddedPair.with { pair in
            try await EmbeddedPair.$current.withValue(pair) { try await function() }
        }
    }
}

extension Trait where Self == EmbeddedPairTrait {
    static var embeddedPair: Self { Self() }
}

/// Tests that share a pair of clusters, one after another; each leaves them as they were.
@Suite("On embedded clusters", .serialized, .timeLimit(.minutes(10)), .embeddedPair)
struct OnEmbeddedClusters {}

/// The same on another pair, at the same time: these tests wait more than they compute.
@Suite("On embedded clusters, how runs end", .serialized, .timeLimit(.minutes(10)), .embeddedPair)
struct OnEmbeddedClustersAtTheEnd {}

/// The same on a third pair: those that wait longest, so that all three groups take about as long.
@Suite("On embedded clusters, long waits", .serialized, .timeLimit(.minutes(10)), .embeddedPair)
struct OnEmbeddedClustersForLong {}
