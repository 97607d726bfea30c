import QuakePlanFiles
import QuakeYAML
import Testing

@testable import QuakePlan

/// `badSlots: {atMost: N}`, which no shipped registry has: a claim with a form, a schema and a rule of its own.
private struct BadSlotsClaim: ExpectationDeclaration {
    var most: Int

    static let key = "badSlots"
    static let help = ExpectationHelp(
        "How many slots of a lane are bad.", values: [ExpectationHelp.Row("`atMost`", "a number of slots")],
        limits: ["It is made for a test."], example: "{badSlots: {atMost: 20}}")
    static let schema =
        #""type": "object", "additionalProperties": false, "required": ["atMost"], "#
        + ##""properties": {"atMost": {"$ref": "#/$defs/number"}}"##

    static func read(_ node: YAMLNode, with reader: inout ExpectationReader) -> BadSlotsClaim? {
        guard let fields = reader.mapping(node, key, keys: ["atMost"], required: ["atMost"]),
            let most = fields["atMost"]?.intValue
        else { return nil }
        return BadSlotsClaim(most: most)
    }

    func check(at node: YAMLNode, when: [String: String], with reader: inout ExpectationReader) {
        if most > 1000 { reader.report("badSlots: \(most) are more than a trial has", at: node) }
    }

    var words: String { "at most \(most) bad slots" }
}

/// What stands in a registry alone is known everywhere.
struct AddedExpectationTests {
    private let registry = ExpectationRegistry(ExpectationRegistry.standard.declarations + [BadSlotsClaim.self])

    private func plan(_ expectation: String) throws(PlanError) -> Plan {
        try Plan.parse(PlanText.minimal(steps: ["wait: 1s"], expectation), path: "t.yaml", expectations: registry)
    }

    private func problems(_ expectation: String, _ registry: ExpectationRegistry) -> [String] {
        let error = #expect(throws: PlanError.self) {
            try Plan.parse(PlanText.minimal(steps: ["wait: 1s"], expectation), path: "t.yaml", expectations: registry)
        }
        return error?.problems.map(\.message) ?? []
    }

    @Test func isReadBesideTheOthers() throws {
        let cell = try #require(
            try plan("expect: [{badSlots: {atMost: 20}}, {availability: 100%}]").cells.first)
        #expect(cell.expectations[0].claim == Expectation.Claim(BadSlotsClaim(most: 20)))
        #expect(cell.expectations[0].claim != Expectation.Claim(BadSlotsClaim(most: 21)))
        #expect(cell.expectations[1].claim == .availability(Comparison(.equal, 1)))
        #expect(cell.expectations[0].claim != cell.expectations[1].claim)
    }

    @Test func isCheckedByItsOwnRuleAndNamedToWhoeverMisspellsIt() {
        #expect(
            problems("expect: [{badSlots: {atMost: 2000}}]", registry) == ["badSlots: 2000 are more than a trial has"])
        #expect(problems("expect: [{badSlot: {atMost: 2}}]", registry)[0].contains("badSlots"))
        let misspelt = problems("expect: [{badSlots: {least: 2}}]", registry)
        #expect(misspelt.contains { $0.contains("allowed: atMost") })
    }

    @Test func isUnknownToARegistryWithoutIt() {
        let problems = problems("expect: [{badSlots: {atMost: 20}}]", .standard)
        #expect(problems.count == 1 && problems[0].contains("unknown key \"badSlots\""))
    }

    @Test func isInTheSchema() throws {
        let text = PlanText.minimal(steps: ["wait: 1s"], "expect: [{badSlots: {atMost: 20}}]")
        let plan = try YAML.parse(text, file: "t.yaml")
        func errors(_ schema: String) throws -> [String] {
            SchemaValidator(root: try YAML.parse(schema, file: "schema.json")).errors(plan)
        }
        #expect(try errors(PlanSchema.json(expectations: registry)) == [])
        #expect(try !errors(PlanSchema.json).isEmpty)
    }

    @Test func isInTheReference() {
        let text = PlanReferenceExpectations.markdown(expectations: registry)
        #expect(text.contains("### badSlots\n\nHow many slots of a lane are bad.\n"))
        #expect(text.contains("- {badSlots: {atMost: 20}}") && text.contains("- It is made for a test.\n"))
        #expect(!PlanReferenceExpectations.markdown().contains("badSlots"))
    }
}

struct ExpectationReferenceTests {
    private static let steps = [
        "id: drain\ndrain: {cluster: west, nodes: {hosting: gateway, count: 1}}\nhold: 20s",
        "id: kill\nkill-node: {cluster: west, nodes: {hosting: gateway, count: 1}}\nhold: 20s",
        "id: target\nmeasure-propagation: {cluster: west}",
    ]

    @Test func namesEveryKeyOnce() {
        let keys = ExpectationRegistry.standard.keys
        #expect(Set(keys).count == keys.count)
        for declaration in ExpectationRegistry.standard.declarations {
            let help = declaration.help
            #expect(help.summary.hasSuffix(".") && !help.summary.contains("\"") && !help.values.isEmpty)
        }
    }

    @Test(arguments: ExpectationRegistry.standard.keys)
    func examplesAreValid(key: String) throws {
        let example = try #require(ExpectationRegistry.standard[key]).help.example
        let plan = try Plan.parse(PlanText.minimal(steps: Self.steps, "expect:\n  - \(example)"), path: "t.yaml")
        let claim = try #require(plan.cells.first?.expectations.first).claim
        #expect(type(of: claim.declared).key == key)
    }

    @Test func hasEveryKeyThatTheParserReads() {
        #expect(PlanReferenceExpectations.conditionRows.map(\.key) == PlanDecoder.untilKeys + ["within"])
        #expect(PlanReferenceExpectations.selectorRows.map(\.key) == PlanDecoder.selectorKeys)
        let words = FactWord.allCases.map(\.rawValue)
        #expect(PlanReferenceExpectations.whenRows.map(\.key) == PlanDecoder.whenKeys + words + ["a key of the matrix"])
        let text = PlanReferenceExpectations.markdown()
        for state in Condition.PodState.allCases { #expect(text.contains("\(state.rawValue): N")) }
        for outcome in StepOutcome.expectable { #expect(text.contains("`\(outcome.rawValue)`")) }
        for key in ExpectationRegistry.standard.keys { #expect(text.contains("### \(key)\n")) }
    }

    @Test func examplesOfConditionsAndSelectorsAreValid() throws {
        let step = """
            kill-node: {cluster: west, nodes: {hosting: gateway, exclude: [west-worker3], count: 1}}
            until: {node: NotReady, within: 90s}
            """
        let text = PlanReferenceExpectations.markdown()
        #expect(text.contains("nodes: {hosting: gateway, exclude: [west-worker3], count: 1}"))
        #expect(text.contains("until: {node: NotReady, within: 90s}"))
        _ = try Plan.parse(PlanText.minimal(steps: [step]), path: "t.yaml")
    }
}
