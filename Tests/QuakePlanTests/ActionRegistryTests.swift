import FoundationEssentials
import QuakePlanFiles
import QuakeYAML
import Testing

@testable import QuakePlan

struct ActionRegistryTests {
    private static let registry = ActionRegistry.standard

    /// The example as the last step of a plan, after the example of what it heals.
    private static func plan(_ declaration: ActionDeclaration, _ registry: ActionRegistry = registry) throws -> Plan {
        let steps = [registry.fault(healedBy: declaration)?.example, declaration.example].compactMap(\.self)
        return try Plan.parse(
            PlanText.minimal(steps: steps), besides: "\(Repository.root)/Plans/example.yaml", actions: registry)
    }

    @Test func everyDeclarationSaysWhatItIs() {
        for declaration in Self.registry.declarations {
            #expect(PlanDecoder.isKebab(declaration.name))
            #expect(declaration.summary.hasSuffix(".") && !declaration.inverse.catalogue.isEmpty)
            for key in declaration.keys { #expect(key.help.hasSuffix("."), "\(declaration.name).\(key.name)") }
            #expect(Set(declaration.keys.map(\.name)).count == declaration.keys.count)
        }
    }

    @Test(arguments: registry.declarations.map(\.name))
    func everyExampleIsAValidStep(name: String) throws {
        let declaration = try #require(Self.registry.declarations.first { $0.name == name })
        let step = try #require(try Self.plan(declaration).cells.first?.steps.last)
        switch step.body {
        case .action(let action): #expect(action.name == name)
        case .parallel(let steps): #expect(name == "parallel" && steps.count == 2)
        }
    }

    /// What each of the rules that the traits replace said of each action.
    @Test func theTraitsOfEachActionAreThese() {
        func names(_ traits: ActionTraits) -> String {
            Self.registry.declarations.filter { $0.traits.isSuperset(of: traits) }.map(\.name).joined(separator: " ")
        }
        let breaking = "drain kill-node restart-node blip-node upgrade-nodes expire-nodepools"
        let disruptive = "\(breaking) delete-pods rollout-restart scale"
        #expect(names(.drains) == "drain upgrade-nodes expire-nodepools")
        #expect(names(.breaksNodes) == breaking)
        #expect(names(.disruption) == disruptive)
        #expect(
            names(.fault)
                == "cordon drain kill-node restart-node blip-node upgrade-nodes expire-nodepools "
                + "set-node-monitor-grace-period delete-pods rollout-restart scale apply")
        #expect(
            names(.changes)
                == "cordon uncordon drain kill-node start-node restart-node blip-node upgrade-nodes expire-nodepools "
                + "set-node-monitor-grace-period delete-pods rollout-restart scale apply measure-propagation "
                + "parallel restore-all")
        #expect(
            names(.movesPods)
                == "drain kill-node start-node restart-node blip-node upgrade-nodes expire-nodepools delete-pods "
                + "rollout-restart scale apply restore-all")
        #expect(names(.needsPower) == "kill-node start-node restart-node blip-node upgrade-nodes")
        #expect(names(.needsControlPlane) == "set-node-monitor-grace-period")
        #expect(names(.downsNodes) == "kill-node restart-node blip-node")
        #expect(names(.leavesNodesDown) == "kill-node" && names(.replacesNodes) == "expire-nodepools")
        #expect(names(.leavesNodesCordoned) == "cordon drain")
    }

    /// One where it is declared, one where it is carried out, the registry, and one more.
    @Test(arguments: registry.actions.map { $0.declaration.name })
    func notMoreThanFourSourceFilesNameAnAction(name: String) throws {
        let type = try #require(Self.registry.actions.first { $0.declaration.name == name })
        // Where the name is kubectl's own word, the type alone tells the action from the word.
        let words = ["\(type)"] + (name.contains("-") ? [name] : [])
        let files = try Self.sources.filter { file in
            let text = try Repository.text(file)
            return words.contains { Self.isWord($0, in: text) }
        }
        #expect(files.count <= 4 && files.count >= 2, "\(files)")
    }

    private static let sources =
        ((try? FileManager.default.subpathsOfDirectory(atPath: "\(Repository.root)/Sources")) ?? [])
        .filter { $0.hasSuffix(".swift") }.map { "Sources/\($0)" }

    /// Whether it stands in a text, and not as a part of a longer word or of a step's id.
    private static func isWord(_ word: String, in text: String) -> Bool {
        func isPart(_ character: Character?) -> Bool {
            character.map { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" } ?? false
        }
        return text.ranges(of: word).contains { range in
            let before = range.lowerBound > text.startIndex ? text[text.index(before: range.lowerBound)] : nil
            let after = range.upperBound < text.endIndex ? text[range.upperBound] : nil
            return !isPart(before) && !isPart(after)
        }
    }
}

/// An action of these tests alone: everything that reads or shows plans knows it by its declaration.
private struct TaintNodes: PlanAction {
    static let declaration = ActionDeclaration(
        name: "taint-nodes", summary: "Taints nodes.",
        example: "taint-nodes: {cluster: west, nodes: {role: worker}, key: a, lasting: 5s}",
        inverse: InverseWords("takes the taint away", step: "the taints as they were"), traits: [.fault], takes: .nodes,
        keys: [keyKey.key, lastingKey.key])

    private static let keyKey = Key.text("key", otherwise: "peerquake", help: "The taint's key.")
    private static let lastingKey = Key.duration("lasting", default: .seconds(9), .positive, help: "How long it lasts.")

    var targets: NodeTargets
    var key: String
    var lasting: Duration

    init?(reading reader: inout ActionReader) {
        key = reader.read(Self.keyKey) ?? "peerquake"
        lasting = reader.read(Self.lastingKey)
        guard let targets = reader.nodes() else { return nil }
        self.targets = targets
    }

    var scope: ActionScope { .nodes(targets) }
    var ownTime: Duration { lasting }
}

struct AddedActionTests {
    private static let registry = ActionRegistry.standard.adding(TaintNodes.self)

    private func plan(_ step: String) throws -> Plan {
        try Plan.parse(PlanText.minimal(steps: [step]), path: "t.yaml", actions: Self.registry)
    }

    private func problems(_ step: String) -> [String] {
        do {
            _ = try plan(step)
            return []
        } catch {
            return (error as? PlanError)?.problems.map(\.message) ?? ["\(error)"]
        }
    }

    @Test func isReadWithItsDefaultsAndCountsInTheLength() throws {
        let plan = try plan("taint-nodes: {cluster: west, nodes: {role: worker}}")
        guard case .action(.declared(let action)) = plan.cells.first?.steps.first?.body else {
            Issue.record("the step is an action")
            return
        }
        let taint = try #require(action as? TaintNodes)
        #expect(taint.key == "peerquake" && taint.lasting == .seconds(9))
        #expect(taint.targets == .select(cluster: "west", NodeSelector(role: "worker")))
        #expect(plan.cells.first?.steps.first?.expectedLength == .seconds(9))
    }

    @Test func isNotKnownWithoutTheRegistry() {
        #expect(throws: PlanError.self) {
            try Plan.parse(
                PlanText.minimal(steps: ["taint-nodes: {cluster: west, nodes: {role: worker}}"]), path: "t.yaml")
        }
    }

    @Test func itsProblemsAreTold() {
        #expect(
            problems("taint-nodes: {cluster: west, nodes: {role: worker}, lastng: 3s}") == [
                "taint-nodes: unknown key \"lastng\"; did you mean \"lasting\"? "
                    + "(allowed: cluster, nodes, step, key, lasting)"
            ])
        #expect(
            problems("taint-nodes: {cluster: west, nodes: {role: worker}, lasting: 0s}") == [
                "lasting: \"0s\" must be longer than 0"
            ])
        #expect(problems("taint-node: {cluster: west}").first?.contains("did you mean \"taint-nodes\"?") == true)
        #expect(
            problems("wait: 1s\nhold: 1s").isEmpty
                && problems("taint-nodes: {step: nothing}").first?.contains("there is no step \"nothing\"") == true)
    }

    @Test func theSchemaHasIt() throws {
        let validator = SchemaValidator(
            root: try YAML.parse(PlanSchema.json(actions: Self.registry), file: "schema.json"))
        func errors(_ step: String) throws -> [String] {
            validator.errors(try YAML.parse(PlanText.minimal(steps: [step]), file: "t.yaml"))
        }
        #expect(try errors(TaintNodes.declaration.example) == [])
        #expect(try !errors("taint-nodes: {cluster: west, nodes: {role: worker}, lastng: 3s}").isEmpty)
        #expect(try !errors("taint-nodes: {cluster: west}").isEmpty)
    }

    @Test func theCatalogueAndTheReferenceHaveIt() {
        #expect(
            ActionCatalogue.text(Self.registry).contains(
                """
                taint-nodes: Taints nodes.
                  inverse: takes the taint away
                    taint-nodes: {cluster: west, nodes: {role: worker}, key: a, lasting: 5s}

                """))
        let page = PlanReference.text(Self.registry)
        #expect(page.contains("### taint-nodes\n\nTaints nodes.\n"))
        #expect(page.contains("| `lasting` | `lasting: 30s` | duration | 9s | longer than 0 | How long it lasts. |"))
    }
}
