import QuakeRecord
import Testing

@Suite("docs/measurement.md")
struct OutcomeClassDocumentationTests {
    @Test("explains every outcome class", arguments: Outcome.allCases)
    func explains(outcome: Outcome) throws {
        let rows = try Repository.text("docs/measurement.md").split(separator: "\n").filter {
            $0.hasPrefix("| `\(outcome.name)` | ")
        }
        #expect(rows.count == 1)
        // A class whose name alone does not say what it means.
        if outcome == .hiddenRetry {
            #expect(try Repository.text("docs/measurement.md").contains("- **`hidden-retry`.**"))
        }
    }
}
