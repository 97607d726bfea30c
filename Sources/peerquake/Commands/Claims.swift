import ArgumentParser
import FoundationEssentials
import QuakeAnalysis
import QuakeArchive
import QuakeEnvironment
import QuakeReport
import QuakeShell
import QuakeTimeline

/// `peerquake claims`.
struct ClaimsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "claims",
        abstract: "Run the plans behind the table of claims, and write the table.",
        discussion: """
            The table has a row for each sentence of the vendor's best-practices page: which plan puts it to the test, what \
            that showed on embedded clusters and on kind, and whether it is confirmed. It is made of the archives in --out \
            alone, one for each environment and plan, so that runs on embedded clusters and on kind come together in it. \
            Embedded clusters are made of kind-configs/quick*.yaml, with times to match. Run it in a checkout.

            EXAMPLES
              peerquake claims --out runs/claims
              peerquake claims --out runs/claims --resume           # after an interruption, or of what was inconclusive
              peerquake claims --out runs/claims --resume --only replicas --only not-ready
              peerquake claims --out runs/claims --env kind --kubeconfig kc
              peerquake claims --out runs/claims --table-only       # the table once more; nothing is run

            EXIT CODES
              0 also where a claim is refuted or an expectation failed; 2 a plan stayed inconclusive in three runs; 4, 5, 69,
              70, 130, 143 as those of run, which end it, but for 4.
            """)

    /// A starved machine proves nothing: a plan that ends inconclusive is run again.
    private static let tries = 3

    @Option(
        help: "Where archives are, in folders of their environments. (default: runs/claims)", transform: Checked.path)
    var out = "runs/claims"

    @Option(help: "The file that the table is written to. (default: docs/claims.md)", transform: Checked.output)
    var table = "docs/claims.md"

    @Flag(help: "Keep the runs that are there and were conclusive; run the others.")
    var resume = false

    @Flag(help: "Write the table of the runs that are there.")
    var tableOnly = false

    @Option(help: ArgumentHelp("Only this plan; once for each.", valueName: "PLAN"), transform: Checked.name)
    var only: [String] = []

    @Option(
        help: "Where the clusters are: embedded or kind. (default: embedded)",
        transform: Checked.word(of: ["embedded", "kind"]))
    var env = "embedded"

    @Option(help: "The kubeconfig of clusters that run already.", transform: Checked.kubeconfig)
    var kubeconfig: String?

    @OptionGroup var log: LogOptions

    func validate() throws {
        let known = PracticeRun.all.map(\.name)
        if let name = only.first(where: { !known.contains($0) }) {
            throw ValidationError("--only \(name): no claim has such a plan; allowed: \(known.joined(separator: ", "))")
        }
    }

    func run() async throws {
        log.apply()
        let chosen = PracticeRun.all.filter { only.isEmpty || only.contains($0.name) }
        for practice in chosen where !FileManager.default.fileExists(atPath: practice.path) {
            throw Failure(.usage, "there is no \(practice.path)", hint: "Run it in a checkout of Peerquake.")
        }
        var codes: [PeerquakeExit] = []
        if !tableOnly {
            for practice in chosen {
                let exit = try await conclude(practice)
                codes.append(exit)
                if ![.pass, .failed, .inconclusive, .faultNotInjected].contains(exit) { break }
            }
        }
        let page = ClaimsPage(embedded: try results("embedded"), kind: try results("kind"))
        try Output.write(page.text(), to: table)
        complain("table written to \(table)", .info)
        // That a plan's expectation fails is what the table tells.
        throw ExitCode(PeerquakeExit.deciding(codes.filter { $0 != .failed }).rawValue)
    }

    /// Runs a plan until it is conclusive, where it is not already.
    private func conclude(_ practice: PracticeRun) async throws -> PeerquakeExit {
        let directory = "\(out)/\(env)/\(practice.name)"
        if FileManager.default.fileExists(atPath: "\(directory)/run.sqlite") {
            guard resume else {
                throw Failure(
                    .usage, "\(directory) holds a run already",
                    hint: "--resume keeps what is conclusive; or name another --out.")
            }
            let kept = try? Reporting.findings(directory)
            if let kept, kept.state == .closed, [.pass, .failed].contains(kept.exit) { return kept.exit }
        }
        var exit = PeerquakeExit.inconclusive
        for attempt in 1...Self.tries where exit == .inconclusive {
            complain("\(practice.path), try \(attempt)", .info)
            try? FileManager.default.removeItem(atPath: directory)
            exit = try await carryOut(practice, directory)
        }
        return exit
    }

    /// As `peerquake run` would, but for the defaults of the folder: the table is the same everywhere.
    private func carryOut(_ practice: PracticeRun, _ directory: String) async throws -> PeerquakeExit {
        var options = try RunOptions.parse(arguments(practice) + ["--out", directory])
        try options.settle(ofFolder: false)
        return try await options.carryOut(try options.load(), soak: nil)
    }

    private func arguments(_ practice: PracticeRun) -> [String] {
        let isQuick = Self.isQuick(env)
        let clusters = kubeconfig.map { ["--kubeconfig", $0] } ?? (isQuick ? practice.configArguments : [])
        return [practice.path, "--env", env] + clusters + (isQuick ? practice.setArguments : [])
    }

    /// Clusters that live as long as a run are made here, of the quick configs.
    private static func isQuick(_ environment: String) -> Bool {
        Environments.standard.named(EnvironmentName(rawValue: environment) ?? .embedded).host != nil
    }

    /// What the archives of an environment show.
    private func results(_ environment: String) throws -> ClaimsPage.Results {
        var results = ClaimsPage.Results(environment: environment)
        for practice in PracticeRun.all {
            let directory = "\(out)/\(environment)/\(practice.name)"
            guard FileManager.default.fileExists(atPath: "\(directory)/run.sqlite") else { continue }
            let findings = try Reporting.findings(directory)
            results.runs[practice.plan] = try PlanEvidence(findings, try Reporting.archive(directory))
            let clusters = Self.isQuick(environment) ? practice.configArguments : []
            let words = ["peerquake", "run", practice.path, "--env", environment] + clusters + findings.info.overrides
            results.commands[practice.plan] = words.joined(separator: " ")
        }
        return results
    }
}

extension PracticeRun {
    fileprivate var name: String { plan.split(separator: "/").last.map(String.init) ?? plan }
    fileprivate var path: String { "Plans/\(plan).yaml" }
    fileprivate var configArguments: [String] {
        ["east", "west"].flatMap { ["--config", "kind-configs/\(configs)-\($0).yaml"] }
    }
    fileprivate var setArguments: [String] { quick.flatMap { ["--set", $0] } }
}
