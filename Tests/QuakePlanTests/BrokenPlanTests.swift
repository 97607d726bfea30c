import FoundationEssentials
import QuakePlan
import QuakePlanFiles
import Testing

/// Each fixture says in comments at its top which problems it has: `# expect: LINE:COLUMN: part of the message`.
struct BrokenPlanTests {
    private static let folder = "\(Repository.root)/Tests/QuakePlanTests/Fixtures/broken"

    static func files() -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { $0.hasSuffix(".yaml") }.sorted()
    }

    @Test func thereAreThirty() { #expect(Self.files().count == 30) }

    @Test(arguments: files())
    func everyProblemIsNamedWithItsPlace(file: String) throws {
        let path = "\(Self.folder)/\(file)"
        let text = try Repository.text("Tests/QuakePlanTests/Fixtures/broken/\(file)")
        let expected = text.split(separator: "\n").filter { $0.hasPrefix("# expect: ") }.map { $0.dropFirst(10) }
        let error = #expect(throws: PlanError.self) { try Plan.load(path: path) }
        let problems = error?.problems ?? []
        let found = problems.map { problem in
            let place = problem.position.map { "\($0.line):\($0.column)" } ?? ""
            return "\(place): \(problem.message.replacing(Self.folder, with: ""))"
        }
        #expect(!expected.isEmpty)
        #expect(found.count == expected.count, "found:\n\(found.joined(separator: "\n"))")
        for (line, problem) in zip(expected, found) {
            let parts = line.split(separator: " ", maxSplits: 1)
            #expect(problem.hasPrefix(parts[0]) && problem.contains(parts[1]), "expected \(line)\nfound \(problem)")
        }
        for problem in problems { #expect(problem.description.hasPrefix("\(path):")) }
    }
}
