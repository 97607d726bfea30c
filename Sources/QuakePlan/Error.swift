/// One thing wrong with a plan, told so that it can be mended.
package struct Problem: Sendable, Hashable, CustomStringConvertible {
    /// The file as it was named on the command line, or the option at fault.
    package var file: String
    /// `nil` where no place in the file is to blame: an unreadable file, an option of the command line.
    package var position: SourcePosition?
    /// What stands there, what may stand there, and the nearest allowed word to a misspelt one.
    package var message: String

    package init(file: String, position: SourcePosition?, message: String) {
        self.file = file
        self.position = position
        self.message = message
    }

    /// `file:line:column: message`.
    package var description: String {
        guard let position else { return "\(file): \(message)" }
        return "\(file):\(position.line):\(position.column): \(message)"
    }
}

/// Why a text is no valid plan: everything that is wrong with it, at once.
package struct PlanError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Never empty; those without a position first, then file by file, by position.
    package var problems: [Problem]

    package init(problems: [Problem]) {
        let start = SourcePosition(line: 0, column: 0)
        var ranks: [String: Int] = [:]
        for problem in problems where problem.position != nil && ranks[problem.file] == nil {
            ranks[problem.file] = ranks.count
        }
        self.problems = problems.sorted { first, second in
            let (a, b) = (first.position ?? start, second.position ?? start)
            let (fileA, fileB) = (ranks[first.file] ?? 0, ranks[second.file] ?? 0)
            if first.position == nil || second.position == nil || fileA == fileB {
                return (a.line, a.column, first.message) < (b.line, b.column, second.message)
            }
            return fileA < fileB
        }
    }

    /// One line for each problem.
    package var description: String { problems.map(\.description).joined(separator: "\n") }
}
