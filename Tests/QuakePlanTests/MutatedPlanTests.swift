import QuakePlan
import QuakePlanFiles
import Testing

/// Plans with something missing or garbled are refused with a place in the file, or read; never anything else.
struct MutatedPlanTests {
    private static let path = "\(Repository.root)/Tests/QuakePlanTests/Fixtures/everything.yaml"

    private func lines() throws -> [String] {
        try Repository.text("Tests/QuakePlanTests/Fixtures/everything.yaml").split(separator: "\n").map { String($0) }
    }

    private func check(_ lines: [String]) {
        do {
            _ = try Plan.parse(lines.joined(separator: "\n"), besides: Self.path)
        } catch {
            for problem in error.problems {
                let line = problem.position?.line ?? 0
                #expect(line >= 1 && line <= lines.count + 1 && !problem.message.isEmpty, "\(problem)")
            }
        }
    }

    @Test func everyLineCanBeMissing() throws {
        let lines = try lines()
        for index in lines.indices {
            var changed = lines
            changed.remove(at: index)
            check(changed)
        }
    }

    @Test(arguments: ["{}", "[]", "~", "''", "${", "${nope}", "-1", "\u{2028}", "*x", "\"", "- - -", "&a *a"])
    func everyValueCanBeGarbled(junk: String) throws {
        let lines = try lines()
        for index in lines.indices {
            guard let colon = lines[index].lastIndex(of: ":") else { continue }
            var changed = lines
            changed[index] = lines[index][...colon] + " " + junk
            check(changed)
        }
    }
}
