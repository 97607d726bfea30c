import Foundation
import QuakeRecord
import Testing

@Suite("docs/measurement.md")
struct OutcomeClassDocumentationTests {
    @Test("explains every outcome class", arguments: Outcome.allCases)
    func explains(outcome: Outcome) throws {
        // Outcomes of steps have a table too, and some of the same names.
        let section = try Repository.text("docs/measurement.md").components(separatedBy: "\n## ")
            .filter { $0.hasPrefix("Outcome classes") }
        let rows = section.flatMap { $0.split(separator: "\n") }.filter { $0.hasPrefix("| `\(outcome.name)` | ") }
        #expect(rows.count == 1)
        // A class whose name alone does not say what it means.
        if outcome == .hiddenRetry {
            #expect(try Repository.text("docs/measurement.md").contains("- **`hidden-retry`.**"))
        }
    }
}
