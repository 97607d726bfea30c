package import QuakeAnalysis
import QuakeTimeline

/// Markdown for a pull request or a CI job's summary: the verdict, what each fault cost by each method, the
/// expectations.
package struct MarkdownReport {
    private let findings: Findings

    package init(_ findings: Findings) { self.findings = findings }

    /// The whole text, with a newline at its end.
    package func text() -> String {
        var lines = verdict()
        lines += findings.isLong ? repeatedEffects() : effects()
        lines += propagation() + expectations()
        return lines.joined(separator: "\n") + "\n"
    }

    private func verdict() -> [String] {
        let isRunning = findings.isRunning
        let ending = findings.verdict.predicate
        let words = isRunning ? "still runs (\(ending) so far)" : ending
        var lines = [
            "### Peerquake: \(Self.cell(findings.info.planName)) \(words)", "",
            "\(findings.tally.words()); "
                + (isRunning ? "" : "exit code \(findings.exit.rawValue); ")
                + "run `\(findings.info.id.printable().replacing("`", with: ""))`, seed \(findings.info.seed).",
        ]
        for trouble in findings.troubles {
            let place = trouble.trial.map { "trial \($0 + 1): " } ?? ""
            lines += ["", "> \(Self.cell("\(place)\(trouble.words)"))"]
        }
        for words in findings.disturbanceLines.prefix(20) {
            lines += ["", "> \(Self.cell(words))"]
        }
        return lines
    }

    private func effects() -> [String] {
        let hasStreams = findings.hasStreams
        var lines = [
            "",
            "| trial | fault | lane | loss | blackout | onset | recovery | p99 |\(hasStreams ? " messages lost |" : "")",
            "|---|---|---|---:|---:|---:|---:|---:|\(hasStreams ? "---:|" : "")",
        ]
        var isEmpty = true
        for trial in findings.trials {
            let labels = trial.labels.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            let title = (labels + ["repeat \(trial.repeatIndex + 1)"]).joined(separator: ", ") + trial.disturbedMark
            for fault in trial.windows where !fault.isHealing {
                for effect in fault.effects {
                    isEmpty = false
                    var row = [
                        title, fault.fault.id, effect.label, effect.lossWords, effect.blackoutWords,
                        effect.onsetWords, effect.recoveryWords,
                        Figures.duration(effect.latency.percentile(0.99)),
                    ]
                    if hasStreams { row.append(effect.messagesLost.map { "\($0)" } ?? "–") }
                    lines.append("| " + row.map(Self.cell).joined(separator: " | ") + " |")
                }
            }
        }
        let notes = findings.trials.flatMap { trial in
            trial.windows.filter { !$0.isHealing }.flatMap { fault in
                fault.effects.compactMap { effect in
                    fault.boundWords(effect).map {
                        "Repeat \(trial.repeatIndex + 1), \(fault.fault.id), \(effect.label), given when the fault took effect: \($0)."
                    }
                }
            }
        }
        let carriers = findings.trials.flatMap { trial in
            trial.faults.compactMap { fault in
                fault.carried.map {
                    "Repeat \(trial.repeatIndex + 1), \(trial.peering), \(fault.fault.id): "
                        + "\(fault.fault.targets.joined(separator: ", ")) \($0.words)."
                }
            }
        }
        let doubt =
            findings.trials.contains(where: \.isDoubtful)
            ? ["Ranges: suspect slots counted good, and counted bad."] : []
        return isEmpty ? [] : lines + (doubt + (notes + carriers).map(Self.cell)).flatMap { ["", $0] }
    }

    /// A job's summary has a limit, and its reader has not all day.
    private func repeatedEffects() -> [String] {
        var lines = [
            "",
            "| cell | fault | lane | hit | loss, median | blackout, longest | recovery, median | longest | in trial |",
            "|---|---|---|---:|---:|---:|---:|---:|---:|",
        ]
        var notes: [String] = []
        for trials in findings.trialsByCell {
            let labels = trials.first?.labels.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" } ?? []
            let title = labels.isEmpty ? "all" : labels.joined(separator: ", ")
            for item in RepeatedEffect.collect(trials) where !item.isHealing {
                lines.append(
                    "| " + ([title, item.step, item.label] + item.figures).map(Self.cell).joined(separator: " | ")
                        + " |")
                if let doubt = item.doubtWords {
                    notes += [
                        "", Self.cell("\(title), \(item.step) \(item.label), suspect slots good or bad: \(doubt)."),
                    ]
                }
            }
        }
        return lines.count > 3 ? lines + notes : []
    }

    private func propagation() -> [String] {
        let groups = findings.isLong ? findings.trialsByCell : findings.trials.map { [$0] }
        let rows = groups.flatMap { trials -> [String] in
            let labels = trials.first?.labels.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" } ?? []
            let parts = labels + (findings.isLong ? [] : trials.map { "repeat \($0.repeatIndex + 1)" })
            let title = parts.isEmpty ? "all" : parts.joined(separator: ", ")
            return PropagationRow.collect(trials).map { row in
                "| " + ([title] + row.cells).map(Self.cell).joined(separator: " | ") + " |"
            }
        }
        guard !rows.isEmpty else { return [] }
        return [
            "", "| \(findings.isLong ? "cell" : "trial") | \(PropagationRow.titles.joined(separator: " | ")) |",
            "|---|---|---|---|---:|---:|---:|---:|",
        ] + rows
    }

    private func expectations() -> [String] {
        guard !findings.verdicts.isEmpty else { return [] }
        return ["", "| expectation | verdict | worst |", "|---|---|---|"]
            + findings.verdicts.map { verdict in
                "| \(Self.cell(verdict.claim)) | \(verdict.result.rawValue) | \(Self.cell(verdict.worst)) |"
            }
    }

    /// What would end a table's cell or begin markup, written so that it does not.
    static func cell(_ text: String) -> String {
        text.replacing("\n", with: " ").printable().replacing("\\", with: "\\\\").replacing("|", with: "\\|")
            .replacing("<", with: "&lt;").replacing("*", with: "\\*").replacing("_", with: "\\_")
            .replacing("`", with: "\\`")
    }
}
