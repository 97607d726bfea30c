import QuakeAnalysis
import QuakeTimeline

/// What several trials of one cell saw of one kind of change, as a row of a table.
struct PropagationRow {
    /// Headings of ``cells``.
    static let titles = ["step", "change", "known to", "times", "median", "longest", "missed"]
    /// The first column that holds figures.
    static let firstFigure = 3

    private(set) var all: PropagationFindings

    /// - Returns: one for each step, kind of change and view, in the order in which they were seen.
    static func collect(_ trials: [TrialFindings]) -> [PropagationRow] {
        var rows: [PropagationRow] = []
        for found in trials.flatMap(\.propagation) {
            if let index = rows.firstIndex(where: { $0.all.isOfOneKind(with: found) }) {
                rows[index].all.values += found.values
            } else {
                rows.append(PropagationRow(all: found))
            }
        }
        return rows
    }

    /// The median is that of the changes that arrived; the longest may be a lower bound.
    var cells: [String] {
        let arrived = all.arrived
        let longest = all.longest.map { Figures.bounded(Figures.duration($0.nanoseconds), isCensored: $0.isCensored) }
        return [
            all.step, all.words, all.place, "\(all.values.count)",
            arrived.isEmpty ? "–" : Figures.duration(RepeatedEffect.median(arrived)), longest ?? "–",
            all.missed == 0 ? "–" : "\(all.missed)",
        ]
    }

    /// `target: target added, targets of east: 5 times, median 12 ms, longest > 8.00 s, 2 did not arrive`.
    var sentence: String {
        let cells = cells
        return
            "\(all.step): \(all.words), \(all.place): \(Figures.count(all.values.count, "time")), "
            + "median \(cells[4]), longest \(cells[5])" + (all.missed == 0 ? "" : ", \(all.missed) did not arrive")
    }
}
