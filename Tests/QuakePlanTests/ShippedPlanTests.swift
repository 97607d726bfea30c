import FoundationEssentials
import QuakePlan
import QuakePlanFiles
import QuakeYAML
import Testing

/// Files of the repository that tests read.
enum Repository {
    static let root = #filePath.components(separatedBy: "/Tests/").dropLast().joined(separator: "/Tests/")

    static func text(_ path: String) throws -> String {
        let data = try #require(FileManager.default.contents(atPath: "\(root)/\(path)"), "no file \(path)")
        return String(decoding: data, as: UTF8.self)
    }

    static func plans(in folder: String = "Plans") -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(root)/\(folder)")) ?? []
        return names.filter { $0.hasSuffix(".yaml") }.sorted().map { "\(root)/\(folder)/\($0)" }
    }
}

struct ShippedPlanTests {
    @Test func allArePresent() {
        let names = Repository.plans().compactMap { $0.split(separator: "/").last }
        #expect(
            names == [
                "control-plane-cordon.yaml", "drain-blocked-by-pdb.yaml", "drain-gateway-node.yaml",
                "gateway-node-kill.yaml", "grace-period-sweep.yaml", "istiod-node-kill.yaml", "node-blip.yaml",
                "nodepool-expiry-staggered.yaml", "nodepool-expiry-together.yaml", "quickstart.yaml",
                "rolling-upgrade.yaml",
            ])
    }

    @Test(arguments: Repository.plans())
    func isValidAndNamedLikeItsFile(path: String) throws {
        let plan = try Plan.load(path: path)
        #expect(path.hasSuffix("/\(plan.name).yaml"))
        #expect(!plan.description.isEmpty)
        for name in ["baseline", "hold", "settle"] { #expect(plan.variables.contains { $0.name == name }) }
        for cell in plan.cells { #expect(!cell.expectations.isEmpty) }
    }

    /// `scripts/ci-plans` states how each is run in continuous integration; here its lines are held against the plans.
    @Test func theLengthsStatedForContinuousIntegrationHold() throws {
        var names: [String] = []
        let script = try Repository.text("scripts/ci-plans").replacing("\\\n", with: "")
        for line in script.split(separator: "\n") where line.hasPrefix("plan ") {
            let words = line.split(separator: " ").dropFirst().map { String($0) }
            names.append(words[0])
            var options = PlanOptions(repeats: 1)
            for assignment in words.dropFirst(2) { try options.add(assignment: assignment) }
            let plan = try Plan.load(path: "\(Repository.root)/Plans/\(words[0]).yaml", options: options)
            #expect(Quantity.text(plan.expectedLength) == words[1], "\(words[0])")
        }
        #expect(names.sorted().map { "\(Repository.root)/Plans/\($0).yaml" } == Repository.plans())
    }

    /// Those in subfolders are made for one question each, and are not run in continuous integration.
    @Test(arguments: [
        "checks/loss", "checks/loss-shared", "checks/stray-connects", "compare/gateway-kill", "practices/propagation",
    ])
    func areValidInSubfoldersToo(name: String) throws {
        let plan = try Plan.load(path: "\(Repository.root)/Plans/\(name).yaml")
        #expect(name.hasSuffix("/\(plan.name)"))
        #expect(plan.trials.count >= 4)
    }

    /// Three faults in one trial, each of which begins where traffic is well.
    @Test func theFaultsOfTunnelsShareATrial() throws {
        let plan = try Plan.load(path: "\(Repository.root)/Plans/compare/tunnel-faults.yaml")
        #expect(plan.trials.count == 1 && plan.cells[0].steps.count == 5)
    }

    /// They put recommendations to the test: the matrix has both sides, unless the steps have.
    @Test(arguments: Repository.plans(in: "Plans/practices"))
    func practicesAskAQuestionOfBothSides(path: String) throws {
        let plan = try Plan.load(path: path)
        #expect(path.hasSuffix("/\(plan.name).yaml"))
        #expect(!plan.description.isEmpty)
        let text = try Repository.text(String(path.dropFirst(Repository.root.count + 1)))
        #expect(text.hasPrefix("# Question: "))
        #expect(text.contains("Expect"))
        for name in ["baseline", "hold", "settle"] { #expect(plan.variables.contains { $0.name == name }) }
        #expect(plan.cells.count >= 2)
        #expect(plan.cells.contains { !$0.expectations.isEmpty })
    }

    @Test func comparedConfigurationsHaveTheSameCells() throws {
        let path = "\(Repository.root)/Plans/compare/gateway-kill.yaml"
        let worse = try Plan.load(path: path, options: PlanOptions(set: [(name: "grace", values: ["8s"])]))
        let healthy = try Plan.load(path: path)
        #expect(worse.cells.map(\.labels) == healthy.cells.map(\.labels))
        #expect(worse.cells.first?.settings != healthy.cells.first?.settings)
        #expect(healthy.repeats == 10)
    }

    @Test(arguments: Repository.plans(in: "Plans/manifests"))
    func manifestsAreObjectsWithAKind(path: String) throws {
        let file = String(path.dropFirst(Repository.root.count + 1))
        let objects = try YAML.parseAll(try Repository.text(file), file: file)
        #expect(!objects.isEmpty)
        for object in objects { #expect(object["kind"]?.scalar != nil && object["metadata"]?["name"]?.scalar != nil) }
    }
}
