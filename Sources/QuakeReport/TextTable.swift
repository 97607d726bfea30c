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
    ///   - width: lines are to be no longer.
    ///   - less: columns to leave out, one after another, until they are.
    func lines(indent: String = "  ", width: Int = 80, less: [Int] = []) -> [String] {
        var table = self
        var lines = table.aligned(indent)
        // Indices stay right: what is left out is empty, and so is its gap.
        for column in less where lines.contains(where: { $0.count > width }) {
            table.hidden.insert(column)
            lines = table.aligned(indent)
        }
        return lines
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
