import QuakeAnalysis
import QuakeTimeline

extension Figures {
    /// `80 ms to 11.84 s`; with `> ` before an end that is a lower bound.
    static func range(_ range: ClosedRange<Int64>, isOpen: Bool = false) -> String {
        "\(duration(range.lowerBound)) to \(isOpen ? "> " : "")\(duration(range.upperBound))"
    }
}

/// An effect's figures in words: ranges where suspect slots could change them.
extension LaneEffect {
    var lossWords: String { lossRange.map { Figures.range($0) } ?? Figures.duration(loss) }

    /// The longest outage, if it is a blackout, or may have been one.
    var blackoutWords: String {
        if let range = blackoutRange, range.upperBound >= 1_000_000_000 { return Figures.range(range) }
        return blackoutNanoseconds >= 1_000_000_000 ? Figures.duration(blackoutNanoseconds) : "–"
    }

    var recoveryWords: String {
        if let range = recoveryRange { return Figures.range(range, isOpen: isRecoveryOpen) }
        return (isCensored ? "> " : "") + Figures.duration(stableNanoseconds)
    }

    /// The end of the recovery's range is a lower bound.
    var isRecoveryOpen: Bool { readings?.worst.isCensored ?? isCensored }

    /// `loss 80 ms to 11.84 s, recovery 1.98 s to 14.20 s`; `nil` where suspect slots could change nothing.
    var doubtWords: String? {
        let parts = [
            lossRange.map { "loss \(Figures.range($0))" },
            blackoutRange.flatMap { $0.upperBound >= 1_000_000_000 ? "blackout \(Figures.range($0))" : nil },
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
