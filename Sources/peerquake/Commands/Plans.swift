import ArgumentParser
import QuakeEnvironment
import QuakePlan
import QuakePlanFiles
import QuakeReport
import QuakeShell
import QuakeTimeline

/// `peerquake validate FILE…`.
struct ValidateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Check plans and report all their problems at once.",
        discussion: "EXAMPLE\n  peerquake validate Plans/*.yaml")

    @Argument(help: "The plans' files, or names of peerquake plans list.", transform: Checked.path)
    var files: [String]

    func run() throws {
        var isGood = true
        for file in files {
            do throws(PlanError) {
                let plan = try Plan.find(
                    file, actions: Wiring.current.actions, expectations: Wiring.current.expectations)
                say("\(file): ok, \(Quantity.count(plan.trials.count, "trial")), \(plan.lengthWords)")
                for line in Self.formulas(of: plan) { say("  \(line)") }
            } catch {
                isGood = false
                complain("\(error)")
            }
        }
        if !isGood { throw ExitCode(PeerquakeExit.usage.rawValue) }
    }

    /// Each once, with its line: `line 52: recovery <= ${gracePeriod} + 5s when step kill`.
    private static func formulas(of plan: Plan) -> [String] {
        var lines: [String] = []
        for formula in plan.cells.flatMap(\.formulas) {
            let line = "line \(formula.position.line): \(formula.words)"
            if !lines.contains(line) { lines.append(line) }
        }
        return lines
    }
}

/// `peerquake schema`.
struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the JSON Schema of plans or of peerquake.yaml, for editors, or of machine-readable output.",
        discussion: """
            EXAMPLES
              peerquake schema >plan.schema.json
              peerquake schema --summary >summary.schema.json
              peerquake schema --comparison >comparison.schema.json
              peerquake schema --config >config.schema.json
              peerquake schema --audit >audit.schema.json
            """)

    @Flag(help: "The schema of a run's summary.json.")
    var summary = false

    @Flag(help: "The schema of the output of compare --json.")
    var comparison = false

    @Flag(help: "The schema of peerquake.yaml.")
    var config = false

    @Flag(help: "The schema of the output of audit --json.")
    var audit = false

    func validate() throws {
        let given = [
            ("--summary", summary), ("--comparison", comparison), ("--config", config), ("--audit", audit),
        ].filter(\.1).map(\.0)
        if given.count > 1 { throw ValidationError("\(given.joined(separator: " and ")) exclude each other") }
    }

    func run() {
        let wiring = Wiring.current
        let plan = PlanSchema.json(actions: wiring.actions, expectations: wiring.expectations)
        let outputs = [
            (summary, SummarySchema.json), (comparison, ComparisonSchema.json), (config, ConfigurationSchema.json),
            (audit, AuditSchema.json),
        ]
        print(outputs.first { $0.0 }?.1 ?? plan + "\n", terminator: "")
    }
}

/// `peerquake actions`.
struct ActionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "actions", abstract: "List what a plan can do to a cluster, and what undoes it.",
        discussion: "EXAMPLE\n  peerquake actions | grep -A 3 blip-node")

    func run() { print(ActionCatalogue.text(Wiring.current.actions), terminator: "") }
}
