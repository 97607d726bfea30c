import Foundation
import Testing

/// What a release build of Swift 6.3 makes of task-local values: one of a function type crashes when it is bound, in every
/// command.
@Suite("Task-local values")
struct TaskLocalTests {
    /// The type of each, as it is written or as its initial value names it; by file.
    private static func declared() throws -> [(path: String, type: String)] {
        let pattern = /@TaskLocal[^\n]*\bvar\s+\w+\s*(?::\s*(?<type>[^={\n]+)|=\s*(?<value>[^\n(]+))/
        var found: [(String, String)] = []
        for path in try Project.sources(in: "Sources") {
            for match in try Project.text(path).matches(of: pattern) {
                let type = match.output.type ?? match.output.value ?? ""
                found.append((path, type.trimmingCharacters(in: .whitespaces.union(["?"]))))
            }
        }
        return found
    }

    @Test("are of no function type")
    func functions() throws {
        let sources = try Project.sources(in: "Sources").map { try Project.text($0) }
        let all = try Self.declared()
        #expect(all.contains { $0.type == "Listener" }, "\(all)")
        for (path, type) in all {
            let isFunction =
                try type.contains("->")
                || sources.contains { try $0.contains(Regex(#"typealias \#(type) = [^\n]*->"#)) }
            #expect(!isFunction, "\(path): \(type) is a function; put it into a struct")
        }
    }
}
