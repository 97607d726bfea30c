import ArgumentParser
import QuakePlan
import QuakePlanFiles
import QuakeShell
import QuakeTimeline

/// A plan and what the command line changes of it.
struct PlanOptionsGroup: ParsableArguments {
    @Argument(help: "The plan's file, or the name of one of peerquake plans list.", transform: Checked.path)
    var plan: String

    @Option(
        help: ArgumentHelp("Replace a variable's or a matrix key's values.", valueName: "NAME=V1,V2"),
        transform: Checked.assignment)
    var set: [String] = []

    @Option(
        name: .customLong("repeat"), help: "How often each cell of the matrix is run.",
        transform: Checked.number(PlanOptions.possibleRepeats))
    var repeats: Int?

    @Option(help: "Seeds every random choice of the run.")
    var seed: UInt64?

    func load() throws -> Plan {
        do throws(PlanError) {
            let found = try Plan.find(
                plan, options: values(), actions: Wiring.current.actions,
                expectations: Wiring.current.expectations)
            try Self.refuseUnused(self.set, in: found)
            return found
        } catch {
            // What is wrong may have come from there.
            let given = self.set.isEmpty ? nil : "Read with " + self.set.map { "--set \($0)" }.joined(separator: " ")
            throw Failure(.usage, "\(error)", hint: given)
        }
    }

    /// A fact says what cannot be read of the clusters, and changes nothing of them: where no formula asks, it says nothing.
    private static func refuseUnused(_ assignments: [String], in plan: Plan) throws(PlanError) {
        for assignment in assignments {
            let name = String(assignment.prefix { $0 != "=" })
            guard let fact = Fact(rawValue: name), !plan.source.contains("${\(name)}") else { continue }
            let hint = fact == .gracePeriod ? "; --set nodeMonitorGracePeriod=… changes the clusters" : ""
            throw PlanError(problems: [
                Problem(file: "--set", position: nil, message: "\(name): no formula of this plan uses it\(hint)")
            ])
        }
    }

    /// As the plan and the archive take them.
    func values() throws(PlanError) -> PlanOptions {
        var options = PlanOptions(repeats: repeats, seed: seed)
        for assignment in self.set { try options.add(assignment: assignment) }
        return options
    }

    /// As the archive keeps them.
    var overrides: [String] {
        return self.set.map { "--set \($0)" } + (repeats.map { ["--repeat \($0)"] } ?? [])
    }
}
