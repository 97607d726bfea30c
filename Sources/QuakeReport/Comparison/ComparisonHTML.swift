package import QuakeAnalysis
import QuakeTimeline

/// A comparison as one self-contained page: the verdict, a row for each key, and every repeat as a dot.
package struct ComparisonHTML {
    private let comparison: RunComparison

    package init(_ comparison: RunComparison) { self.comparison = comparison }

    /// The whole file.
    package func text() -> String {
        var sections = [Page.Section("verdict", "Verdict", verdict())]
        if !comparison.keys.isEmpty { sections.append(Page.Section("keys", "Every repeat", details())) }
        let contrasts = contrasts()
        if !contrasts.html.isEmpty { sections.append(Page.Section("pairs", "Side by side in one run", contrasts)) }
        let rest = notCompared()
        if !rest.html.isEmpty { sections.append(Page.Section("rest", "Not compared", rest)) }
        sections.append(Page.Section("reading", "Reading this page", Self.reading))
        return Page(
            title: comparison.planWords, kicker: "Peerquake comparison", sections: sections,
            style: Asset.comparisonStyle
        ).text()
    }

    private func verdict() -> Markup {
        let verdict = comparison.verdict
        let banner = Banner(
            verdict.tone, word: "\(verdict.rawValue.capitalizedFirst).",
            sentence: "\(comparison.countWords); exit code \(comparison.exit.rawValue).",
            details: [
                "candidate: \(comparison.candidate.runs.joined(separator: ", "))",
                "baseline: \(comparison.baselineWords(separator: ", "))", comparison.methodWords,
            ])
        var markup = banner.markup
        if !comparison.keys.isEmpty { markup = markup + overview() }
        if !comparison.differences.isEmpty {
            markup = markup + Markup(trusted: "<h3>What the sides do not share</h3>") + differences()
        }
        return markup
    }

    private func overview() -> Markup {
        var table = HTMLTable(
            "Medians, baseline → candidate, and the difference with its 95 % interval",
            [
                .init("key"), .init("verdict"), .init("repeats", isNumber: true), .init("recovery", isNumber: true),
                .init("difference", isNumber: true), .init("p", isNumber: true), .init("loss", isNumber: true),
                .init("difference", isNumber: true), .init("p", isNumber: true),
            ])
        for (index, key) in comparison.keys.enumerated() {
            var row: [HTMLTable.Cell] = [
                .link(key.words, to: "#key-\(index)"),
                .text(key.verdict.rawValue, tone: key.verdict.keyTone.ofCell),
                .text("\(key.baselineRepeats) → \(key.candidateRepeats)"),
            ]
            for measure in Measure.tested {
                guard let figures = key[measure] else { continue }
                let scale = Scale(figures)
                let isWorse = figures.verdict(at: Comparer.level) == .worse
                row += [
                    .text(scale.change(figures), tone: isWorse ? .bad : nil),
                    .text(scale.difference(figures.difference, figures.differenceLow, figures.differenceHigh)),
                    .text(Figures.probability(figures.worseAdjustedP)),
                ]
            }
            table.add(row)
        }
        return table.markup
    }

    private func differences() -> Markup {
        var table = HTMLTable("", [.init("setting"), .init("baseline"), .init("candidate")])
        table.caption = "Settings and versions"
        for difference in comparison.differences {
            func side(_ values: [String]) -> HTMLTable.Cell {
                .text(values.isEmpty ? "not set" : values.joined(separator: ", "))
            }
            table.add([.text(difference.setting), side(difference.baseline), side(difference.candidate)])
        }
        return table.markup
    }

    // MARK: - Keys

    private func details() -> Markup {
        comparison.keys.enumerated().reduce(Markup(trusted: "")) { $0 + details($1.element, $1.offset) }
    }

    private func details(_ key: KeyComparison, _ index: Int) -> Markup {
        let plots = Measure.tested.compactMap { measure in key[measure] }
            .map { StripPlot(measure: $0, verdict: $0.verdict(at: Comparer.level)).markup.html }.joined()
        let reason =
            "\(key.verdict.rawValue): \(key.reason). Any loss in \(key.candidateLosing) of \(key.candidateRepeats) "
            + "repeats; baseline \(key.baselineLosing) of \(key.baselineRepeats)."
        return Markup(trusted: "<h3 id=\"key-\(index)\">") + .text(key.words) + Markup(trusted: "</h3><p>")
            + .text(reason) + Markup(trusted: "</p><div class=\"strips\">\(plots)</div>")
            + Fold.markup("All measures", figures(key))
    }

    private func figures(_ key: KeyComparison) -> Markup {
        var table = HTMLTable(
            "Medians with 95 % bootstrap intervals; the difference is Hodges and Lehmann's, A Vargha and Delaney's",
            [
                .init("measure"), .init("baseline", isNumber: true), .init("candidate", isNumber: true),
                .init("difference", isNumber: true), .init("A", isNumber: true),
                .init("minimum effect", isNumber: true), .init("p worse", isNumber: true),
                .init("p better", isNumber: true),
            ])
        for measure in key.measures where measure.baseline != nil || measure.candidate != nil {
            let scale = Scale(measure)
            table.add([
                .text("\(measure.measure.name), \(scale.unit)"), .text(scale.text(measure.baseline)),
                .text(scale.text(measure.candidate)),
                .text(scale.difference(measure.difference, measure.differenceLow, measure.differenceHigh)),
                .text(measure.effectSize.map { Figures.decimals($0, 2) } ?? "–"),
                .text(Figures.duration(measure.minimumEffect)), .text(Figures.probability(measure.worseAdjustedP)),
                .text(Figures.probability(measure.betterAdjustedP)),
            ])
        }
        return table.markup
    }

    // MARK: - The rest

    private func contrasts() -> Markup {
        let names = comparison.isWithin ? ["difference"] : ["baseline", "candidate"]
        let sides = names.flatMap { [HTMLTable.Column($0, isNumber: true), .init("p", isNumber: true)] }
        return ContrastGroup.all(comparison.contrasts).reduce(Markup(trusted: "")) { markup, group in
            var table = HTMLTable(
                "\(group.title): the difference within each repeat, with its 95 % interval",
                [.init("where"), .init("measure")] + sides)
            for row in group.rows {
                let scale = Scale([row.baseline, row.candidate].compactMap { $0?.difference })
                func side(_ contrast: AxisContrast?) -> [HTMLTable.Cell] {
                    [
                        .text(scale.difference(contrast?.difference, contrast?.low, contrast?.high)),
                        .text(Figures.probability(contrast?.p)),
                    ]
                }
                table.add(
                    [.text(row.place), .text("\(row.measure.name), \(scale.unit)")]
                        + (comparison.isWithin ? [] : side(row.baseline)) + side(row.candidate))
            }
            return markup + table.markup
        }
    }

    private func notCompared() -> Markup {
        func list(_ title: String, _ entries: [String]) -> Markup {
            guard !entries.isEmpty else { return Markup(trusted: "") }
            let items = entries.map { "<li>\(Markup.escaped($0))</li>" }.joined()
            return Markup(trusted: "<h3>\(title)</h3><ul class=\"plain\">\(items)</ul>")
        }
        return list("Without a match", comparison.unmatched.map(\.words))
            + list("Left out", comparison.leftOut.map(\.words))
    }

    private static let reading = Markup(
        trusted: """
            <p>Each dot is one repeat of a fault, a triangle one whose recovery was not seen to its end: it took at \
            least that long. The line is the median, the bar its 95 % interval. Worse is what a one-sided permutation \
            test of recovery or of loss shows, corrected for all tests of this comparison, and what exceeds the \
            minimum effect, below which the probe cannot tell a difference. Same means that neither was shown: the interval \
            of the difference tells what may have been missed. With fewer than ten repeats per side nothing is tested.</p>
            """)
}
