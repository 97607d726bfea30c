import Foundation
import QuakeKube
import QuakePlan
import QuakePlanFiles
import QuakeReport
import QuakeTestSupport
import Testing

/// The table of claims against the plans and the manifests that it names, and the command that fills it in.
@Suite("The table of claims")
struct ClaimsTests {
    static let measurements = BestPractices.sections.flatMap(\.claims).flatMap { claim -> [ClaimMeasurement] in
        if case .measured(let measurements) = claim.test { return measurements }
        return []
    }

    static func plan(_ name: String, _ options: PlanOptions = PlanOptions()) throws -> Plan {
        try Plan.load(path: BuiltCommand.root.appending(path: "Plans/\(name).yaml").path, options: options)
    }

    private static func ids(_ steps: [Step]) -> [String] {
        steps.flatMap { step -> [String] in
            if case .parallel(let children) = step.body { ids(children) } else { [step.id] }
        }
    }

    @Test("names steps and cells that its plans have", arguments: Set(measurements.map(\.plan)).sorted())
    func figures(name: String) throws {
        let plan = try Self.plan(name)
        let steps = Set(Self.ids(plan.cells[0].steps))
        for measurement in Self.measurements where measurement.plan == name {
            #expect(!measurement.figures.isEmpty && !measurement.checks.isEmpty)
            for figure in measurement.figures {
                switch figure.quantity {
                case .notReady: break
                case .lost(let step), .blackout(let step), .recovery(let step), .detected(let step),
                    .propagation(let step),
                    .outcome(let step), .dials(_, let step), .elsewhere(let step):
                    #expect(
                        steps.contains(step) || step.hasSuffix("*") && steps.contains { $0.hasPrefix(step.dropLast()) },
                        "\(name): \(figure.name)")
                }
                for method in figure.methods {
                    #expect(plan.cells.contains { $0.labels["peering"] == method }, "\(name): \(figure.name)")
                }
                for (key, wanted) in figure.cell {
                    var values: [String] = []
                    for value in plan.cells.compactMap({ $0.labels[key] }) where !values.contains(value) {
                        values.append(value)
                    }
                    let place = wanted.hasPrefix("#") ? Int(wanted.dropFirst()) : nil
                    #expect(place.map { $0 < values.count } ?? values.contains(wanted), "\(name): \(key) \(wanted)")
                }
            }
        }
    }

    @Test("runs each plan with times that it allows", arguments: PracticeRun.all.map(\.plan))
    func quickRuns(name: String) throws {
        let practice = try #require(PracticeRun.all.first { $0.plan == name })
        var options = PlanOptions()
        for assignment in practice.quick { try options.add(assignment: assignment) }
        let quick = try Self.plan(name, options)
        #expect(quick.cells.count == (try Self.plan(name)).cells.count)
        for cluster in ["east", "west"] {
            let config = BuiltCommand.root.appending(path: "kind-configs/\(practice.configs)-\(cluster).yaml").path
            #expect(FileManager.default.fileExists(atPath: config))
        }
    }

    @Test("names manifests that there are, and every plan of its folder")
    func files() throws {
        for claim in BestPractices.sections.flatMap(\.claims) {
            for manifest in claim.manifests {
                let path = BuiltCommand.root.appending(path: "Plans/manifests/\(manifest)").path
                #expect(FileManager.default.fileExists(atPath: path), "\(manifest)")
            }
        }
        let folder = BuiltCommand.root.appending(path: "Plans/practices").path
        let plans = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".yaml") }
        let named = Set(BestPractices.plans)
        let unnamed = plans.map { "practices/\($0.dropLast(".yaml".count))" }.filter { !named.contains($0) }
        #expect(unnamed.isEmpty)
    }

    @Test("ships with a row for each sentence, in the page's order")
    func shipped() throws {
        let text = try String(contentsOf: BuiltCommand.root.appending(path: "docs/claims.md"), encoding: .utf8)
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("| ") && !$0.hasPrefix("| sentence") }
        let sentences = rows.map { $0.dropFirst(2).prefix { $0 != "|" }.trimmingCharacters(in: .whitespaces) }
        #expect(sentences == BestPractices.sections.flatMap(\.claims).map(\.sentence))
        for row in rows { #expect(row.filter { $0 == "|" }.count == 8) }
    }

    @Test("is written without runs, and says so")
    func withoutRuns() async throws {
        let folder = try TemporaryDirectory()
        let path = try BuiltCommand.path()
        let root = BuiltCommand.root.path
        func claims(_ arguments: String) async throws -> CommandResult {
            try await Command(["bash", "-c", "cd '\(root)' && exec '\(path)' claims \(arguments)"])
                .run(timeout: .seconds(60))
        }
        let written = try await claims("--table-only --out \(folder.path)/runs --table \(folder.path)/claims.md")
        #expect(written.exitCode == 0, "\(written.standardError)")
        let text = try String(contentsOfFile: "\(folder.path)/claims.md", encoding: .utf8)
        #expect(text.contains("**not run**"))
        #expect(!text.contains("confirmed |") && !text.contains("refuted" + "** |"))
        let misnamed = try await claims("--only replica")
        #expect(misnamed.exitCode == 64)
        #expect(misnamed.standardError.contains("no claim has such a plan; allowed: replicas,"))
        let elsewhere = try await Command(["bash", "-c", "cd '\(folder.path)' && exec '\(path)' claims"])
            .run(timeout: .seconds(60))
        #expect(elsewhere.exitCode == 64)
        #expect(elsewhere.standardError.contains("there is no Plans/practices/replicas.yaml"))
    }
}
