package import QuakeAnalysis
import QuakeTimeline

/// A history as one self-contained page: a sparkline for each key, and since which run it is bad.
package struct HistoryHTML {
    private let history: RunHistory
    private let unreadable: [String]

    /// - Parameter unreadable: directories that hold a run which could not be read, and why.
    package init(_ history: RunHistory, unreadable: [String]) {
        self.history = history
        self.unreadable = unreadable
    }

    /// The whole file.
    package func text() -> String {
        var sections = [Page.Section("trends", "Trends", trends())]
        let bad = badRuns()
        if !bad.html.isEmpty { sections.append(Page.Section("bad", "What was bad", bad)) }
        sections.append(Page.Section("runs", "Runs", runs()))
        let plans = Set(history.runs.map(\.plan)).sorted().joined(separator: ", ")
        return Page(title: plans, kicker: "Peerquake history", sections: sections, style: Asset.historyStyle).text()
    }

    private func day(_ run: Int) -> String { UTC.text(history.runs[run].startUnixNanoseconds) }

    // MARK: - Trends

    private func trends() -> Markup {
        let since = history.trends.filter(\.isBad).compactMap { $0.firstBad?.run }.min()
        let span = [history.runs.indices.first, history.runs.indices.last].compactMap { $0 }.map(day)
        let banner = Banner(
            history.tone, word: "\(history.verdictWord.capitalizedFirst).",
            sentence: history.verdictWords.capitalizedFirst + (since.map { ", since \(day($0)) UTC" } ?? "") + ".",
            details: ["\(Figures.count(history.runs.count, "run")), \(span.joined(separator: " to ")) UTC"])
        return Set(history.trends.map(\.key.plan)).sorted().reduce(banner.markup) { $0 + table($1) }
    }

    private func table(_ plan: String) -> Markup {
        let runs = history.runs.indices.filter { history.runs[$0].plan == plan }
        var table = HTMLTable(
            "\(plan): medians of each run, from the oldest to the newest",
            [
                .init("key"), .init("bad since"), .init("recovery"), .init("newest", isNumber: true), .init("loss"),
                .init("newest", isNumber: true),
            ])
        for trend in history.trends where trend.key.plan == plan {
            guard let newest = trend.points.last else { continue }
            var row: [HTMLTable.Cell] = [.text(trend.key.words), since(trend)]
            for (measure, reading) in [(Measure.recovery, newest.recovery), (.loss, newest.loss)] {
                let scale = Scale([reading.nanoseconds])
                let isBad = newest.state.isBad && newest.badMeasures.contains(measure)
                row.append(HTMLTable.Cell(sparkline(trend, measure, runs)))
                row.append(.text("\(scale.text(reading)) \(scale.unit)", tone: isBad ? .bad : nil))
            }
            table.add(row)
        }
        return table.markup
    }

    private func sparkline(_ trend: RunHistory.Trend, _ measure: Measure, _ runs: [Int]) -> Markup {
        var values: [Double?] = []
        var bad: Set<Int> = []
        for (position, run) in runs.enumerated() {
            let point = trend.points.first { $0.run == run }
            let reading = measure == .recovery ? point?.recovery : point?.loss
            values.append(reading.map { Double($0.nanoseconds) / 1e9 })
            if let point, point.state.isBad, point.badMeasures.contains(measure) { bad.insert(position) }
        }
        let known = values.compactMap { $0 }
        let span = "\(Figures.decimals(known.min() ?? 0, 2)) to \(Figures.decimals(known.max() ?? 0, 2)) s"
        let count = "\(Figures.count(known.count, "run")), \(span), \(bad.count) of them bad"
        let words = "\(trend.key.words), \(measure.name): \(count)"
        return Sparkline(values, label: words, bad: bad).markup
    }

    private func since(_ trend: RunHistory.Trend) -> HTMLTable.Cell {
        guard let first = trend.firstBad else { return .text("–") }
        let link =
            Markup(trusted: "<span class=\"when\">") + .link(day(first.run), to: "#run-\(first.run)")
            + Markup(trusted: "</span>")
        return trend.isBad
            ? HTMLTable.Cell(link, tone: .bad) : HTMLTable.Cell(.text("over; was ") + link)
    }

    // MARK: - Runs

    private func badRuns() -> Markup {
        var items = ""
        for trend in history.trends {
            for point in trend.points where point.state.isBad {
                let how = point.state.badWords(isShort: false)
                let measures = point.badMeasures.map(\.name).joined(separator: " and ")
                items +=
                    "<li>\(Markup.link(day(point.run), to: "#run-\(point.run)").html) "
                    + "\(Markup.escaped("\(trend.key.words): \(measures) \(how)"))</li>"
            }
        }
        return Markup(trusted: items.isEmpty ? "" : "<ul class=\"plain\">\(items)</ul>")
    }

    private func runs() -> Markup {
        var table = HTMLTable(
            "Every run, the newest first",
            [.init("start (UTC)"), .init("run"), .init("plan"), .init("exit code", isNumber: true), .init("of note")])
        for (index, run) in history.runs.enumerated().reversed() {
            let changes = Set(
                history.trends.flatMap { trend in
                    trend.points.filter { $0.run == index }.compactMap { $0.changed.map { "new here: \($0)" } }
                })
            let first = history.trends.count { $0.firstBad?.run == index }
            let notes =
                (first > 0 ? ["first bad run of \(Figures.count(first, "key"))"] : [])
                + run.notes + changes.sorted()
            table.add([
                HTMLTable.Cell(
                    Markup(trusted: "<span class=\"when\" id=\"run-\(index)\">") + .text(day(index))
                        + Markup(trusted: "</span>")),
                .text(run.id), .text(run.plan), .text(run.exitWords, tone: run.exit == .pass ? nil : .unsure),
                .text(notes.joined(separator: "; "), tone: first > 0 ? .bad : nil),
            ])
        }
        let lost = unreadable.map { "<li>\(Markup.escaped($0))</li>" }.joined()
        return table.markup
            + Markup(trusted: lost.isEmpty ? "" : "<h3>Could not be read</h3><ul class=\"plain\">\(lost)</ul>")
    }
}
