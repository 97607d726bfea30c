import ArgumentParser
import QuakeAnalysis
import QuakeArchive
import QuakeShell

/// `peerquake-dev tunnel-times RUN…`: what requests over fresh connections showed of each fault of a node.
struct TunnelTimesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tunnel-times",
        abstract: "Print what each fault of Plans/compare/tunnel-faults.yaml cost, for docs/fidelity.md.",
        discussion: """
            One row a fault and run; with --range one a step, with the least and the greatest of all runs. Times are seconds from
            the fault, that of the first success from its end; "–": none.

            EXAMPLE
              peerquake-dev tunnel-times --range runs/standin-1 runs/standin-2
            """)

    @Argument(help: "Directories of runs.", transform: Checked.path)
    var directories: [String]

    @Flag(help: "One row a step, over all runs.")
    var range = false

    private static let columns: [(name: String, of: @Sendable (TunnelTimes) -> Double?, isCount: Bool)] = [
        ("first failure", { $0.firstFailure }, false), ("most at once", { $0.massReset }, false),
        ("of them", { $0.massCount == 0 ? nil : Double($0.massCount) }, true), ("failed", { Double($0.failed) }, true),
        ("failed after", { Double($0.failedAfter) }, true), ("first success", { $0.firstSuccess }, false),
        ("longest hang", { $0.longestHang }, false),
    ]

    func run() throws {
        var rows: [TunnelTimes] = []
        for directory in directories {
            rows += try TunnelTimes.table(
                ArchivedRun.archive(directory), findings: ArchivedRun.findings(directory))
        }
        print(Self.line(["fault", "lasted"] + (range ? ["runs"] : []) + Self.columns.map(\.name)))
        print(Self.line(["---", "---:"] + (range ? ["---:"] : []) + Self.columns.map { _ in "---:" }))
        guard range else {
            for row in rows { print(Self.line(Self.cells([row], counted: false))) }
            return
        }
        var steps: [String] = []
        for row in rows where !steps.contains(row.step) { steps.append(row.step) }
        for step in steps { print(Self.line(Self.cells(rows.filter { $0.step == step }, counted: true))) }
    }

    private static func cells(_ rows: [TunnelTimes], counted: Bool) -> [String] {
        [rows[0].step, cell(rows.map(\.length), isCount: false)] + (counted ? ["\(rows.count)"] : [])
            + columns.map { column in cell(rows.map { column.of($0) }, isCount: column.isCount) }
    }

    /// One number, or the least and the greatest; `–` where there is none.
    private static func cell(_ values: [Double?], isCount: Bool) -> String {
        let known = values.compactMap(\.self)
        guard let least = known.min(), let most = known.max() else { return "–" }
        let ends = [least, most].map { isCount ? "\(Int($0))" : "\(($0 * 10).rounded() / 10)" }
        let text = ends[0] == ends[1] ? ends[0] : ends.joined(separator: " to ")
        return known.count < values.count ? "\(text) or –" : text
    }

    private static func line(_ cells: [String]) -> String { "| \(cells.joined(separator: " | ")) |" }
}
