import QuakeTimeline

/// Columns aligned by their widest cell; numbers to the right.
struct TextTable {
    private var rows: [[String]] = []
    private let rightAligned: Set<Int>
    private var hidden: Set<Int> = []

    init(_ header: [String], right: Set<Int> = []) {
        rows = [header]
        rightAligned = right
    }

    mutating func add(_ row: [String]) { rows.append(row.map { $0.printable() }) }

    var isEmpty: Bool { rows.count < 2 }

    /// - Parameters:
    ///   - width: lines are to be no longer. On a terminal of fewer than 80 columns, rows that are too wide are stacked.
    ///   - less: columns to leave out at 80 columns, one after another, until they are.
    ///   - names: leading columns that name a row, one or two: stacked rows begin with them.
    func lines(indent: String = "  ", width: PageWidth, less: [Int] = [], names: Int) -> [String] {
        blocks(indent: indent, width: width, less: less, names: names).flatMap { $0 }
    }

    /// The same, by rows, of which the first is the titles'; it is empty where rows are stacked.
    func blocks(indent: String = "  ", width: PageWidth, less: [Int] = [], names: Int) -> [[String]] {
        var table = self
        var lines = table.aligned(indent)
        func isTooWide() -> Bool { lines.contains { $0.count > width.columns } }
        if width.isNarrow, isTooWide() { return [[]] + stacked(indent, width, names) }
        // Indices stay right: what is left out is empty, and so is its gap.
        for column in less where isTooWide() {
            table.hidden.insert(column)
            lines = table.aligned(indent)
        }
        return lines.map { [$0] }
    }

    /// Each row as its names and, below them, `title value` of each other cell that has a figure.
    private func stacked(_ indent: String, _ width: PageWidth, _ names: Int) -> [[String]] {
        rows.dropFirst().map { row -> [String] in
            let heads = row.prefix(names).filter { !$0.isEmpty }
            let cells = row.enumerated().dropFirst(names).compactMap { index, cell -> String? in
                let title = rows[0].indices.contains(index) ? rows[0][index] : ""
                return cell.isEmpty || cell == "–" ? nil : title.isEmpty ? cell : "\(title) \(cell)"
            }
            // A row may go on with what the last one was of.
            let isOfLast = names > 1 && row.first?.isEmpty == true
            var lines = heads.enumerated().map { offset, head in
                indent + (isOfLast || offset > 0 ? "  " : "") + head
            }
            let inner = indent + String(repeating: " ", count: 2 * names)
            var line = ""
            for (offset, cell) in cells.enumerated() {
                let piece = offset + 1 < cells.count ? cell + "," : cell
                if !line.isEmpty, line.count + 1 + piece.count > width.columns {
                    lines.append(line)
                    line = ""
                }
                line += line.isEmpty ? inner + piece : " " + piece
            }
            return line.isEmpty ? lines : lines + [line]
        }
    }

    private func aligned(_ indent: String) -> [String] {
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in
            rows.map { $0.indices.contains(column) ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            let cells = row.enumerated().filter { !hidden.contains($0.offset) }.map { index, cell in
                let gap = String(repeating: " ", count: max(0, widths[index] - cell.count))
                return rightAligned.contains(index) ? gap + cell : cell + gap
            }
            var line = indent + cells.joined(separator: "  ")
            while line.hasSuffix(" ") { line.removeLast() }
            return line
        }
    }
}

/// Durations and shares as reports write them.
enum Figures {
    /// `0`, `4.93 s`, `320 ms`.
    static func duration(_ nanoseconds: Int64) -> String {
        let magnitude = abs(nanoseconds)
        if magnitude == 0 { return "0" }
        if magnitude < 1_000_000 { return "\(decimals(Double(nanoseconds) / 1e6, 2)) ms" }
        if magnitude < 1_000_000_000 { return "\(nanoseconds / 1_000_000) ms" }
        return "\(decimals(Double(nanoseconds) / 1e9, 2)) s"
    }

    static func duration(_ value: Duration?) -> String { value.map { duration($0.inNanoseconds) } ?? "–" }

    static func share(_ value: Double?) -> String { value.map { "\(decimals($0 * 100, 2)) %" } ?? "–" }

    static func decimals(_ value: Double, _ places: Int) -> String {
        let scale = places == 2 ? 100.0 : 10
        let scaled = Int64((abs(value) * scale).rounded())
        let sign = value < 0 && scaled > 0 ? "-" : ""
        let rest = String(scaled % Int64(scale))
        return "\(sign)\(scaled / Int64(scale)).\(String(repeating: "0", count: places - rest.count))\(rest)"
    }
}
