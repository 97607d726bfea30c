import QuakeAnalysis
import QuakeTimeline

extension Disturbance {
    /// `+12.3 s: west/west-worker was deleted, and was there again at +14.0 s`.
    ///
    /// - Parameter start: of the trial.
    func words(since start: RunInstant) -> String {
        func moment(_ at: RunInstant) -> String { "+\(Figures.duration((at - start).inNanoseconds))" }
        let named = taints.joined(separator: ", ")
        let what =
            switch change {
            case .deleted: "was deleted" + (returned.map { ", and was there again at \(moment($0))" } ?? "")
            case .cordoned: "was cordoned"
            case .uncordoned: "was uncordoned"
            case .tainted: "was tainted with \(named)"
            case .untainted: "lost the taint\(taints.count == 1 ? "" : "s") \(named)"
            }
        return "\(moment(at)): \(cluster)/\(node) \(what)"
    }
}

extension TrialFindings {
    /// Changes that are told one by one; the rest is counted.
    private static let told = 5

    /// What others did meanwhile, in one sentence; `nil` where they did nothing.
    var disturbanceWords: String? {
        guard isDisturbed else { return nil }
        let words = disturbances.prefix(Self.told).map { $0.words(since: start) }
        let rest = disturbances.count > Self.told ? ["and \(disturbances.count - Self.told) more"] : []
        return "disturbed: others changed nodes (" + (words + rest).joined(separator: "; ") + ")"
    }

    /// For titles.
    var disturbedMark: String { isDisturbed ? ", disturbed" : "" }
}

extension Findings {
    /// One for each disturbed trial.
    var disturbanceLines: [String] {
        trials.compactMap { trial in trial.disturbanceWords.map { "trial \(trial.index + 1) \($0)" } }
    }
}
