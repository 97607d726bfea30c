import ArgumentParser
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

    @Argument(help: "The plans' files.", transform: Checked.path)
    var files: [String]

    func run() throws {
        var isGood = true
        for file in files {
            do throws(PlanError) {
                let plan = try Plan.load(path: file, options: PlanOptions())
                say("\(file): ok, \(plan.trials.count) trials, at least \(Quantity.text(plan.expectedLength))")
            } catch {
                isGood = false
                complain("\(error)")
            }
        }
        if !isGood { throw ExitCode(PeerquakeExit.usage.rawValue) }
    }
}

/// `peerquake schema`.
struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print the JSON Schema of plans, for editors, or that of what machines read of a run.",
        discussion: """
            EXAMPLES
              peerquake schema >plan.schema.json
              peerquake schema --summary >summary.schema.json
              peerquake schema --comparison >comparison.schema.json
            """)

    @Flag(help: "The schema of what a run leaves as summary.json.")
    var summary = false

    @Flag(help: "The schema of what compare --json writes.")
    var comparison = false

    func validate() throws {
        if summary, comparison { throw ValidationError("--summary and --comparison exclude each other") }
    }

    func run() {
        let text = summary ? SummarySchema.json : comparison ? ComparisonSchema.json : PlanSchema.json + "\n"
        print(text, terminator: "")
    }
}

/// `peerquake actions`.
struct ActionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "actions", abstract: "List what a plan can do to a cluster, and what undoes it.",
        discussion: "EXAMPLE\n  peerquake actions | grep -A 3 blip-node")

    func run() {
        for entry in ActionCatalogue.entries {
            print("\(entry.name): \(entry.summary)\n  inverse: \(entry.inverse)")
            for line in entry.example.split(separator: "\n") { print("    \(line)") }
        }
    }
}
