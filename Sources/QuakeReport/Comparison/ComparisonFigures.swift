import QuakeAnalysis

/// One unit for all figures of a measure, so that a row can be read across.
struct Scale {
    private let nanosecondsPerUnit: Double
    let unit: String

    /// Seconds where any figure reaches one, else milliseconds.
    init(_ figures: [Int64]) {
        let isLong = figures.contains { abs($0) >= 1_000_000_000 }
        nanosecondsPerUnit = isLong ? 1e9 : 1e6
        unit = isLong ? "s" : "ms"
    }

    init(_ measure: MeasureComparison) {
        let sides = [measure.baseline, measure.candidate].compactMap { $0 }
        self.init(sides.flatMap { $0.readings.map(\.nanoseconds) })
    }

    /// Three digits: `4.93`, `12.4`, `240`; `0` of what is less than half a hundredth.
    func text(_ nanoseconds: Int64, signed: Bool = false) -> String {
        let value = Double(nanoseconds) / nanosecondsPerUnit
        let sign = signed && value > 0 ? "+" : ""
        switch abs(value) {
        case ..<0.005: return "0"
        case ..<9.995: return sign + Figures.decimals(value, 2)
        case ..<99.95: return sign + Figures.decimals(value, 1)
        default: return sign + "\(Int64(value.rounded()))"
        }
    }

    /// As an axis is labelled: `2`, `0.5`.
    func tick(_ nanoseconds: Int64) -> String {
        var text = text(nanoseconds)
        while text.contains("."), text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text
    }

    func text(_ reading: Reading) -> String {
        Figures.bounded(text(reading.nanoseconds), isCensored: reading.isCensored, isTight: true)
    }

    /// A side's median with its interval: `4.93 [4.51,5.20]`.
    func text(_ summary: MeasureComparison.Summary?) -> String {
        summary.map { "\(text($0.median)) [\(text($0.low)),\(text($0.high))]" } ?? "–"
    }

    /// The difference with its interval: `+4.17 [+3.99,+4.31]`.
    func difference(_ value: Int64?, _ low: Int64?, _ high: Int64?) -> String {
        guard let value, let low, let high else { return "–" }
        return "\(text(value, signed: true)) [\(text(low, signed: true)),\(text(high, signed: true))]"
    }

    /// `4.93 → 9.10 s`.
    func change(_ measure: MeasureComparison) -> String {
        guard let baseline = measure.baseline, let candidate = measure.candidate else { return "–" }
        return "\(text(baseline.median)) → \(text(candidate.median)) \(unit)"
    }
}

extension Figures {
    /// `0.031`, `0.00004`, `< 0.00001`.
    static func probability(_ value: Double?) -> String {
        guard let value else { return "–" }
        if value < 0.00001 { return "< 0.00001" }
        let places = value >= 0.001 ? 3 : 5
        let scale = places == 3 ? 1000.0 : 100_000
        let digits = String(Int((value * scale).rounded()))
        if digits.count > places { return "1" }
        return "0." + String(repeating: "0", count: places - digits.count) + digits
    }
}

extension MeasureComparison {
    /// The name with the unit, short enough for a terminal.
    func label(_ scale: Scale) -> String {
        let name: String =
            switch measure {
            case .latencyP50: "p50"
            case .latencyP99: "p99"
            default: measure.name
            }
        return "\(name) \(scale.unit)"
    }
}

extension RunComparison {
    /// `2 of 4 keys worse, 2 same`.
    var countWords: String {
        let parts = Verdict.allCases.filter { count($0) > 0 }
        guard let first = parts.first else {
            let names = missingAcross
            guard !names.isEmpty else {
                let left = leftOut.count
                return "no key has its match"
                    + (left == 0 ? "" : ", and \(Figures.count(left, "repeat")) \(left == 1 ? "was" : "were") left out")
            }
            let options = names.map { "--across \($0)" }.joined(separator: " ")
            let verb = names.count == 1 ? "differs" : "differ"
            return "no key has its match, for \(names.joined(separator: ", ")) \(verb) (\(options) compares them)"
        }
        let head = "\(count(first)) of \(Figures.count(keys.count, "key")) \(first.rawValue)"
        return ([head] + parts.dropFirst().map { "\(count($0)) \($0.rawValue)" }).joined(separator: ", ")
    }

    /// The baseline's runs.
    func baselineWords(separator: String) -> String {
        isWithin ? "the same, with the earlier value of the plan" : baseline.runs.joined(separator: separator)
    }

    /// Of both sides.
    var leftOut: [LeftOut] { (isWithin ? [] : baseline.leftOut) + candidate.leftOut }

    /// The plans that are compared.
    var planWords: String {
        Set(keys.map(\.key.plan) + unmatched.map(\.key.plan)).sorted().joined(separator: ", ")
    }

    /// How the verdicts came about.
    var methodWords: String {
        tests == 0
            ? "Fewer than \(Comparer.leastRepeats) repeats on one side: only figures, no test."
            : "\(Figures.count(tests, "one-sided permutation test")) of recovery and loss, Holm-corrected: on sides that "
                + "do not differ at most 1 comparison in 100 finds anything worse."
    }
}

extension RunComparison.Difference {
    var words: String {
        func side(_ values: [String]) -> String { values.isEmpty ? "not set" : values.joined(separator: ", ") }
        return "\(setting): \(side(candidate)) (baseline: \(side(baseline)))"
    }
}

extension RunComparison.Unmatched {
    var words: String {
        let count = Figures.count(repeats, "repeat")
        let place = isCandidate ? "in the candidate alone" : "in the baseline alone"
        return "\(key.plan): \(key.words), \(count) \(place)" + (hint.map { ": \($0)" } ?? "")
    }
}

extension LeftOut {
    var words: String {
        let place = repeatIndex.map { ", repeat \($0 + 1)" } ?? ""
        return "\(run)\(place), \(what): \(why)"
    }
}
