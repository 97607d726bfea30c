import QuakeAnalysis
import QuakeBase

/// Comparisons of runs that were never made: each repeat is a real one, drawn with replacement, and moved by up to one
/// slot in either direction, since that is as well as any repeat is known.
struct Simulation {
    static let largestFactor = 100.0
    private static let step = 1.05

    let distributions: [Distribution]
    private let repeats: Int
    private var generator: SeededGenerator

    init(_ distributions: [Distribution], repeats: Int, seed: UInt64) {
        self.distributions = distributions
        self.repeats = repeats
        generator = SeededGenerator(seed: seed)
    }

    /// One comparison; of one key a measure of the candidate is stretched.
    mutating func compare(
        stretching index: Int? = nil, _ measure: Measure = .recovery, times factor: Double = 1
    ) -> RunComparison {
        var sides: [FaultRepeats] = []
        for name in ["baseline", "candidate"] {
            var units: [FaultRepeat] = []
            for position in distributions.indices {
                for repeatIndex in 0..<repeats {
                    var unit = draw(distributions[position], name, repeatIndex)
                    if position == index, name == "candidate" {
                        let length = Double(unit.readings[measure]?.nanoseconds ?? 0)
                        unit.readings[measure]?.nanoseconds = Int64(length * factor)
                    }
                    units.append(unit)
                }
            }
            sides.append(FaultRepeats(run: name, plan: "", repeats: units))
        }
        return Comparer(candidate: [sides[1]], baseline: [sides[0]], resamples: 1).comparison()
    }

    private mutating func draw(_ from: Distribution, _ run: String, _ repeatIndex: Int) -> FaultRepeat {
        let pair = from.repeats[generator.below(from.repeats.count)]
        let period = from.periodNanoseconds
        func moved(_ reading: Reading, _ generator: inout SeededGenerator) -> Reading {
            // Where nothing was lost there is nothing to move.
            guard reading.nanoseconds > 0 else { return reading }
            let by = Int64(generator.below(Int(2 * period + 1))) - period
            return Reading(max(0, reading.nanoseconds + by), isCensored: reading.isCensored)
        }
        return FaultRepeat(
            key: from.key, run: run, repeatIndex: repeatIndex, periodNanoseconds: period,
            recoveryBoundsNanoseconds: period, slots: 1,
            readings: [.recovery: moved(pair.recovery, &generator), .loss: moved(pair.loss, &generator)])
    }

    /// How often a key is called worse.
    mutating func share(worse index: Int, _ measure: Measure, times factor: Double, of draws: Int) -> Double {
        let key = distributions[index].key
        var found = 0
        for _ in 0..<draws {
            let compared = compare(stretching: index, measure, times: factor)
            if compared.keys.contains(where: { $0.key == key && $0.verdict == .worse }) { found += 1 }
        }
        return Double(found) / Double(draws)
    }

    /// The smallest factor, in steps of 5 %, that is found often enough; `nil` where even the largest is not.
    mutating func smallestFactor(_ index: Int, _ measure: Measure, power: Double, draws: Int) -> Double? {
        var factors = [1.0]
        while let last = factors.last, last < Self.largestFactor { factors.append(last * Self.step) }
        var (low, high) = (0, factors.count)
        while low + 1 < high {
            let middle = (low + high) / 2
            if share(worse: index, measure, times: factors[middle], of: draws) >= power {
                high = middle
            } else {
                low = middle
            }
        }
        return high < factors.count ? factors[high] : nil
    }
}
