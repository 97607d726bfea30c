import ArgumentParser
import FoundationEssentials
import QuakeArchive
import QuakeCluster
import QuakeEnvironment
import QuakeKube
import QuakePlan
import QuakeProbe
import QuakeReport
import QuakeRun
import QuakeShell
import QuakeTimeline

/// `peerquake run PLAN`.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a plan, heal everything, and report.",
        discussion: """
            EXAMPLES
              peerquake run quickstart                  # on embedded clusters; peerquake plans list has the others
              peerquake run quickstart --timing real --set hold=60s --out runs/real
              peerquake run mine.yaml --env embedded --config east.yaml --config west.yaml --junit junit.xml
              peerquake run Plans/node-blip.yaml --env embedded --kubeconfig kc --set short=2s --repeat 1 --out runs/blip
              peerquake run Plans/gateway-node-kill.yaml --env kind --repeat 1 --junit junit.xml --markdown report.md
              peerquake run Plans/rolling-upgrade.yaml --dry-run

            EXIT CODES
              0 pass; 1 an expectation failed or the plan aborted; 2 inconclusive; 4 a fault was not injected, or a step
              was refused or failed and no expectation asks for that; 5 clean-up incomplete; 64 bad usage or plan; 69 a cluster
              is locked, cannot be reached or denies a right; 70 internal error; 130, 143 interrupted and healed. Of
              several: 5, 130 or 143, 70, 69, 64, 4, 1, 3, 2, 0.
            """)

    @OptionGroup var options: RunOptions

    @Flag(help: "Print what would be done, and exit; with --config or --timing also to which nodes.")
    var dryRun = false

    mutating func run() async throws {
        options.log.apply()
        try options.settle()
        let plan = try options.load()
        if dryRun { return try await DryRun(plan, command: options).run() }
        throw ExitCode(try await options.carryOut(plan, soak: nil).rawValue)
    }
}

extension MeshLogs: ExpressibleByArgument {}

/// What `run` and `soak` are told of a run: the plan, its clusters, and where the archive goes.
struct RunOptions: ParsableArguments {
    @OptionGroup var options: PlanOptionsGroup

    @OptionGroup var place: PlaceOptions

    /// Those of ``place`` with what variables and `peerquake.yaml` add: see ``settle()``.
    private(set) var settings = Settings()

    @Option(
        help: ArgumentHelp("Serve metrics for Prometheus at /metrics during the run.", valueName: "HOST:PORT"),
        transform: Checked.address(lowestPort: 0))
    var serveMetrics: String?

    @Option(
        name: .customLong("mesh-logs"),
        help: ArgumentHelp(
            "unchanged, or debug: open-source Istio's ztunnels on probers' nodes and its gateways log more while the run lasts, "
                + "and the archive keeps it as evidence.", valueName: "level"))
    var meshLogs = MeshLogs.unchanged

    @OptionGroup var log: LogOptions

    @OptionGroup var outputs: OutputOptions<RunReport>

    /// Reads variables and `peerquake.yaml`. Nothing else may be asked for before.
    ///
    /// - Parameter ofFolder: `false` for the command line alone, which no folder changes.
    /// - Throws: ``Failure``, of usage, with every problem of them; or that a timing is asked of clusters that have their own.
    mutating func settle(ofFolder: Bool = true) throws {
        settings = try ofFolder ? place.settings() : place.ownSettings
        guard let timing = place.shapes.timing else { return }
        let owner =
            kubeconfig != nil ? "the clusters of --kubeconfig" : environment.host == nil ? "\(env) clusters" : nil
        if let owner { throw ValidationError("--timing \(timing): \(owner) have their own timings") }
    }

    var env: String { settings.environment.rawValue }
    var kubeconfig: String? { settings.text(.kubeconfig) }
    var probeFrom: String { settings.text(.probeFrom) ?? "host" }
    var mesh: String? { settings.text(.mesh) }

    var environment: any Environment { Environments.standard.named(settings.environment) }

    /// Whether there are clusters to look at: those that run, or shapes of clusters to be made.
    var namesClusters: Bool { kubeconfig != nil || settings.isShaped || environment.host == nil }

    /// The plan; what stands beside it makes sense.
    func load() throws -> Plan {
        let plan = try options.load()
        for binding in place.bindings where !plan.clusters.contains(binding.name) {
            throw Failure(
                .usage,
                "--cluster \(binding.text): the plan has no cluster \(binding.name); allowed: "
                    + plan.clusters.joined(separator: ", "))
        }
        if probeFrom == "pod", !environment.capabilities.contains(.runsProbers) {
            throw Failure(
                .usage, "--probe-from pod: \(env) clusters run no foreign process",
                hint: "Their addresses are this machine's own: --probe-from host.")
        }
        if kubeconfig == nil { try environment.host?.check(settings.shapes) }
        return plan
    }

    /// Runs it on its clusters.
    ///
    /// - Parameter soak: how long it is repeated; `nil`: as often as it says.
    func carryOut(_ plan: Plan, soak: Soak?) async throws -> PeerquakeExit {
        let id = RunID.make(plan.name)
        // The option names the archive's directory; elsewhere the folder of all of them is named.
        let directory = place.out ?? "\(settings.text(.out) ?? "runs")/\(id)"
        if FileManager.default.fileExists(atPath: "\(directory)/run.sqlite") {
            throw Failure(.usage, "\(directory) holds a run already", hint: "Name another --out.")
        }
        try await Self.checkKubectl()
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        } catch {
            throw Failure(.usage, "--out \(directory): it cannot be made: \(error)")
        }
        let interruption = Interruption()
        return try await withClusters(plan, directory, lost: { interruption.raiseAndHurry(.unrecorded($0)) }) {
            contexts, kubeconfig in
            try await RunDriver(
                plan: plan, command: self, id: id, directory: directory, soak: soak, interruption: interruption
            ).run(contexts, kubeconfig: kubeconfig)
        }
    }

    /// Steps drain, apply and wait with it, and would miss it when clusters are up and traffic flows.
    private static func checkKubectl() async throws {
        let said = try? await Command(["kubectl", "version", "--client"]).run(timeout: .seconds(15))
        guard said?.succeeded != true else { return }
        let reason = said.map { $0.timedOut ? "it did not end within 15 s" : $0.standardError } ?? "it is not on PATH"
        throw Failure(
            .unavailable, "kubectl version --client failed: \(reason)",
            hint: "Nothing was started. What this machine lacks: peerquake doctor")
    }

    /// Starts embedded clusters with the mesh in them, or binds those that run.
    ///
    /// - Parameter lost: told where embedded clusters that were started here die.
    func withClusters<Result: Sendable>(
        _ plan: Plan, _ directory: String, lost: @escaping @Sendable (String) -> Void,
        _ body: @escaping @Sendable ([String: Kubeconfig.Context], String) async throws -> Result
    ) async throws -> Result {
        let wanted = WantedClusters(
            names: plan.clusters, bindings: try settings.contexts(of: plan.clusters), kubeconfig: kubeconfig,
            shapes: settings.shapes, allowed: settings.texts(.allowContexts))
        return try await Environments.standard.withClusters(
            wanted, in: environment, folder: directory, lost: lost, body)
    }
}

/// Names of runs: sortable and unique.
enum RunID {
    static func make(_ plan: String) -> String {
        let stamp = String(Date.now.formatted(.iso8601).filter { !"-:".contains($0) })
        var generator = SystemRandomNumberGenerator()
        let suffix = String(generator.next() & 0xFFFF, radix: 16)
        return "\(stamp)-\(plan)-\(String(repeating: "0", count: 4 - suffix.count))\(suffix)"
    }
}
