import QuakeYAML
import Testing

@testable import QuakePlan

struct PlanReferenceTests {
    @Test func docsPlansIsCurrent() throws {
        #expect(
            try Repository.text("docs/plans.md") == PlanReference.text(.standard),
            "peerquake-dev reference >docs/plans.md")
    }

    @Test func showsEveryKeyOfEveryAction() {
        let page = PlanReference.text(.standard)
        for declaration in ActionRegistry.standard.declarations {
            #expect(page.contains("### \(declaration.name)\n\n\(declaration.summary)\n"))
            #expect(declaration.keys.isEmpty || page.contains(PlanReference.table(declaration.keys)))
        }
    }

    @Test func showsEveryKeyOfThePlanAndItsSteps() throws {
        #expect(PlanReference.stepKeys.map(\.name) == PlanDecoder.stepKeys)
        #expect(PlanReference.planKeys.map(\.name) == PlanParser.keys)
        #expect(PlanReference.planKeys.filter(\.isRequired).map(\.name) == PlanParser.requiredKeys)
        let schema = try YAML.parse(PlanSchema.json, file: "schema.json")
        func names(_ node: YAMLNode?) -> Set<String> {
            Set(node?["properties"]?.mapping?.compactMap(\.key.scalar) ?? [])
        }
        let traffic = schema["$defs"]?["traffic"]
        #expect(Set(PlanReference.trafficKeys.map(\.name)) == names(traffic))
        #expect(
            PlanReference.trafficKeys.filter(\.isRequired).map(\.name)
                == traffic?["required"]?.sequence?.compactMap(\.scalar))
        #expect(Set(PlanReference.hypothesisKeys.map(\.name)) == names(schema["$defs"]?["hypothesis"]))
        #expect(Set(PlanReference.abortKeys.map(\.name)) == names(schema["properties"]?["abort"]))
    }

    @Test func itsPlanIsValid() throws {
        let plan = try Plan.parse(PlanReference.example, path: "example.yaml")
        #expect(plan.cells.count == 2)
        let schema = SchemaValidator(root: try YAML.parse(PlanSchema.json, file: "schema.json"))
        #expect(schema.errors(try YAML.parse(PlanReference.example, file: "example.yaml")) == [])
    }

    /// A cell cannot hold what ends it.
    @Test func noCellBreaksItsTable() {
        let keys: [PlanKey] =
            ActionRegistry.standard.declarations.flatMap(\.keys) + PlanReference.planKeys + PlanReference.trafficKeys
            + PlanReference.hypothesisKeys + PlanReference.abortKeys + PlanReference.stepKeys
        for key in keys {
            let cells = [key.help, key.type.words, key.type.limits, "\(key.need)"]
            #expect(!cells.joined().contains { "|\n".contains($0) }, "\(key.name)")
        }
    }
}

struct ExtendingTests {
    /// A file's name, and what the page shows of it.
    private static func excerpts(of page: String) -> [(file: String, text: String)] {
        page.split(separator: "```swift\n").dropFirst().enumerated().map { index, part in
            let before = page.split(separator: "```swift\n")[index]
            let name = before.split(separator: "\n").last ?? ""
            let end = part.firstRange(of: "\n```")?.lowerBound ?? part.endIndex
            return (name.filter { $0 != "`" }, String(part[..<end]))
        }
    }

    @Test func theExcerptsStandInTheirFiles() throws {
        let excerpts = Self.excerpts(of: try Repository.text("docs/extending.md"))
        #expect(excerpts.count == 9)
        for (file, excerpt) in excerpts {
            #expect(try Repository.text(file).contains(excerpt), "\(file):\n\(excerpt)")
        }
    }
}
