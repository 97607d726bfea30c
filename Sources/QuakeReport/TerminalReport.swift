package import QuakeAnalysis
import QuakePlan
import QuakeTimeline

/// The report that a run ends with on a terminal: at most 80 columns and as many as it has, the verdict first, the next
/// command last.
package struct TerminalReport {
    let findings: Findings
    let shown: [TrialFindings]
    private let color: Bool
    private let directory: String
    let width: PageWidth

    /// - Parameters:
    ///   - trial: shows this trial alone; the verdict is the run's all the same.
    ///   - width: of the terminal.
    package init(
        _ findings: Findings, directory: String, color: Bool, only trial: Int? = nil, width: PageWidth = .standard
    ) {
        self.findings = findings
        shown = findings.trials.filter { trial == nil || $0.index == trial }
        self.directory = directory
        self.color = color
        self.width = width
    }

    /// The whole text, with a newline at its end.
    package func text() -> String {
        var lines = verdict()
        if isLong {
            lines += repeatedEffects() + repeatedBreakdowns() + repeatedDials()
        } else {
            lines += effects() + breakdowns() + dials()
        }
        lines += proxyFailures() + propagation() + expectations()
        lines += isLong ? repeatedRemainder() : remainder()
        lines += settings()
        lines += ["", "What a number means and what it cannot show: docs/measurement.md"] + nextCommands()
        return Ink.page(lines, color: color, width: width)
    }

    private var isLong: Bool { cells.contains { $0.count > 3 } }

    /// What is shown of each cell.
    var cells: [[TrialFindings]] {
        Dictionary(grouping: shown, by: \.cell).sorted { $0.key < $1.key }.map(\.value)
    }

    private func nextCommands() -> [String] {
        var commands = [("Again", "peerquake report \(directory)")]
        if findings.exit == .cleanupIncomplete { commands.insert(("Heal", "peerquake recover \(directory)"), at: 0) }
        if isLong, let worst = worstTrial {
            commands.append(("Trial \(worst + 1) alone", "peerquake report \(directory) --trial \(worst + 1)"))
        }
        return commands.map { "\($0): \($1.printable())" }
    }

    func paint(_ text: String, _ code: String) -> String { Ink.paint(text, code, color: color) }

    // MARK: - The verdict

    private func verdict() -> [String] {
        let isRunning = findings.isRunning
        let word = findings.verdict.headline + (isRunning ? " so far" : "")
        var lines = width.wrapped(
            "\(findings.info.planName): \(findings.tally.words(isRunning ? "hold" : "held")); "
                + (isRunning ? "it still runs" : "exit code \(findings.exit.rawValue)"), indent: "  ",
            less: 2 + word.count)
        lines[0] = "\(paint(word, findings.verdict.tone.boldInk))  \(lines[0])"
        lines.append("run \(findings.info.id.printable()), seed \(findings.info.seed)")
        // Why one did not begin is told below.
        for trial in findings.trials where !trial.isWhole && trial.hypotheses.allSatisfy(\.held) {
            lines += width.wrapped(
                "trial \(trial.index + 1) (\(title(of: trial))) \(isRunning ? "is in progress" : "was cut off"): shown, "
                    + "not judged", indent: "  ")
        }
        for trouble in findings.troubles {
            let place = trouble.trial.map { "trial \($0 + 1): " } ?? ""
            lines += width.wrapped("! \(place)\(trouble.words)", indent: "  ")
        }
        for words in findings.disturbanceLines.prefix(Self.mostDisturbed) {
            lines += width.wrapped("~ \(words)", indent: "  ")
        }
        let rest = findings.disturbanceLines.count - Self.mostDisturbed
        if rest > 0 { lines.append("~ and \(Figures.count(rest, "more trial")) disturbed") }
        if findings.exit == .inconclusive {
            for verdict in findings.verdicts where verdict.result == .inconclusive {
                lines += width.wrapped("? \(verdict.claim): \(verdict.worst)", indent: "  ")
            }
        }
        return lines
    }

    /// Disturbed trials that are told one by one.
    private static let mostDisturbed = 5

    static func wrapped(_ text: String, indent: String, width: Int = 80) -> [String] {
        var lines: [String] = []
        var line = ""
        for part in text.split(whereSeparator: { $0 == " " || $0 == "\t" || $0.isNewline }) {
            let word = String(part).printable()
            if !line.isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                line = indent + word
            } else {
                line += line.isEmpty ? word : " " + word
            }
        }
        if !line.isEmpty { lines.append(line) }
        return lines
    }

    // MARK: - Effects

    private func effects() -> [String] {
        var lines: [String] = []
        for trial in shown where !trial.faults.isEmpty {
            lines.append("")
            lines.append(paint(title(of: trial) + trial.disturbedMark, "1"))
            var table = TextTable(
                ["fault", "lane", "loss", "share", "blackout", "onset", "recovery", "p99"]
                    + (hasStreams ? ["msgs"] : []), right: [2, 3, 4, 5, 6, 7, 8])
            for fault in trial.windows {
                let names = names(of: fault.fault.id, fault.isHealing)
                for (index, effect) in fault.effects.enumerated() {
                    let messages = hasStreams ? [effect.messagesLost.map { "\($0)" } ?? "–"] : []
                    table.add([index < names.count ? names[index] : ""] + row(effect) + messages)
                }
                for name in names.dropFirst(fault.effects.count) { table.add([name]) }
            }
            lines += table.lines(width: width, less: [3, 7, 5], names: 2)
            for fault in trial.windows {
                lines += fault.notes(fault.fault.id.printable()).flatMap { width.wrapped($0, indent: "  ", less: 2) }
                    .map { "  \($0)" }
            }
        }
        return lines.isEmpty || !hasStreams ? lines : lines + ["", "  msgs: messages lost with a stream's connection"]
    }

    /// Whether any lane is a stream, whose messages can be lost.
    var hasStreams: Bool { findings.hasStreams }

    func title(of trial: TrialFindings) -> String {
        let labels = trial.labels.sorted { $0.key < $1.key }.filter { $0.key != "peering" }
            .map { "\($0.key) \($0.value)" }
        let parts = [trial.peering] + labels + ["repeat \(trial.repeatIndex + 1)"]
        return parts.filter { !$0.isEmpty }.joined(separator: ", ").printable()
    }

    /// A fault's name on one line, or the names of steps that share its window below each other where they are too long.
    func names(of id: String, _ isHealing: Bool, width: Int = 16) -> [String] {
        let name = (isHealing ? "(\(id))" : id).printable()
        guard name.count > width else { return [name] }
        let names = name.components(of: FaultFindings.separator)
        return names.enumerated().map { index, part in
            let line = index == 0 ? part : "+ \(part)"
            return line.count > width ? String(line.prefix(width - 1)) + "…" : line
        }
    }

    private func row(_ effect: LaneEffect) -> [String] {
        // The ranges stand below the table.
        func marked(_ text: String, _ isDoubtful: Bool) -> String { isDoubtful ? "\(text) ?" : text }
        return [
            effect.label, marked(Figures.duration(effect.loss), effect.lossRange != nil),
            effect.bad == 0 ? "–" : Figures.share(effect.share),
            marked(Blackout.words(effect.blackoutNanoseconds), effect.isBlackoutDoubtful),
            effect.onsetWords,
            marked(effect.bad == 0 ? "–" : effect.recoverySeen, effect.recoveryRange != nil),
            Figures.duration(effect.latency.percentile(0.99)),
        ]
    }

    // MARK: - Why

    private func breakdowns() -> [String] {
        var lines: [String] = []
        for trial in shown {
            var groups: Set<String> = []
            for fault in trial.faults where fault.isTold {
                lines.append("")
                lines.append(
                    "\(title(of: trial)): after \(fault.fault.action) of \(fault.fault.targets.joined(separator: ", ").printable())"
                )
                if let carried = fault.carried {
                    lines += width.wrapped("  \(carried.words)", indent: "    ", less: 2).map { "  \($0)" }
                }
                lines += steps(of: fault.breakdown)
                // Lost in the window that it shares with others.
                guard groups.insert(fault.group).inserted else { continue }
                for effect in fault.effects { lines += redials(effect) }
            }
        }
        return lines
    }

    /// Words of each part of a breakdown.
    static let parts: [(words: String, moment: any KeyPath<Breakdown, Int64?> & Sendable)] = [
        ("load balancer's health check out", \.healthCheckOut), ("node NotReady", \.detection),
        ("endpoint withdrawn", \.endpointWithdrawn), ("balancer dropped the node", \.balancerDropped),
        ("another endpoint ready", \.endpointReplaced), ("istiod pushed", \.configPushed),
    ]

    private func steps(of breakdown: Breakdown) -> [String] {
        Self.parts.map { ($0.words, breakdown[keyPath: $0.moment]) }.compactMap { words, at in at.map { (words, $0) } }
            .sorted { $0.1 < $1.1 }.map { words, at in
                "  +\(Figures.duration(at))  \(words)"
            }
    }

    private func redials(_ effect: LaneEffect) -> [String] {
        effect.redials.map { redial in
            let lost =
                "connection \(redial.connection) lost +\(Figures.duration(redial.lostNanoseconds)) (\(redial.reason))"
            guard let successor = redial.successor, let healed = redial.healedNanoseconds else {
                return "  \(effect.label): \(lost), not healed"
            }
            return
                "  \(effect.label): \(lost), healed +\(Figures.duration(healed)) by redial \(redial.dials) (\(successor))"
        }.flatMap { width.wrapped($0.trimmedStart, indent: "      ", less: 2).map { "  " + $0 } }
    }

    private func dials() -> [String] {
        var lines: [String] = []
        for trial in shown where !trial.failedDials.isEmpty {
            lines.append("")
            let failed = trial.failedDials.reduce(0) { $0 + $1.count }
            lines.append("\(title(of: trial)): failed dials (\(failed) of \(trial.dials))")
            var table = TextTable(["by", "target", "class", "errno", "count", "longest"], right: [4, 5])
            for group in trial.failedDials.prefix(8) { table.add(Self.row(group)) }
            lines += table.lines(width: width, names: 2)
        }
        return lines
    }

    /// What the mesh's own proxies say; of a long run, of all its trials together.
    private func proxyFailures() -> [String] {
        let groups = isLong ? cells : shown.map { [$0] }
        return groups.flatMap { trials -> [String] in
            let found = Self.merged(trials.flatMap(\.proxyFailures))
            guard let first = trials.first, !found.isEmpty else { return [] }
            let count = found.reduce(0) { $0 + $1.count }
            let title = isLong ? title(ofCell: first, trials.count) : title(of: first)
            let head = "\(title): connections that the mesh's proxies ended with an error (\(count))"
            return [""] + Self.wrapped(head, indent: "  ")
                + found.prefix(8).flatMap { group in
                    Self.wrapped(Self.words(of: group), indent: "      ", width: 78).map { "  " + $0 }
                }
        }
    }

    /// As one line of a proxy's log stands for many.
    static func words(of group: ProxyFailureGroup) -> String {
        let lanes = group.lanes.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        return "\(group.hop.rawValue), \(Quantity.count(group.count, "time")) to \(group.target), at most "
            + Figures.duration(Int64(group.longestMillis * 1e6))
            + (lanes.isEmpty ? "" : " (\(lanes.joined(separator: ", ")))") + ": \(group.error)"
    }

    /// One group of each kind, in the order of the first ones.
    static func merged(_ groups: [ProxyFailureGroup]) -> [ProxyFailureGroup] {
        var merged: [ProxyFailureGroup] = []
        for group in groups {
            let place = merged.firstIndex { known in
                known.cluster == group.cluster && known.hop == group.hop && known.target == group.target
                    && known.error == group.error
            }
            guard let place else {
                merged.append(group)
                continue
            }
            merged[place].count += group.count
            merged[place].longestMillis = max(merged[place].longestMillis, group.longestMillis)
            merged[place].lanes.merge(group.lanes, uniquingKeysWith: +)
        }
        return merged
    }

    static func row(_ group: DialGroup) -> [String] {
        [
            group.dialer, target(of: group), "\(group.outcome), \(group.phase)", ErrnoName.text(group.errno),
            "\(group.count)", Figures.duration(Int64(group.longestMillis * 1e6)),
        ]
    }

    private static func target(of group: DialGroup) -> String {
        if !group.targetNode.isEmpty { return group.targetNode }
        return group.outcome == DialOutcome.noTarget.name ? "(none)" : "(load balancer)"
    }

    // MARK: - Propagation

    /// A table for each trial, or of a long run for each cell.
    private func propagation() -> [String] {
        let groups = isLong ? cells : shown.map { [$0] }
        return groups.flatMap { trials -> [String] in
            let rows = PropagationRow.collect(trials)
            guard let first = trials.first, !rows.isEmpty else { return [] }
            var table = TextTable(PropagationRow.titles, right: [3, 4, 5, 6])
            for row in rows { table.add(Array(names(of: row.all.step, false).prefix(1)) + row.cells.dropFirst()) }
            let title = isLong ? title(ofCell: first, trials.count) : title(of: first)
            return [""] + width.wrapped("\(title): how soon changes were known", indent: "  ")
                + table.lines(width: width, less: [3, 4], names: 2)
        }
    }

    // MARK: - Expectations

    private func expectations() -> [String] {
        guard !findings.verdicts.isEmpty else { return [] }
        var lines = ["", "Expectations"]
        for verdict in findings.verdicts {
            let mark = paint(verdict.result.mark.padded(4), verdict.result.tone.ink)
            let worst = verdict.worst.isEmpty ? "" : "  worst: \(verdict.worst)"
            let wrapped = width.wrapped("\(verdict.claim)\(worst)", indent: "       ", less: 7)
            lines.append("  \(mark) \(wrapped.first ?? "")")
            lines += wrapped.dropFirst()
        }
        return lines
    }

    private func remainder() -> [String] {
        var lines: [String] = []
        for trial in shown {
            let lost = trial.lanes.filter { $0.lane.role == .probe && $0.unattributed > 0 }
            for lane in lost {
                lines.append(
                    "  \(title(of: trial)): \(Figures.count(lane.unattributed, "bad slot")) of "
                        + "\(lane.lane.traffic)/\(lane.lane.mode.rawValue) "
                        + "\(lane.unattributed == 1 ? "belongs" : "belong") to no fault"
                )
            }
            let warmUp = trial.lanes.filter { $0.lane.role == .probe }.reduce(0) { $0 + $1.warmUp }
            if warmUp > 0 {
                lines.append(
                    "  \(title(of: trial)): \(Figures.count(warmUp, "slot")) before the clean stretch "
                        + "\(warmUp == 1 ? "is" : "are") not counted")
            }
            if trial.suspectShare > 0 {
                let share = Figures.share(trial.suspectShare)
                lines.append("  \(title(of: trial)): \(share) of slots are suspect: \(reasons(trial))")
            }
            for result in findings.always where result.trial == trial.index {
                lines.append("  \(title(of: trial)): \(result.words.printable())")
            }
            for lane in trial.lanes where lane.lane.role == .sameCluster && lane.bad > 0 {
                lines.append(
                    "  \(title(of: trial)): the same-cluster control lost \(Figures.count(lane.bad, "slot")): "
                        + "the backend itself")
            }
        }
        return lines.isEmpty
            ? []
            : ["", "Outside the faults"]
                + lines.flatMap { width.wrapped($0, indent: "    ").map { "  " + $0.trimmedStart } }
    }

    /// Why slots are suspect: the first few words that were said of it.
    private func reasons(_ trial: TrialFindings) -> String {
        let said = trial.suspectReasons
        guard !said.isEmpty else { return "the prober fell behind, or its loopback control failed" }
        return said.prefix(3).joined(separator: "; ") + (said.count > 3 ? "; and \(said.count - 3) more" : "")
    }

    private func settings() -> [String] {
        let given = (findings.info.given ?? []).filter(\.isGivenElsewhere)
        let facts =
            given.map { "\($0.name): \($0.value) (\($0.origin))" }
            + findings.info.facts.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        guard !facts.isEmpty else { return [] }
        let note = TunnelNote.text(findings.info.facts).map { width.wrapped($0, indent: "", less: 2) } ?? []
        return ["", "Settings"] + facts.flatMap { width.wrapped($0, indent: "    ", less: 4).map { "  " + $0 } }
            + note.map { "  " + $0 }
    }
}

extension FaultFindings {
    /// What it did is worth a look: it cost something, or it cost nothing although, or because, of what its nodes carried.
    fileprivate var isTold: Bool { !isHealing && (carried != nil || effects.contains { $0.bad > 0 }) }
}

extension String {
    fileprivate var trimmedStart: String { String(drop { $0 == " " }) }

    /// What is between the occurrences of `separator`.
    fileprivate func components(of separator: String) -> [String] {
        split(separator: separator, omittingEmptySubsequences: false).map(String.init)
    }
}
