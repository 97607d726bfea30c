import QuakePlanFiles
import QuakeYAML
import Testing

@testable import QuakePlan

struct SchemaTests {
    private func validator() throws -> SchemaValidator {
        SchemaValidator(root: try YAML.parse(PlanSchema.json, file: "schema.json"))
    }

    @Test(arguments: Repository.plans())
    func acceptsEveryShippedPlan(path: String) throws {
        let plan = try YAML.parse(try Plan.load(path: path).source, file: path)
        #expect(try validator().errors(plan) == [])
    }

    @Test func acceptsAPlanThatUsesEverything() throws {
        let text = try Repository.text("Tests/QuakePlanTests/Fixtures/everything.yaml")
        #expect(try validator().errors(try YAML.parse(text, file: "everything.yaml")) == [])
    }

    @Test(arguments: [
        ("clusters: [east, west]", "clusters: []"), ("kind: Plan", "kind: Plans"), ("rate: ${rate}", "rate: 50"),
        ("rate: ${rate}", "rat: 50/s"), ("how: power-off", "how: power_off"), ("node: NotReady", "node: Notready"),
        ("hold: ${hold}", "hold: 10 s"), ("start-node: {step: kill}", "start-node: {cluster: west}"),
        ("id: uncordon", "wait: 1s"), ("count: 1}}", "count: one}}"),
        ("recovery: \"<= ${slowest}\"", "recovery: 9s"), ("outage: 60s", "outages: 60s"),
        ("[new, pooled]", "[new, new]"),
    ])
    func refusesWhatIsWrong(right: String, wrong: String) throws {
        let text = try Repository.text("Plans/quickstart.yaml")
        let changed = text.split(separator: "\n").map { $0.replacing(right, with: wrong) }.joined(separator: "\n")
        #expect(changed != text)
        #expect(try !validator().errors(try YAML.parse(changed, file: "t")).isEmpty)
    }

    @Test func hasEveryKeyThatTheParserReads() throws {
        let root = try YAML.parse(PlanSchema.json, file: "schema.json")
        func keys(_ node: YAMLNode?) -> Set<String> {
            Set(node?["properties"]?.mapping?.compactMap(\.key.scalar) ?? [])
        }
        #expect(keys(root) == Set(PlanParser.keys))
        #expect(root["required"]?.sequence?.compactMap(\.scalar) == PlanParser.requiredKeys)
        let definitions = root["$defs"]
        #expect(keys(definitions?["step"]?["anyOf"]?[1]) == Set(PlanDecoder.stepKeys + ActionRegistry.standard.names))
        #expect(keys(definitions?["expectation"]) == Set(ExpectationRegistry.standard.keys + ["when"]))
        #expect(keys(definitions?["until"]) == Set(PlanDecoder.untilKeys + ["within"]))
        #expect(keys(definitions?["nodes"]) == Set(PlanDecoder.selectorKeys))
        for name in ActionRegistry.standard.names { #expect(definitions?[name] != nil, "\(name)") }
    }

    @Test func everyReferenceHasItsDefinition() throws {
        let root = try YAML.parse(PlanSchema.json, file: "schema.json")
        func references(_ node: YAMLNode) -> [String] {
            let inner = (node.sequence ?? []) + (node.mapping?.map(\.value) ?? [])
            return (node["$ref"]?.scalar.map { [$0] } ?? []) + inner.flatMap(references)
        }
        for reference in Set(references(root)) {
            #expect(root["$defs"]?[String(reference.dropFirst("#/$defs/".count))] != nil, "\(reference)")
        }
    }
}
