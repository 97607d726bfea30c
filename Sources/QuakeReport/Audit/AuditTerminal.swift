package import QuakeAudit
import QuakeTimeline

/// An audit on a terminal: at most 80 columns and as many as it has, the verdict first, then findings, worst first, then
/// what was not checked.
package struct AuditTerminal {
    private let report: AuditReport
    private let color: Bool
    private let width: PageWidth

    /// - Parameter width: of the terminal.
    package init(_ report: AuditReport, color: Bool, width: PageWidth = .standard) {
        self.report = report
        self.width = width
        self.color = color
    }

    /// The whole text, with a newline at its end.
    package func text() -> String {
        let head = "audit: \(report.countWords); exit code \(report.exitCode)"
        let word = report.verdictWord
        // The verdict's colours take no room.
        var lines = width.wrapped(head, indent: "  ", less: 2 + word.count)
        lines[0] = "\(paint(word, report.tone.boldInk))  \(lines.first ?? "")"
        for words in report.clusterWords {
            lines += width.wrapped("  \(words)", indent: "  ", less: 2).map { "  \($0)" }
        }
        for finding in report.findings { lines += self.lines(finding) }
        lines += gaps()
        lines += ignored()
        if !report.findings.isEmpty {
            lines += ["", "Why it matters: peerquake audit --explain RULE. Fixes as YAML: --fix-dir DIR"]
        }
        return Ink.page(lines, color: color, width: width)
    }

    private func paint(_ text: String, _ code: String) -> String { Ink.paint(text, code, color: color) }

    private func lines(_ finding: Finding) -> [String] {
        let severity = finding.rule.severity
        let word = severity.rawValue.padded(7)
        var lines = ["", "\(paint(word, severity.tone.boldInk))  \(finding.cluster.printable())  \(finding.rule.id)"]
        lines += block(finding.message)
        for evidence in finding.evidence { lines += block(Self.short(evidence.words), mark: "- ") }
        if let cost = finding.cost { lines += block(cost, mark: "cost: ") }
        return lines + block(finding.rule.remedy, mark: "fix: ")
    }

    /// Whole objects may be evidence: the JSON has all of it.
    private static func short(_ text: String) -> String {
        text.count > 240 ? String(text.prefix(239)) + "…" : text
    }

    private func block(_ text: String, mark: String = "") -> [String] {
        width.wrapped(broken(mark + text), indent: mark.isEmpty ? "" : "  ", less: 4).map {
            "    \($0)"
        }
    }

    /// Words that no line has room for, as JSON is, in pieces.
    private func broken(_ text: String) -> String {
        var result = ""
        var length = 0
        for character in text {
            length = character.isWhitespace ? 0 : length + 1
            if length > width.columns - 8 {
                result.append(" ")
                length = 1
            }
            result.append(character)
        }
        return result
    }

    private func gaps() -> [String] {
        let groups = report.gapGroups
        guard !groups.isEmpty else { return [] }
        var lines = ["", "Not checked"]
        for group in groups {
            lines += width.wrapped(group.why, indent: "  ", less: 2).map { "  \($0)" }
            lines += width.wrapped(group.rules.joined(separator: ", "), indent: "", less: 6).map {
                "      \($0)"
            }
        }
        return lines
    }

    private func ignored() -> [String] {
        guard !report.ignored.isEmpty else { return [] }
        return ["", "Ignored"]
            + report.ignored.flatMap { entry in
                width.wrapped(
                    "\(entry.finding.cluster): \(entry.finding.rule.id): \(entry.finding.message). Reason: \(entry.reason)",
                    indent: "  ", less: 2
                ).map { "  \($0)" }
            }
    }
}
