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
    /// Never empty; by position, those without one first.
    package var problems: [Problem]

    package init(problems: [Problem]) {
        let start = SourcePosition(line: 0, column: 0)
        self.problems = problems.sorted { first, second in
            let (a, b) = (first.position ?? start, second.position ?? start)
            return (a.line, a.column, first.message) < (b.line, b.column, second.message)
        }
    }

    /// One line for each problem.
    package var description: String { problems.map(\.description).joined(separator: "\n") }
}
