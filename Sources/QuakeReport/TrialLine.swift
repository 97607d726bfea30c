package import QuakeAnalysis
import QuakePlan
import QuakeTimeline

/// A trial of a long run in one line: how it was judged, and the worst that its faults did.
package struct TrialLine {
    private let trial: TrialFindings
    private let findings: Findings

    /// - Parameter findings: of this trial alone.
    package init(_ trial: TrialFindings, _ findings: Findings) {
        self.trial = trial
        self.findings = findings
    }

    /// `trial 12  ok     NodePort, repeat 6: kill lost 2.98 s, recovered after 4.13 s`
    package var text: String {
        let word = findings.verdict.mark.padded(6)
        let labels = trial.labels.filter { $0.key != "peering" }.sorted { $0.key < $1.key }
        let cell = [trial.peering] + labels.map { "\($0.key) \($0.value)" } + ["repeat \(trial.repeatIndex + 1)"]
        let parts = [worst, failure, trial.disturbanceWords].compactMap { $0 }
        return "trial \(trial.index + 1)  \(word) \(cell.filter { !$0.isEmpty }.joined(separator: ", "))"
            + (parts.isEmpty ? "" : ": \(parts.joined(separator: "; "))")
    }

    private var worst: String? {
        let effects = trial.windows.filter { !$0.isHealing }.flatMap { fault in fault.effects.map { (fault, $0) } }
        guard let (fault, effect) = effects.max(by: { $0.1.loss < $1.1.loss }), effect.bad > 0 else { return nil }
        let recovery = effect.recoveryLength
        return "\(fault.fault.id) lost \(effect.lossWords), "
            + (effect.isCensored ? "not recovered by \(recovery)" : "recovered after \(recovery)")
    }

    private var failure: String? {
        findings.troubles.first?.words
            ?? findings.verdicts.first { $0.result == .fail }.map { "\($0.claim): \($0.worst)" }
    }
}
