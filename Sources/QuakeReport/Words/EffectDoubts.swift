import QuakeAnalysis
import QuakeTimeline

/// What suspect slots, and a fault whose moment is vague, leave open, in words.
extension LaneEffect {
    /// `loss 80 ms to 11.84 s, recovery 1.98 s to 14.20 s`; `nil` where suspect slots could change nothing.
    var doubtWords: String? {
        let parts = [
            lossRange.map { "loss \(Figures.range($0))" },
            blackoutRange.flatMap { isBlackoutDoubtful ? "blackout \(Figures.range($0))" : nil },
            recoveryRange.map { "recovery \(Figures.range($0, isOpen: isRecoveryOpen))" },
        ].compactMap { $0 }
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }
}

extension FaultFindings {
    /// `onset 0 to 300 ms, recovery 4.56 s to 4.86 s`: given when the fault took effect; `nil` where that is not recorded,
    /// or known to within a slot.
    func boundWords(_ effect: LaneEffect) -> String? {
        guard isVague(for: effect), effect.bad > 0 else { return nil }
        let parts = [
            bounds(effect.onsetNanoseconds).map { "onset \(Figures.range($0))" },
            bounds(effect.stableNanoseconds).map { "recovery \(Figures.range($0, isOpen: effect.isCensored))" },
        ].compactMap { $0 }
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }

    /// What a table of its effects leaves out: ranges and bounds, a line each.
    ///
    /// - Parameter name: of the fault.
    func notes(_ name: String) -> [String] {
        let doubts = effects.compactMap { effect in
            effect.doubtWords.map { "? \(name) \(effect.label), suspect slots good or bad: \($0)" }
        }
        let bounds = effects.compactMap { effect in
            boundWords(effect).map { "\(name) \(effect.label): \($0)" }
        }
        guard !bounds.isEmpty, let length = fault.injection?.length else { return doubts }
        return doubts + ["\(name) took effect within \(Figures.duration(length)), at a moment of it that is not known:"]
            + bounds.map { "  \($0)" }
    }
}
