package import QuakeAnalysis
import QuakeTimeline

/// JUnit XML, as CI systems read it (Jenkins' schema of it): a suite for the plan and each cell of its matrix, with a case
/// for each expectation and each hypothesis of its repeats, and a suite for how the run itself ended. Inconclusive is an
/// error, not applicable is skipped as is the comparison without a baseline, and what was seen stands in system-out.
package struct JUnitReport {
    private typealias Case = JUnitDocument.Case
    private typealias Suite = JUnitDocument.Suite

    private let findings: Findings

    package init(_ findings: Findings) { self.findings = findings }

    /// The whole document.
    package func text() -> String { JUnitDocument(suites: cells() + [ending()]).text() }

    // MARK: - What is said

    private func cells() -> [Suite] {
        findings.cells.map { cell in
            let labels = cell.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            let trials = findings.trials.filter { $0.cell == cell.cell }
            let name = findings.info.planName + (labels.isEmpty ? "" : " [\(labels.joined(separator: ", "))]")
            return Suite(
                name: name, seconds: trials.reduce(0) { $0 + ($1.end - $1.start).inSeconds },
                cases: cell.verdicts.map { expectation($0, trials) } + trials.flatMap(hypotheses))
        }
    }

    private func expectation(_ verdict: ExpectationVerdict, _ trials: [TrialFindings]) -> Case {
        let outcome: JUnitDocument.Outcome =
            switch verdict.result {
            case .pass: .passed
            case .fail: .failed(verdict.worst)
            case .inconclusive: .error("inconclusive: \(verdict.worst)")
            case .notApplicable: .skipped("it is about other cells")
            }
        let seen = "worst: \(verdict.worst); \(verdict.selected) looked at; line \(verdict.line) of the plan"
        let isGood = verdict.result == .pass || verdict.result == .notApplicable
        let why = isGood ? [] : trials.filter(\.isWhole).suffix(20).map(Self.effects).filter { !$0.isEmpty }
        return Case(name: verdict.claim, outcome: outcome, output: ([seen] + why).joined(separator: "\n"))
    }

    private func hypotheses(of trial: TrialFindings) -> [Case] {
        trial.hypotheses.map { hypothesis in
            Case(
                name: "repeat \(trial.repeatIndex + 1): healthy \(hypothesis.moment.rawValue)",
                outcome: hypothesis.held
                    ? .passed
                    : hypothesis.moment == .before || trial.doubts.mayHaveHealed
                        ? .error("inconclusive: \(hypothesis.detail)") : .failed(hypothesis.detail),
                output: ([hypothesis.detail, Self.effects(of: trial)] + [trial.disturbanceWords].compactMap { $0 })
                    .joined(separator: "\n"))
        }
    }

    private func ending() -> Suite {
        var cases = findings.troubles.map { trouble in
            let place = trouble.trial.map { "trial \($0 + 1)" } ?? "the run"
            return Case(name: "\(place) ends well", outcome: .error(trouble.words), output: evidence)
        }
        if cases.isEmpty { cases.append(Case(name: "the run ends well", outcome: .passed, output: evidence)) }
        cases.append(
            Case(
                name: "no worse than the baseline", outcome: .skipped("no baseline: see peerquake compare"), output: "")
        )
        return Suite(name: "\(findings.info.planName): the run", seconds: 0, cases: cases)
    }

    /// The commands' outputs that were kept, and what was noted.
    private var evidence: String {
        (findings.evidence.suffix(50).map { "evidence: \($0)" } + findings.disturbanceLines.suffix(50)
            + findings.remarks.suffix(50)).joined(separator: "\n")
    }

    private static func effects(of trial: TrialFindings) -> String {
        let effects = trial.windows.filter { !$0.isHealing }.flatMap { fault in
            fault.effects.map { effect in
                "repeat \(trial.repeatIndex + 1), \(fault.fault.id) \(effect.label): loss \(effect.lossWords), recovery "
                    + effect.recoveryWords
            }
        }
        let propagation = PropagationRow.collect([trial]).map { "repeat \(trial.repeatIndex + 1), \($0.sentence)" }
        return (effects + propagation).joined(separator: "\n")
    }
}
