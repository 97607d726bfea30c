package import QuakeAnalysis
import QuakeTimeline

/// A comparison on a terminal: at most 80 columns and as many as it has, the verdict first, then what changed, the next
/// command last.
package struct ComparisonTerminal {
    private let comparison: RunComparison
    private let color: Bool
    private let command: String
    private let width: PageWidth

    /// - Parameters:
    ///   - command: what would show the same comparison again.
    ///   - width: of the terminal.
    package init(_ comparison: RunComparison, command: String, color: Bool, width: PageWidth = .standard) {
        self.comparison = comparison
        self.width = width
        self.command = command
        self.color = color
    }

    /// The whole text, with a newline at its end.
    package func text() -> String {
        var lines = verdict()
        lines += overview()
        lines += listed("What the sides do not share", comparison.differences.map(\.words))
        for key in comparison.keys { lines += details(key) }
        lines += contrasts()
        lines += listed("Not compared: without a match", comparison.unmatched.map(\.words))
        lines += listed(
            "Not compared: left out",
            comparison.leftOut.map(\.words))
        lines += ["", "What a verdict means and what it can miss: docs/comparison.md"]
        let options = comparison.missingAcross.map { " --across \($0)" }.joined()
        if !options.isEmpty {
            lines += width.wrapped("Compare them all: \(command)\(options)", indent: "  ")
        }
        lines += width.wrapped("As a page: \(command) --html comparison.html", indent: "  ")
        return Ink.page(lines, color: color, width: width)
    }

    private func paint(_ text: String, _ code: String) -> String { Ink.paint(text, code, color: color) }

    private func paint(_ verdict: RunComparison.Verdict) -> String {
        // Padded first: the codes take no room.
        paint(verdict.keyWord.padded(7), verdict == .worse ? verdict.tone.boldInk : verdict.keyTone.ink)
    }

    private func verdict() -> [String] {
        let verdict = comparison.verdict
        let word = verdict.rawValue.uppercased()
        let head = "\(comparison.planWords): \(comparison.countWords); exit code \(comparison.exit.rawValue)"
        var lines = width.wrapped(head, indent: "  ", less: 2 + word.count)
        lines[0] = "\(paint(word, verdict.tone.boldInk))  \(lines.first ?? "")"
        let sides = [
            ("candidate", comparison.candidate.runs.joined(separator: " ")),
            ("baseline", comparison.baselineWords(separator: " ")),
        ]
        for (name, runs) in sides { lines += width.wrapped("\(name) \(runs)", indent: "    ") }
        return lines + width.wrapped(comparison.methodWords, indent: "")
    }

    // MARK: - Keys

    private func overview() -> [String] {
        guard !comparison.keys.isEmpty else { return [] }
        if width.isNarrow { return [""] + comparison.keys.flatMap(stacked) }
        var table = TextTable(["key", "recovery", "loss"], right: [1, 2])
        var verdicts: [String] = []
        for key in comparison.keys {
            let name = TerminalReport.wrapped(key.words, indent: "  ", width: 35)
            table.add([name.first ?? ""] + Self.changes(of: key).map(\.words))
            for rest in name.dropFirst() { table.add([rest]) }
            verdicts += [paint(key.verdict)] + name.dropFirst().map { _ in String(repeating: " ", count: 7) }
        }
        let rows = table.lines(indent: "", width: width, names: 1)
        return ["", "  verdict  " + (rows.first ?? "")] + zip(verdicts, rows.dropFirst()).map { "  \($0)  \($1)" }
    }

    private static func changes(of key: KeyComparison) -> [(name: String, words: String)] {
        Measure.tested.map { measure in (measure.name, key[measure].map { Scale($0).change($0) } ?? "–") }
    }

    /// A key of the overview where there is no room for a table: a line for each figure below its name.
    private func stacked(_ key: KeyComparison) -> [String] {
        var name = width.wrapped(key.words, indent: "    ", less: 11)
        name[0] = "  \(paint(key.verdict))  \(name.first ?? "")"
        return name + Self.changes(of: key).map { "    \($0.name) \($0.words)" }
    }

    private func details(_ key: KeyComparison) -> [String] {
        var lines = [""]
        lines += width.wrapped("\(key.words): \(key.verdict.keyWord): \(key.reason)", indent: "  ")
        var table = TextTable(["", "baseline", "candidate", "difference", "A"], right: [1, 2, 3, 4])
        for measure in key.measures where measure.baseline != nil || measure.candidate != nil {
            let scale = Scale(measure)
            table.add([
                measure.label(scale), scale.text(measure.baseline), scale.text(measure.candidate),
                scale.difference(measure.difference, measure.differenceLow, measure.differenceHigh),
                measure.effectSize.map { Figures.decimals($0, 2) } ?? "–",
            ])
        }
        lines += table.lines(width: width, names: 1)
        var notes =
            "any loss in \(key.candidateLosing) of \(key.candidateRepeats) repeats "
            + "(baseline: \(key.baselineLosing) of \(key.baselineRepeats))"
        let tested = key.measures.filter { $0.worseP != nil }
        if !tested.isEmpty {
            notes +=
                "; p of worse: "
                + tested.map { "\($0.measure.name) \(Figures.probability($0.worseAdjustedP))" }
                .joined(separator: ", ")
            notes +=
                "; p of better: "
                + tested.map { "\($0.measure.name) \(Figures.probability($0.betterAdjustedP))" }
                .joined(separator: ", ")
        }
        if let recovery = key[.recovery] {
            notes += "; least effect: recovery \(Figures.duration(recovery.minimumEffect))"
            if let loss = key[.loss] { notes += ", loss \(Figures.duration(loss.minimumEffect))" }
        }
        return lines
            + width.wrapped(notes, indent: "  ", less: 2).enumerated().map { index, line in
                index == 0 ? "  " + line : line
            }
    }

    // MARK: - Pairs

    private func contrasts() -> [String] {
        var lines: [String] = []
        for group in ContrastGroup.all(comparison.contrasts) {
            lines += ["", "\(group.title.printable()), paired by repeat"]
            let sides = comparison.isWithin ? ["difference"] : ["baseline", "candidate"]
            var table = TextTable(["", ""] + sides, right: [2, 3])
            for row in group.rows {
                let scale = Scale([row.baseline, row.candidate].compactMap { $0?.difference })
                let contrasts = comparison.isWithin ? [row.candidate] : [row.baseline, row.candidate]
                // Two columns of intervals leave less room than one.
                let room = width.isNarrow ? width.columns : contrasts.count > 1 ? 24 : 44
                let place = TerminalReport.wrapped(row.place, indent: "  ", width: room)
                table.add(
                    [place.first ?? "", "\(row.measure.name) \(scale.unit)"]
                        + contrasts.map { scale.difference($0?.difference, $0?.low, $0?.high) })
                for rest in place.dropFirst() { table.add([rest]) }
            }
            lines += table.lines(width: width, names: 2)
        }
        return lines
    }

    private func listed(_ title: String, _ entries: [String]) -> [String] {
        guard !entries.isEmpty else { return [] }
        return ["", title]
            + entries.flatMap { entry in
                width.wrapped(entry, indent: "  ", less: 2).map { "  " + $0 }
            }
    }
}

/// The contrasts of one axis, both sides in one row.
struct ContrastGroup {
    struct Row {
        var place: String
        var measure: Measure
        var baseline: AxisContrast?
        var candidate: AxisContrast?
    }

    /// `NodePort beside LoadBalancer`.
    var title: String
    var rows: [Row]

    static func all(_ contrasts: [AxisContrast]) -> [ContrastGroup] {
        var groups: [ContrastGroup] = []
        for contrast in contrasts {
            let axis = contrast.axis == "peering" ? "" : "\(contrast.axis) "
            let title = "\(axis)\(contrast.value) compared with \(axis)\(contrast.reference)"
            if !groups.contains(where: { $0.title == title }) { groups.append(ContrastGroup(title: title, rows: [])) }
            guard let group = groups.firstIndex(where: { $0.title == title }) else { continue }
            let known = groups[group].rows.firstIndex {
                $0.place == contrast.place && $0.measure == contrast.measure
            }
            let row = known ?? groups[group].rows.count
            if known == nil { groups[group].rows.append(Row(place: contrast.place, measure: contrast.measure)) }
            if contrast.isCandidate {
                groups[group].rows[row].candidate = contrast
            } else {
                groups[group].rows[row].baseline = contrast
            }
        }
        return groups
    }
}
