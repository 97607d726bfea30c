import FoundationEssentials
import QuakePlanFiles
import QuakeYAML
import Testing

@testable import QuakePlan

/// Every example of docs/plans.md is one that a plan may have.
struct ReferenceExampleTests {
    /// A plan in the folder of a plan with these manifests and this authority.
    private func parse(_ text: String) throws -> Plan {
        let manifest = "kind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\n"
        let files = Attachments(["manifests/gateway-pdb-one.yaml": .text(manifest), "ca.pem": .text("PEM")])
        return try Plan.parse(text, path: "Plans/t.yaml", attachments: files)
    }

    /// A plan of some of the keys of `keys`, by their examples.
    private func plan(of examples: [String]) throws -> Plan { try parse(examples.joined(separator: "\n")) }

    @Test(arguments: PlanReference.planKeys.map(\.name))
    func keysOfThePlanAreValid(name: String) throws {
        let keys = PlanReference.planKeys.filter { $0.isRequired || $0.name == name }
        #expect(try plan(of: keys.map(\.example)).cells.isEmpty == false)
    }

    @Test(arguments: PlanReference.trafficKeys.map(\.name))
    func keysOfTrafficAreValid(name: String) throws {
        let key = try #require(PlanReference.trafficKeys.first { $0.name == name })
        let required = PlanReference.trafficKeys.filter { $0.isRequired && $0.name != name }.map(\.example)
        // Only https has a certificate.
        let all = (required + [key.example]).map { name == "caFile" ? $0.replacing("\"http:", with: "\"https:") : $0 }
        let rest = PlanReference.planKeys.filter { $0.isRequired && $0.name != "traffic" }.map(\.example)
        #expect(try plan(of: rest + ["traffic: [{\(all.joined(separator: ", "))}]"]).cells.first?.traffic.count == 1)
    }

    @Test(arguments: ["hypothesis", "abort"])
    func keysOfHypothesisAndAbortAreValid(section: String) throws {
        let keys = section == "abort" ? PlanReference.abortKeys : PlanReference.hypothesisKeys
        for key in keys { _ = try parse(PlanText.minimal("\(section): {\(key.example)}")) }
    }

    @Test(arguments: PlanReference.stepKeys.map(\.example))
    func keysOfStepsAreValid(example: String) throws {
        let step = "kill-node: {cluster: west, nodes: {hosting: gateway}}\n\(example)"
        #expect(try parse(PlanText.minimal(steps: [step])).cells.first?.steps.count == 1)
    }

    /// What an example of a key needs next to it.
    private static let companions = [
        "expire-nodepools interval": "mode: staggered", "apply forceConflicts": "serverSide: true",
        "wait-for nodes": "node: Ready", "wait-for step": "node: Ready", "wait-for cluster": "node: Ready",
        "wait-for within": "node: Ready", "wait-for drain": "step: earlier",
    ]

    /// The action alone, with its required keys and one other.
    private func step(_ declaration: ActionDeclaration, _ key: PlanKey) -> String {
        let name = "\(declaration.name) \(key.name)"
        var others = declaration.keys.filter { $0.isRequired && $0.name != key.name }.map(\.example)
        let companion = Self.companions[name]
        let targets = declaration.keys.filter { ["cluster", "nodes"].contains($0.name) && !$0.isRequired }
        let isNamed = key.name == "step" || companion?.hasPrefix("step:") == true
        if !isNamed { others += targets.filter { $0.name != key.name }.map(\.example) }
        others += [companion].compactMap(\.self)
        return "\(declaration.name): {\((others + [key.example]).joined(separator: ", "))}"
    }

    @Test(
        arguments: (ActionRegistry.standard.declarations + ControlStep.allCases.map(\.declaration))
            .filter { !$0.keys.isEmpty }.map(\.name))
    func keysOfActionsAreValid(name: String) throws {
        let all = ActionRegistry.standard.declarations + ControlStep.allCases.map(\.declaration)
        let declaration = try #require(all.first { $0.name == name })
        let earlier = name == "start-node" ? "kill-node" : "drain"
        for key in declaration.keys {
            let steps = [
                "id: earlier\n\(earlier): {cluster: west, nodes: {hosting: gateway}}", step(declaration, key),
            ]
            do {
                #expect(try parse(PlanText.minimal(steps: steps)).cells.first?.steps.count == 2)
            } catch {
                Issue.record("\(steps[1]): \(error)")
            }
        }
    }

    @Test(arguments: PlanReferenceExpectations.conditionRows.map(\.example))
    func conditionsAreValid(example: String) throws {
        let steps = [
            "node": "kill-node: {cluster: west, nodes: {zone: zone-a}}",
            "rollout": "rollout-restart: {cluster: west, hosting: gateway}",
        ]
        let condition = example.contains("node:") ? "node" : example.contains("rollout:") ? "rollout" : ""
        let action = steps[condition] ?? "drain: {cluster: west, nodes: {hosting: gateway}}"
        let step = example.hasPrefix("until:") ? "\(action)\n\(example)" : example
        #expect(try parse(PlanText.minimal(steps: [step])).cells.first?.steps.count == 1)
    }

    @Test(arguments: PlanReferenceExpectations.selectorRows.map(\.example))
    func selectorsAreValid(example: String) throws {
        let step = "drain: {cluster: west, \(example)}"
        #expect(try parse(PlanText.minimal(steps: [step])).cells.first?.steps.count == 1)
    }

    @Test(arguments: PlanReferenceExpectations.whenRows.map(\.example))
    func selectionsOfExpectationsAreValid(example: String) throws {
        let step = "id: kill\nkill-node: {cluster: west, nodes: {hosting: gateway}}\nhold: 20s"
        let text = PlanText.minimal(
            steps: [step],
            "matrix: {peering: [LoadBalancer, NodePort]}\nexpect: [{availability: \">= 50%\", \(example)}]")
        #expect(try parse(text).cells.first?.expectations.count == 1)
    }

    // MARK: - Plans that are run

    /// Names of the plans in docs/examples, which scripts/ci-plans runs.
    private static let examples: [String] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(Repository.root)/docs/examples")) ?? []
        return names.filter { $0.hasSuffix(".yaml") }.sorted()
    }()

    @Test(arguments: examples)
    func plansAreNamedLikeTheirFiles(file: String) throws {
        let plan = try Plan.load(path: "\(Repository.root)/docs/examples/\(file)")
        #expect("\(plan.name).yaml" == file && plan.cells.allSatisfy { !$0.expectations.isEmpty })
    }

    @Test func plansAreRunInContinuousIntegrationWithTheirLengths() throws {
        var files: [String] = []
        for line in try Repository.text("scripts/ci-plans").split(separator: "\n") where line.hasPrefix("example ") {
            let words = line.split(separator: " ").map { String($0) }
            files.append("\(words[1]).yaml")
            var options = PlanOptions(repeats: 1)
            for assignment in words.dropFirst(3) { try options.add(assignment: assignment) }
            let plan = try Plan.load(path: "\(Repository.root)/docs/examples/\(words[1]).yaml", options: options)
            #expect(Quantity.text(plan.expectedLength) == words[2], "\(words[1])")
        }
        #expect(files.sorted() == Self.examples)
    }

    /// What is left out: `measure-propagation`, which runs refuse.
    @Test func theCatalogueHasAll() throws {
        let text = try Repository.text("docs/examples/catalogue.yaml")
        let root = try YAML.parse(text, file: "catalogue.yaml")
        var keys: Set<String> = []
        func collect(_ node: YAMLNode) {
            for pair in node.mapping ?? [] {
                keys.insert(pair.key.scalar ?? "")
                collect(pair.value)
            }
            for element in node.sequence ?? [] { collect(element) }
            if let word = node.scalar { keys.insert(word) }
        }
        collect(root)
        let actions = ActionRegistry.standard.declarations.map(\.name) + ControlStep.allCases.map(\.declaration.name)
        let wanted =
            Set(actions).subtracting(["measure-propagation"])
            .union(PlanReferenceExpectations.conditionRows.map(\.key))
            .union(PlanReferenceExpectations.selectorRows.map(\.key))
            .union(PlanReferenceExpectations.whenRows.map(\.key).filter { !$0.contains(" ") })
            .union(ExpectationRegistry.standard.keys)
        #expect(wanted.subtracting(keys) == [])
    }
}
