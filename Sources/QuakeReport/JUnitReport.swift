package import QuakeAnalysis
import QuakeTimeline

/// JUnit XML, as CI systems read it: a suite for the plan's expectations, with a case for each, and a suite for each
/// matrix cell, with a case for each hypothesis of its repeats. Inconclusive is an error, not applicable is skipped, and
/// what was seen stands in system-out.
package struct JUnitReport {
    private enum Outcome {
        case passed
        case failed(String)
        case error(String)
        case skipped(String)
    }

    private struct Case {
        var name: String
        var outcome: Outcome
        var output: String
    }

    private struct Suite {
        var name: String
        var seconds: Double
        var cases: [Case]
    }

    private let findings: Findings

    package init(_ findings: Findings) { self.findings = findings }

    /// The whole document.
    package func text() -> String {
        let suites = [expectations()] + cells()
        var lines = ["<?xml version=\"1.0\" encoding=\"UTF-8\"?>"]
        let cases = suites.flatMap(\.cases)
        lines.append("<testsuites name=\"peerquake\" \(counts(of: cases)) time=\"\(seconds(suites.map(\.seconds)))\">")
        for suite in suites {
            lines.append(
                "  <testsuite name=\"\(escaped(suite.name))\" \(counts(of: suite.cases)) "
                    + "skipped=\"\(suite.cases.count { if case .skipped = $0.outcome { true } else { false } })\" "
                    + "time=\"\(seconds([suite.seconds]))\">")
            for item in suite.cases { lines += text(of: item, in: suite) }
            lines.append("  </testsuite>")
        }
        lines.append("</testsuites>")
        return lines.joined(separator: "\n") + "\n"
    }

    private func seconds(_ parts: [Double]) -> String { Figures.decimals(parts.reduce(0, +), 2) }

    private func counts(of cases: [Case]) -> String {
        let failures = cases.count { if case .failed = $0.outcome { true } else { false } }
        let errors = cases.count { if case .error = $0.outcome { true } else { false } }
        return "tests=\"\(cases.count)\" failures=\"\(failures)\" errors=\"\(errors)\""
    }

    private func text(of item: Case, in suite: Suite) -> [String] {
        let head = "    <testcase name=\"\(escaped(item.name))\" classname=\"\(escaped(suite.name))\" time=\"0\">"
        let body =
            switch item.outcome {
            case .passed: ""
            case .failed(let why): "      <failure message=\"\(escaped(why))\"/>\n"
            case .error(let why): "      <error message=\"\(escaped(why))\"/>\n"
            case .skipped(let why): "      <skipped message=\"\(escaped(why))\"/>\n"
            }
        return [head + "\n" + body + "      <system-out>\(escaped(item.output))</system-out>", "    </testcase>"]
    }

    // MARK: - What is said

    private func expectations() -> Suite {
        var cases = findings.verdicts.map { verdict in
            let outcome: Outcome =
                switch verdict.result {
                case .pass: .passed
                case .fail: .failed(verdict.worst)
                case .inconclusive: .error("inconclusive: \(verdict.worst)")
                case .notApplicable: .skipped("no trial is selected")
                }
            return Case(
                name: verdict.claim, outcome: outcome,
                output: "worst: \(verdict.worst); \(verdict.selected) looked at; line \(verdict.line) of the plan")
        }
        for trouble in findings.troubles {
            let place = trouble.trial.map { "trial \($0 + 1)" } ?? "the run"
            cases.append(Case(name: "\(place) ends well", outcome: .error(trouble.words), output: evidence))
        }
        return Suite(name: findings.info.planName, seconds: 0, cases: cases)
    }

    private var evidence: String {
        findings.evidence.isEmpty ? "" : "evidence: \(findings.evidence.joined(separator: ", "))"
    }

    private func cells() -> [Suite] {
        let cells = Dictionary(grouping: findings.trials, by: \.cell).sorted { $0.key < $1.key }
        return cells.map { _, trials in
            let labels = trials.first?.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" } ?? []
            let cases = trials.flatMap { trial in
                trial.hypotheses.map { hypothesis in
                    Case(
                        name: "repeat \(trial.repeatIndex + 1): healthy \(hypothesis.moment.rawValue)",
                        outcome: hypothesis.held ? .passed : .failed(hypothesis.detail), output: Self.effects(of: trial)
                    )
                }
            }
            return Suite(
                name: "\(findings.info.planName) [\(labels.joined(separator: ", "))]",
                seconds: trials.reduce(0) { $0 + ($1.end - $1.start).inSeconds }, cases: cases)
        }
    }

    private static func effects(of trial: TrialFindings) -> String {
        trial.faults.filter { !$0.isHealing }.flatMap { fault in
            fault.effects.map { effect in
                "\(fault.fault.id) \(effect.label): loss \(Figures.duration(effect.loss)), recovery "
                    + "\(effect.isCensored ? "> " : "")\(Figures.duration(effect.stableNanoseconds))"
            }
        }.joined(separator: "\n")
    }

    /// XML 1.0 has no place for most control characters.
    private func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\t", "\n": result.unicodeScalars.append(scalar)
            case _ where scalar.value < 32: result += "�"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
