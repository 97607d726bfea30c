import QuakeAnalysis
import QuakeTimeline

extension HTMLReport {
    /// One line of the table: a fault's effects on one lane by one method, over the repeats.
    private struct Line {
        var heading: String
        var fault: FaultFindings
        var label: String
        var method: String
        var effects: [LaneEffect] = []
        var first: RunInstant
    }

    func verdict() -> Markup {
        banner().markup + troubles() + disturbances() + table()
    }

    // MARK: - In words

    private func banner() -> Banner {
        let isRunning = findings.isRunning
        var sentence = "\(findings.tally.words(isRunning ? "hold" : "held"))."
        if let failed = findings.verdicts.first(where: { $0.result == .fail })
            ?? findings.verdicts.first(where: { $0.result == .inconclusive })
        {
            sentence += " \(failed.result == .fail ? "Broken" : "Undecided"): \(failed.claim)"
            sentence += failed.worst.isEmpty ? "." : " (\(failed.worst))."
        }
        let exit = isRunning ? "It still runs" : "Exit code \(findings.exit.rawValue)"
        let word = "\(findings.verdict.sentence)\(isRunning ? " so far" : "")."
        return Banner(
            findings.verdict.tone, word: word, sentence: sentence,
            details: worst() + ["\(exit), seed \(findings.info.seed)."])
    }

    /// A sentence for each method: what cost it most.
    private func worst() -> [String] {
        var worst: [String: (effect: LaneEffect, fault: FaultFindings)] = [:]
        for trial in findings.trials {
            for fault in trial.windows where !fault.isHealing {
                for effect in fault.effects where effect.loss > worst[trial.peering]?.effect.loss ?? .nanoseconds(-1) {
                    worst[trial.peering] = (effect, fault)
                }
            }
        }
        return worst.sorted { $0.key < $1.key }.map { peering, item in
            let name = peering.isEmpty ? "" : "\(peering): "
            guard item.effect.bad > 0 else { return "\(name)no request was lost to a fault." }
            let blackout =
                item.effect.blackoutWords != "–"
                ? ", \(item.effect.blackoutWords) of it without one good answer" : ""
            let length = item.effect.recoveryLength
            let recovery =
                item.effect.isCensored ? "not back to normal within \(length)" : "back to normal after \(length)"
            return
                "\(name)\(item.fault.fault.id) cost \(item.effect.label) \(item.effect.lossWords) of traffic"
                + "\(blackout), \(recovery)."
        }
    }

    private func troubles() -> Markup {
        guard !findings.troubles.isEmpty else { return Markup(trusted: "") }
        let items = findings.troubles.map { trouble in
            let place = trouble.trial.map { "trial \($0 + 1): " } ?? ""
            return "<li>\(Markup.escaped("\(place)\(trouble.words)"))</li>"
        }
        return Markup(trusted: "<ul class=\"troubles\">\(items.joined())</ul>")
    }

    private func disturbances() -> Markup {
        let lines = findings.disturbanceLines
        guard !lines.isEmpty else { return Markup(trusted: "") }
        let items = lines.prefix(60).map { "<li>\(Markup.escaped($0))</li>" }
        return Markup(trusted: "<ul class=\"note\">\(items.joined())</ul>")
    }

    // MARK: - Peering method × fault

    private func table() -> Markup {
        let lines = lines()
        guard !lines.isEmpty else { return Markup(trusted: "<p class=\"muted\">No fault was injected.</p>") }
        let isRepeated = lines.contains { $0.effects.count > 1 }
        var columns: [HTMLTable.Column] = [
            .init("lane and method"), .init("loss", isNumber: true), .init("share", isNumber: true),
            .init("blackout", isNumber: true), .init("onset", isNumber: true), .init("recovery", isNumber: true),
            .init("p99", isNumber: true),
        ]
        if findings.hasStreams { columns.append(.init("messages lost", isNumber: true)) }
        var table = HTMLTable(
            isRepeated
                ? "What each fault cost, by peering method: median, with the least and the most below"
                : "What each fault cost, by peering method", columns)
        var last = ""
        for line in lines {
            if line.heading != last {
                last = line.heading
                let detail = "\(line.fault.fault.action)\(line.fault.isHealing ? ", healing" : "")"
                table.add(
                    heading: .link(last, to: Self.anchor(line.first)) + .text(" ")
                        + Markup(trusted: "<small class=\"inline\">\(Markup.escaped(detail))</small>"))
            }
            table.add(cells(line))
        }
        let note = """
            <p class="note">Loss is the number of bad slots times the probe’s interval. Recovery is the time from the fault \
            to the first good slot after the last bad one; it is known to one interval; its bounds are below it. \
            “>” marks a lower bound: no settled stretch of good slots followed. p99 is the latency of all slots in the fault’s window.</p>
            """
        let doubt = """
            <p class="note">Where suspect slots could change a figure, what it would be with all of them good, and with \
            all of them bad, is below it as “least to most”.</p>
            """
        return table.markup + Markup(trusted: note)
            + Markup(trusted: findings.trials.contains(where: \.isDoubtful) ? doubt : "") + boundNotes()
    }

    /// Onset and recovery, given when each fault took effect, where that says more than the slots do.
    private func boundNotes() -> Markup {
        let notes = findings.trials.flatMap { trial in
            trial.windows.flatMap { fault in
                fault.effects.compactMap { effect in
                    fault.boundWords(effect).map {
                        "\(title(trial)), \(fault.fault.id), \(effect.label), by when the fault took effect: \($0)"
                    }
                }
            }
        }
        guard !notes.isEmpty else { return Markup(trusted: "") }
        let items = notes.prefix(60).map { "<li>\(Markup.escaped($0))</li>" }
        return Markup(trusted: "<ul class=\"note\">\(items.joined())</ul>")
    }

    private func lines() -> [Line] {
        var lines: [Line] = []
        // A plan of many like faults is read by what they did rather than one by one.
        let isCrowded = Set(findings.trials.flatMap(\.windows).map(\.fault.id)).count > 16
        for trial in findings.trials {
            let method = Self.method(trial)
            for fault in trial.windows {
                let heading = isCrowded ? "every \(fault.fault.action)" : fault.fault.id
                for effect in fault.effects where !fault.isHealing || effect.bad > 0 || effect.doubtWords != nil {
                    let place = lines.firstIndex {
                        $0.heading == heading && $0.label == effect.label && $0.method == method
                    }
                    if let place {
                        lines[place].effects.append(effect)
                    } else {
                        lines.append(
                            Line(
                                heading: heading, fault: fault, label: effect.label, method: method, effects: [effect],
                                first: fault.at))
                    }
                }
            }
        }
        var order: [String: Int] = [:]
        for line in lines where order[line.heading] == nil { order[line.heading] = order.count }
        return lines.sorted {
            (order[$0.heading] ?? 0, $0.label, $0.method) < (order[$1.heading] ?? 0, $1.label, $1.method)
        }
    }

    private func cells(_ line: Line) -> [HTMLTable.Cell] {
        let repeats = line.effects.count > 1 ? "<small>\(Figures.count(line.effects.count, "time"))</small>" : ""
        let head = Markup(
            trusted:
                "\(Markup.escaped(line.label)) <span class=\"method\">\(Markup.escaped(line.method))</span>\(repeats)")
        let isBad = line.effects.contains { $0.bad > 0 }
        let isBlack = line.effects.contains(where: \.isBlackout)
        var cells: [HTMLTable.Cell] = [
            .init(head),
            spread(line.effects, tone: isBad ? (isBlack ? .bad : .unsure) : nil, range: \.lossRange) {
                $0.loss.inNanoseconds
            },
            .text(isBad ? Figures.share(Self.median(line.effects.map(\.share))) : "–"),
            spread(line.effects, tone: isBlack ? .bad : nil, range: \.blackoutRange) {
                $0.isBlackout ? $0.blackoutNanoseconds : 0
            },
            .text(
                Self.median(line.effects.compactMap { $0.onsetNanoseconds.map(Double.init) }).map {
                    Figures.duration(Int64($0))
                } ?? "–"),
            recovery(line.effects, of: line.fault),
            spread(line.effects) { ($0.latency.percentile(0.99) ?? .zero).inNanoseconds },
        ]
        if findings.hasStreams { cells.append(messages(line.effects)) }
        return cells
    }

    /// Lost with a stream's connections: in the median repeat.
    private func messages(_ effects: [LaneEffect]) -> HTMLTable.Cell {
        let counts = effects.compactMap { $0.messagesLost.map(Double.init) }
        return .text(Self.median(counts).map { "\(Int($0.rounded()))" } ?? "–")
    }

    private func recovery(_ effects: [LaneEffect], of fault: FaultFindings) -> HTMLTable.Cell {
        guard effects.contains(where: { $0.bad > 0 || $0.recoveryRange != nil }) else { return .text("–") }
        let isCensored = effects.contains(where: \.isCensored)
        if effects.count > 1 {
            var cell = spread(effects, range: \.recoveryRange) { $0.stableNanoseconds }
            cell.content = .text(Figures.bounded("", isCensored: isCensored)) + cell.content
            cell.tone = isCensored ? .unsure : nil
            return cell
        }
        let effect = effects[0]
        let upper = Figures.duration(effect.stableNanoseconds)
        if effect.recoveryRange != nil {
            let seen = effect.bad == 0 ? "–" : effect.recoverySeen
            return .init(
                .text(seen) + Markup(trusted: "<small>\(Markup.escaped(effect.recoveryWords))</small>"), tone: .unsure)
        }
        if isCensored { return .text(effect.recoverySeen, tone: .unsure) }
        let least = fault.bounds(effect.stableNanoseconds)?.lowerBound ?? effect.stableNanoseconds
        let lower = Figures.duration(max(0, least - effect.periodNanoseconds))
        return .init(.text(upper) + Markup(trusted: "<small>\(Markup.escaped("\(lower) – \(upper)"))</small>"))
    }

    /// The median, with the least and the most of several below it; a dash for zero.
    private func spread(
        _ effects: [LaneEffect], tone: Tone? = nil, range: (LaneEffect) -> ClosedRange<Int64>? = { _ in nil },
        _ value: (LaneEffect) -> Int64
    ) -> HTMLTable.Cell {
        let values = effects.map(value).sorted()
        func words(_ value: Int64) -> String { value == 0 ? "–" : Figures.duration(value) }
        // Suspect slots may widen what was seen.
        let ranges = effects.compactMap(range)
        guard let least = (ranges.map(\.lowerBound) + values).min(),
            let most = (ranges.map(\.upperBound) + values).max()
        else { return .text("–") }
        let median = Int64(Self.median(values.map(Double.init)) ?? 0)
        guard least != most else { return .text(words(median), tone: tone) }
        let range =
            ranges.isEmpty
            ? "\(Figures.duration(least)) – \(Figures.duration(most))" : Figures.range(least...most)
        return .init(.text(words(median)) + Markup(trusted: "<small>\(Markup.escaped(range))</small>"), tone: tone)
    }

    static func median(_ values: [Double]) -> Double? {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}
