import QuakeAnalysis
import QuakePlan
import QuakeTimeline

/// What one fault did to one lane over all repeats of a cell.
struct RepeatedEffect {
    /// The step's, or of several that share a window all; a composite fault's parts are put together, for its nodes differ from repeat to repeat.
    var step: String
    var isHealing: Bool
    /// The lane's.
    var label: String
    var effects: [(trial: Int, effect: LaneEffect)] = []

    /// In the order in which they first appear; trials that were cut off are left out.
    static func collect(_ trials: [TrialFindings]) -> [RepeatedEffect] {
        var order: [String] = []
        var found: [String: RepeatedEffect] = [:]
        for trial in trials where trial.isWhole {
            for fault in trial.windows {
                for effect in fault.effects {
                    let key = "\(fault.fault.step)|\(fault.isHealing)|\(effect.label)"
                    if found[key] == nil {
                        order.append(key)
                        found[key] = RepeatedEffect(
                            step: fault.fault.step, isHealing: fault.isHealing, label: effect.label)
                    }
                    found[key]?.effects.append((trial.index, effect))
                }
            }
        }
        return order.compactMap { found[$0] }
    }

    private var hits: [(trial: Int, effect: LaneEffect)] { effects.filter { $0.effect.bad > 0 } }

    /// The longest recovery; of equal ones a censored one, for it would only have become longer.
    private var worst: (trial: Int, effect: LaneEffect)? {
        hits.max {
            ($0.effect.stableNanoseconds, $0.effect.isCensored ? 1 : 0)
                < ($1.effect.stableNanoseconds, $1.effect.isCensored ? 1 : 0)
        }
    }

    /// How often it was hit, median loss, longest blackout, median and longest recovery, and the latter's trial.
    var figures: [String] {
        let hits = hits.map(\.effect)
        guard let worst else { return ["0/\(effects.count)", "–", "–", "–", "–", ""] }
        let blackout = hits.map(\.blackoutNanoseconds).max() ?? 0
        return [
            "\(hits.count)/\(effects.count)", Figures.duration(Self.median(hits.map(\.loss.inNanoseconds))),
            Blackout.words(blackout),
            Figures.duration(Self.median(hits.map(\.stableNanoseconds))),
            worst.effect.recoverySeen,
            "\(worst.trial + 1)",
        ]
    }

    /// `loss 1.16 s to 2.40 s, …`: medians of the repeats that were hit, and the longest, by both readings of suspect slots;
    /// `nil` where these could change nothing.
    var doubtWords: String? {
        guard effects.contains(where: { $0.effect.doubtWords != nil }) else { return nil }
        let (best, worst) = (readings(\.best), readings(\.worst))
        func words(_ name: String, _ figure: ([EffectReading]) -> Int64) -> String? {
            let (low, high) = (figure(best), figure(worst))
            return low == high ? nil : "\(name) \(Figures.range(min(low, high)...max(low, high)))"
        }
        let parts = [
            words("loss") { Self.median($0.map(\.lossNanoseconds)) },
            words("blackout") { $0.map(\.blackoutNanoseconds).max() ?? 0 },
            words("recovery") { Self.median($0.map(\.stableNanoseconds)) },
            words("worst") { $0.map(\.stableNanoseconds).max() ?? 0 },
        ].compactMap { $0 }
        let hit = best.count == worst.count ? [] : ["hit \(best.count) to \(worst.count) of \(effects.count)"]
        return (hit + parts).joined(separator: ", ")
    }

    /// Of the repeats that were hit by one reading.
    private func readings(_ side: (TwoReadings<EffectReading>) -> EffectReading) -> [EffectReading] {
        effects.map { side($0.effect.bothReadings) }.filter { $0.bad > 0 }
    }

    /// The median of the messages that a stream lost in the repeats that were hit; `nil` on other lanes.
    var messagesLost: Int? {
        guard effects.contains(where: { $0.effect.messagesLost != nil }) else { return nil }
        return Int(Self.median(hits.map { Int64($0.effect.messagesLost ?? 0) }))
    }

    /// Of an even number, the lower one in the middle: a value that was seen.
    static func median(_ values: [Int64]) -> Int64 {
        values.isEmpty ? 0 : values.sorted()[(values.count - 1) / 2]
    }
}

extension TrialFindings {
    /// Suspect slots could change a figure of a fault.
    var isDoubtful: Bool { faults.contains { $0.effects.contains { $0.doubtWords != nil } } }
}

extension Findings {
    /// The trials of each cell, in the order of the cells.
    var trialsByCell: [[TrialFindings]] {
        Dictionary(grouping: trials, by: \.cell).sorted { $0.key < $1.key }.map(\.value)
    }

    /// Whether any lane is a stream, whose messages can be lost.
    var hasStreams: Bool { trials.contains { $0.lanes.contains { $0.lane.mode == .stream } } }

    /// Too many repeats for a table each.
    var isLong: Bool { trialsByCell.contains { $0.count > 3 } }
}
