package import QuakeAnalysis
import QuakeTimeline

/// A history on a terminal: at most 80 columns and as many as it has; per key its trend as a line of bars, and since
/// when it is bad.
package struct HistoryTerminal {
    private let history: RunHistory
    private let color: Bool
    private let command: String
    private let unreadable: [String]
    private let width: PageWidth

    /// - Parameters:
    ///   - command: what would show the same history again.
    ///   - unreadable: directories that hold a run which could not be read, and why.
    ///   - width: of the terminal.
    package init(
        _ history: RunHistory, unreadable: [String], command: String, color: Bool, width: PageWidth = .standard
    ) {
        self.history = history
        self.width = width
        self.unreadable = unreadable
        self.command = command
        self.color = color
    }

    /// The whole text, with a newline at its end.
    package func text() -> String {
        var lines = head()
        for plan in Set(history.trends.map(\.key.plan)).sorted() { lines += table(plan) }
        lines += runs()
        if !unreadable.isEmpty { lines += ["", "Could not be read"] + unreadable.map { "  \($0.printable())" } }
        lines += [
            "", "What makes a run bad: docs/comparison.md", "As a page: \(command.printable()) --html history.html",
        ]
        return Ink.page(lines, color: color, width: width)
    }

    private func paint(_ text: String, _ code: String) -> String { Ink.paint(text, code, color: color) }

    private func head() -> [String] {
        let words = "\(paint(history.verdictWord.uppercased(), history.tone.boldInk))  \(history.verdictWords)"
        let span = [history.runs.first, history.runs.last].compactMap { $0 }.map { UTC.text($0.startUnixNanoseconds) }
        return [
            words,
            Figures.count(history.runs.count, "run")
                + (span.isEmpty ? "" : ", \(span.joined(separator: " to ")) UTC"),
        ]
    }

    private func table(_ plan: String) -> [String] {
        var lines = ["", plan.printable()]
        var table = TextTable(["key", "trend", "recovery", "loss", "bad since"], right: [2, 3])
        let trends = history.trends.filter { $0.key.plan == plan }
        for trend in trends {
            guard let newest = trend.points.last else { continue }
            let scales = [Scale([newest.recovery.nanoseconds]), Scale([newest.loss.nanoseconds])]
            let name = trend.key.words.printable()
            table.add([
                name.count > 32 ? String(name.prefix(31)) + "…" : name,
                Self.bars(trend.points.suffix(12).map(\.recovery.nanoseconds)),
                "\(scales[0].text(newest.recovery)) \(scales[0].unit)",
                "\(scales[1].text(newest.loss)) \(scales[1].unit)",
                since(trend),
            ])
        }
        let rows = table.blocks(width: width, names: 1)
        lines += rows.first ?? []
        for (trend, row) in zip(trends, rows.dropFirst()) {
            lines += trend.isBad ? row.map { paint($0, Tone.bad.ink) } : row
        }
        for trend in trends {
            for point in trend.points where point.state.isBad {
                let run = history.runs[point.run]
                let how = point.state.badWords(isShort: true)
                let measures = point.badMeasures.map(\.name).joined(separator: " and ")
                lines += width.wrapped(
                    "  \(UTC.text(run.startUnixNanoseconds)) \(trend.key.words): \(measures) \(how)", indent: "      ",
                    less: 2
                ).map { "  " + $0 }
            }
        }
        return lines
    }

    private func since(_ trend: RunHistory.Trend) -> String {
        guard let first = trend.firstBad else { return "–" }
        let day = String(UTC.text(history.runs[first.run].startUnixNanoseconds).prefix(10))
        return trend.isBad ? day : "(\(day))"
    }

    private func runs() -> [String] {
        var lines = ["", "Runs"]
        var table = TextTable(["start (UTC)", "run", "exit", ""], right: [2])
        for (index, run) in history.runs.enumerated() {
            let marks = history.trends.filter { $0.firstBad?.run == index }.count
            let notes = (marks > 0 ? ["first bad"] : []) + run.notes
            table.add([
                UTC.text(run.startUnixNanoseconds), run.id.count > 44 ? String(run.id.prefix(43)) + "…" : run.id,
                run.exitWords, notes.first ?? "",
            ])
        }
        lines += table.lines(width: width, names: 2)
        for trend in history.trends {
            for point in trend.points {
                guard let changed = point.changed else { continue }
                let line = "  from \(UTC.text(history.runs[point.run].startUnixNanoseconds)) on: \(changed)"
                let wrapped = width.wrapped(line, indent: "    ", less: 2).map { "  " + $0 }
                if !lines.contains(wrapped.first ?? "") { lines += wrapped }
            }
        }
        return lines
    }

    /// One bar for each value, between zero and the largest.
    static func bars(_ values: [Int64]) -> String {
        let bars = Array("▁▂▃▄▅▆▇█")
        guard let most = values.max(), most > 0 else { return String(repeating: "▁", count: values.count) }
        return String(values.map { bars[Int(Double(max(0, $0)) / Double(most) * Double(bars.count - 1) + 0.5)] })
    }
}

extension RunHistory.Run {
    /// Of a run that goes on it is not known yet.
    var exitWords: String { state == .running ? "–" : "\(exit.rawValue)" }

    /// Why not all of its trials count, what matters most first.
    var notes: [String] {
        let end: [String] =
            switch state {
            case .running: ["still runs"]
            case .brokenOff: ["broken off"]
            case .closed: []
            }
        return end + (leftOut.isEmpty ? [] : ["\(leftOut.count) left out"])
    }
}

/// Moments in UTC, without a formatter's locale.
enum UTC {
    /// `2026-01-31 02:15`.
    static func text(_ unixNanoseconds: Int64) -> String {
        let seconds = unixNanoseconds / 1_000_000_000
        let days = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        let rest = seconds - days * 86_400
        // Civil from days (Hinnant, "chrono-compatible low-level date algorithms").
        let z = days + 719_468
        let era = (z >= 0 ? z : z - 146_096) / 146_097
        let dayOfEra = z - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shifted + 2) / 5 + 1
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "\(year)-\(two(month))-\(two(day)) \(two(rest / 3600)):\(two(rest / 60 % 60))"
    }
}
