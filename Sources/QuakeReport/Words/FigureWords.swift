import QuakeAnalysis
import QuakePlan

extension Figures {
    /// `1 trial`, `2 trials`.
    static func count(_ number: Int, _ noun: String) -> String { Quantity.count(number, noun) }

    /// `4.93 s`, and `> 4.93 s` of what is only a lower bound.
    ///
    /// - Parameter isTight: without the space, where a column is narrow.
    static func bounded(_ text: String, isCensored: Bool, isTight: Bool = false) -> String {
        isCensored ? (isTight ? ">" : "> ") + text : text
    }

    /// `80 ms to 11.84 s`; with `> ` before an end that is a lower bound.
    static func range(_ range: ClosedRange<Int64>, isOpen: Bool = false) -> String {
        "\(duration(range.lowerBound)) to \(bounded(duration(range.upperBound), isCensored: isOpen))"
    }
}

/// An outage of so many nanoseconds is a blackout.
enum Blackout {
    static let least: Int64 = 1_000_000_000

    /// A dash for what is none.
    static func words(_ nanoseconds: Int64) -> String {
        nanoseconds >= least ? Figures.duration(nanoseconds) : "–"
    }
}

/// An effect's figures in words: as they were seen, and as ranges where suspect slots could change them.
extension LaneEffect {
    var isBlackout: Bool { blackoutNanoseconds >= Blackout.least }
    /// Suspect slots could change a blackout, or hide one.
    var isBlackoutDoubtful: Bool { (blackoutRange?.upperBound ?? 0) >= Blackout.least }

    var lossWords: String { lossRange.map { Figures.range($0) } ?? Figures.duration(loss) }

    /// The longest outage, if it is a blackout, or may have been one.
    var blackoutWords: String {
        if let range = blackoutRange, isBlackoutDoubtful { return Figures.range(range) }
        return Blackout.words(blackoutNanoseconds)
    }

    var onsetWords: String { onsetNanoseconds.map(Figures.duration) ?? "–" }

    /// `4.93 s` or `> 4.93 s`, as it was seen.
    var recoverySeen: String { Figures.bounded(Figures.duration(stableNanoseconds), isCensored: isCensored) }

    /// The range, or what was seen.
    var recoveryWords: String {
        recoveryRange.map { Figures.range($0, isOpen: isRecoveryOpen) } ?? recoverySeen
    }

    /// The same in a sentence that itself says whether it is a lower bound.
    var recoveryLength: String {
        recoveryRange.map { Figures.range($0, isOpen: isRecoveryOpen) } ?? Figures.duration(stableNanoseconds)
    }

    /// The end of the recovery's range is a lower bound.
    var isRecoveryOpen: Bool { readings?.worst.isCensored ?? isCensored }
}
