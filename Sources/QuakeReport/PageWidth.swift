import QuakeTimeline

/// How wide the lines of a report may be: those of its reader's terminal, and at most 80 columns.
package struct PageWidth: Sendable, Equatable {
    /// Columns; 20 to 80.
    let columns: Int

    /// What pipes and files get.
    package static let standard = PageWidth(nil)

    /// - Parameter columns: of the terminal; `nil` where there is none.
    package init(_ columns: Int?) { self.columns = min(max(columns ?? 80, 20), 80) }

    /// Whether lines made for 80 columns are too wide.
    var isNarrow: Bool { columns < 80 }

    /// Breaks at words; lines but the first begin with `indent`.
    ///
    /// - Parameter less: columns that are taken elsewhere.
    func wrapped(_ text: String, indent: String, less: Int = 0) -> [String] {
        TerminalReport.wrapped(text, indent: indent, width: max(10, columns - less))
    }

    /// A line that was made for any width, in several where it is too wide: broken at spaces, the rest indented by two more.
    /// Colours take no column. A word that is wider alone stays whole.
    func folded(_ line: String) -> [String] {
        guard isNarrow, Self.visible(line) > columns else { return [line] }
        let depth = line.prefix { $0 == " " }.count
        let indent = String(repeating: " ", count: min(depth + 2, columns / 2))
        var lines: [String] = []
        var current = String(repeating: " ", count: min(depth, columns / 2))
        var length = current.count
        var gap = ""
        for part in line.dropFirst(depth).split(separator: " ", omittingEmptySubsequences: false) {
            guard !part.isEmpty else {
                gap += " "
                continue
            }
            let room = Self.visible(part)
            if length > 0, !current.allSatisfy({ $0 == " " }), length + gap.count + room > columns {
                lines.append(current)
                (current, length) = (indent, indent.count)
            } else {
                current += gap
                length += gap.count
            }
            current += part
            length += room
            gap = " "
        }
        return lines + [current]
    }

    /// Columns of a text: what is not a colour's code.
    private static func visible(_ text: some StringProtocol) -> Int {
        text.split(separator: "\u{1B}", omittingEmptySubsequences: false).enumerated().reduce(0) { sum, part in
            let (index, piece) = part
            guard index > 0 else { return sum + piece.count }
            let code = piece.prefix { $0 != "m" }
            return sum + (piece.count > code.count ? piece.count - code.count - 1 : piece.count)
        }
    }
}
