import QuakeAnalysis
import QuakeArchive
import QuakePlan
import QuakeRun
import QuakeShell
import QuakeTimeline

/// Judges each trial of a run as it ends, from what the archive has of it alone.
struct TrialWatch: Sendable {
    var plan: Plan
    var archive: ArchiveWriter
    var interruption: Interruption
    var untilFailure: Bool
    /// Told of each trial's findings.
    var tell: @Sendable (Findings) -> Void

    /// - Returns: whether the run is to go on.
    func ended(_ trial: Trial, _ began: RunInstant) -> Bool {
        guard interruption.cause == nil else { return false }
        archive.flush()
        do {
            let part = try ArchiveReader(directory: archive.directory, only: (trial.index, began))
            // What is expected of other cells, this trial cannot show.
            var own = plan
            for index in own.cells.indices where index != trial.cell { own.cells[index].expectations = [] }
            let findings = try Analyser(part, plan: own).findings()
            tell(findings)
            return !untilFailure || ![.failed, .faultNotInjected, .cleanupIncomplete].contains(findings.exit)
        } catch {
            complain("trial \(trial.index + 1) cannot be read: \(error)")
            return true
        }
    }
}
