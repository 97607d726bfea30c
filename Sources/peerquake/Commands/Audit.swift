import ArgumentParser
import FoundationEssentials
import QuakeAudit
import QuakeEnvironment
import QuakeKube
import QuakeReport
import QuakeShell
import QuakeTimeline

/// `peerquake audit`.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Compare clusters with the practices of peering; nothing is changed in them.",
        discussion: """
            List calls alone: no lock, no write. docs/audit.md has every rule, docs/auditor-rbac.yaml the account.

            EXAMPLES
              peerquake audit --cluster east=CONTEXT --cluster west=CONTEXT
              peerquake audit --kubeconfig kc --save snapshot.json --json audit.json
              peerquake audit --from snapshot.json --fix-dir fixes --fail-on warning
              peerquake audit --explain gateway-single-replica

            EXIT CODES
              0 nothing that fails; 1 a finding of the severity of --fail-on; 2 a rule of that severity was not checked; 64 \
            bad usage; 69 a cluster cannot be reached.
            """)

    @Option(
        name: .customLong("cluster"), help: "NAME=CONTEXT; by default every context by its own name.",
        transform: ClusterArgument.read)
    var clusters: [ClusterArgument] = []

    @Option(help: "The kubeconfig; KUBECONFIG by default.", transform: Checked.kubeconfig)
    var kubeconfig: String?

    @Option(help: "Audit a saved snapshot, and ask no cluster.", transform: Checked.file)
    var from: String?

    @Option(help: "Write what was read of the clusters there.", transform: Checked.output)
    var save: String?

    @Flag(help: "Dial the nodePort of each node that runs a gateway, from this machine.")
    var reach = false

    @Option(
        name: .customLong("fail-on"), help: "The least severity that fails: error, warning or note. (default: error)",
        transform: Checked.word(of: RuleDeclaration.Severity.allCases.reversed().map(\.rawValue)))
    var failOn = "error"

    @Flag(name: .customLong("allow-unchecked"), help: "Exit with 0 where a rule that would fail was not checked.")
    var allowUnchecked = false

    @Option(
        help: "RULE=REASON: report the rule's findings with the reason, and do not count them.", transform: Ignore.read)
    var ignore: [Ignore] = []

    @Option(
        name: .customLong("fix-dir"), help: "Write the fixes there as YAML, a file for each object.",
        transform: Checked.newDirectory)
    var fixDirectory: String?

    @Flag(name: .customLong("list-rules"), help: "List the rules, and do nothing else.")
    var listRules = false

    @Option(help: "Explain a rule, and do nothing else.", transform: Checked.name)
    var explain: String?

    @OptionGroup var log: LogOptions

    @OptionGroup var outputs: OutputOptions<AuditReport>

    /// A rule that does not count, and why.
    struct Ignore: Sendable {
        var rule: String
        var reason: String

        static let read: Checked.Reader<Ignore> = { text in
            let sides = text.split(separator: "=", maxSplits: 1).map(String.init)
            guard sides.count == 2, !sides[1].allSatisfy(\.isWhitespace) else {
                throw ValidationError("RULE=REASON is expected, for example gateway-no-prestop='ztunnel drains'")
            }
            return Ignore(rule: sides[0], reason: sides[1])
        }
    }

    func validate() throws {
        try ClusterArgument.check(clusters)
        guard from != nil else { return }
        for (option, isGiven) in [
            ("--cluster", !clusters.isEmpty), ("--kubeconfig", kubeconfig != nil), ("--reach", reach),
            ("--save", save != nil),
        ] where isGiven {
            throw ValidationError("\(option) and --from exclude each other")
        }
    }

    func run() async throws {
        log.apply()
        let rules = Wiring.current.rules
        if listRules { return say(RuleText.list(rules)) }
        if let explain { return say(RuleText.explanation(of: try Self.known(explain, "--explain \(explain)", rules))) }
        var ignored: [String: String] = [:]
        for entry in ignore {
            ignored[try Self.known(entry.rule, "--ignore \(entry.rule)=\(entry.reason)", rules).id] = entry.reason
        }
        let policy = AuditPolicy(
            failOn: .init(rawValue: failOn) ?? .error, allowsUnchecked: allowUnchecked, ignored: ignored)
        let report = try Auditor(rules, policy: policy).report(on: await snapshot())
        try outputs.write(report)
        if let fixDirectory { try write(FixFile.all(of: report), to: fixDirectory) }
        let environment = Command.inheritedEnvironment
        try Reporting.summarise(AuditMarkdown(report).text(), environment: environment)
        let text = AuditTerminal(
            report, color: Comparing.isColored(environment), width: PageWidth(Console.columns(of: 1))
        ).text()
        print(text, terminator: "")
        throw ExitCode(report.exitCode)
    }

    private static func known(
        _ id: String, _ option: String, _ rules: RuleRegistry
    ) throws -> RuleDeclaration {
        do throws(AuditError) {
            return try rules.declaration(of: id)
        } catch {
            throw Failure(.usage, "\(option): \(error)")
        }
    }

    private func snapshot() async throws -> AuditSnapshot {
        if let from {
            do {
                return try AuditSnapshot(parsing: Array(Data(contentsOf: URL(filePath: from))), file: from)
            } catch {
                throw Failure(.usage, "--from \(error)")
            }
        }
        let settings = try Settings(
            flags: [.kubeconfig: [kubeconfig].compactMap { $0 }, .contexts: clusters.map(\.text)],
            environment: Command.inheritedEnvironment)
        let contexts = try ClusterBinding.bind(settings.contexts(), kubeconfig: settings.text(.kubeconfig))
        let clients = contexts.mapValues { KubeClient($0) }
        for (name, kube) in clients.sorted(by: { $0.key < $1.key }) {
            if let withheld = kube.withheldCredentials { complain("\(name): \(withheld)") }
        }
        var snapshot: AuditSnapshot
        do {
            snapshot = try await AuditCollector.collect(clients, now: Date())
        } catch let error as KubeError {
            throw Failure(.unavailable, "\(error)")
        }
        if reach { snapshot = await Reach.dialled(snapshot) }
        if let save { try Output.write(snapshot.text, to: save) }
        return snapshot
    }

    private func write(_ files: [FixFile], to directory: String) throws {
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        } catch {
            throw Failure(.usage, "--fix-dir \(directory): cannot be made: \(error)")
        }
        for file in files { try Output.write(file.text, to: "\(directory)/\(file.name)") }
        complain("\(files.count == 1 ? "1 fix" : "\(files.count) fixes") written to \(directory)", .info)
    }
}
