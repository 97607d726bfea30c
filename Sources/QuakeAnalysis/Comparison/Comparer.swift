/// Holds the repeats of a candidate against those of a baseline. Pure, and the same whenever it is computed again.
package struct Comparer: Sendable {
    /// So many repeats of a key each side needs for a verdict.
    package static let leastRepeats = 10
    /// The probability of even one false alarm in a comparison of sides that do not differ.
    package static let level = 0.01

    private let baseline: [FaultRepeats]
    private let candidate: [FaultRepeats]
    private let overlooked: Set<ComparisonKey.Part>
    private let resamples: Int

    /// - Parameters:
    ///   - candidate: runs, pooled.
    ///   - baseline: runs, pooled.
    ///   - overlooked: parts of the key that may differ between the sides.
    ///   - resamples: of the intervals, which no verdict rests on.
    package init(
        candidate: [FaultRepeats], baseline: [FaultRepeats], across overlooked: Set<ComparisonKey.Part> = [],
        resamples: Int = Bootstrap.resamples
    ) {
        self.baseline = baseline.sorted { $0.startUnixNanoseconds < $1.startUnixNanoseconds }
        self.candidate = candidate.sorted { $0.startUnixNanoseconds < $1.startUnixNanoseconds }
        self.overlooked = overlooked
        self.resamples = resamples
    }

    /// Compares every key that both sides have. Pure: the same runs give the same figures, since every draw is seeded
    /// by its key.
    package func comparison() -> RunComparison {
        let ours = units(candidate)
        let theirs = units(baseline)
        var keys = ours.keys.filter { theirs[$0] != nil }.sorted().map { key in
            compare(key, candidate: ours[key] ?? [], baseline: theirs[key] ?? [])
        }
        let tests = Self.correct(&keys)
        for index in keys.indices { Self.judge(&keys[index]) }
        return RunComparison(
            baseline: Self.side(baseline), candidate: Self.side(candidate), differences: differences(),
            keys: keys.sorted { Self.rank($0) < Self.rank($1) }, unmatched: unmatched(ours, theirs),
            contrasts: AxisContrast.all(ours, isCandidate: true, resamples: resamples)
                + AxisContrast.all(theirs, isCandidate: false, resamples: resamples),
            tests: tests)
    }

    private func units(_ runs: [FaultRepeats]) -> [ComparisonKey: [FaultRepeat]] {
        Dictionary(grouping: runs.flatMap(\.repeats)) { $0.key.without(overlooked) }
    }

    private static func side(_ runs: [FaultRepeats]) -> RunComparison.Side {
        RunComparison.Side(runs: runs.map(\.run), leftOut: runs.flatMap(\.leftOut))
    }

    private static func rank(_ key: KeyComparison) -> (Int, String) {
        (RunComparison.Verdict.allCases.firstIndex(of: key.verdict) ?? 0, key.key.text)
    }

    // MARK: - One key

    private func compare(
        _ key: ComparisonKey, candidate: [FaultRepeat], baseline: [FaultRepeat]
    ) -> KeyComparison {
        let isTested = min(candidate.count, baseline.count) >= Self.leastRepeats
        let losing = (baseline: baseline.count(where: \.lostAny), candidate: candidate.count(where: \.lostAny))
        return KeyComparison(
            key: key, verdict: .unknown, reason: "", baselineRepeats: baseline.count,
            candidateRepeats: candidate.count, baselineLosing: losing.baseline, candidateLosing: losing.candidate,
            losingP: FisherExact.larger(
                losing.candidate, of: candidate.count, against: losing.baseline, of: baseline.count),
            measures: Measure.allCases.map { measure in
                compare(measure, key, candidate, baseline, isTested: isTested && Measure.tested.contains(measure))
            })
    }

    private func compare(
        _ measure: Measure, _ key: ComparisonKey, _ candidate: [FaultRepeat], _ baseline: [FaultRepeat],
        isTested: Bool
    ) -> MeasureComparison {
        let seed = "\(key.text); \(measure.rawValue)"
        let (ours, theirs) = (candidate.readings(measure), baseline.readings(measure))
        var result = MeasureComparison(
            measure: measure,
            baseline: MeasureComparison.Summary(theirs, seed: seed + "; baseline", resamples: resamples),
            candidate: MeasureComparison.Summary(ours, seed: seed + "; candidate", resamples: resamples),
            effectSize: EffectSize.varghaDelaney(ours, above: theirs),
            minimumEffect: Self.minimumEffect(measure, candidate + baseline))
        if !ours.isEmpty, !theirs.isEmpty {
            let (a, b) = (ours.map(\.nanoseconds).sorted(), theirs.map(\.nanoseconds).sorted())
            result.difference = HodgesLehmann.difference(a, b)
            var bootstrap = Bootstrap(seed: seed + "; difference", resamples: resamples)
            let interval = bootstrap.difference(a, b)
            (result.differenceLow, result.differenceHigh) = (interval.lowerBound, interval.upperBound)
        }
        if isTested, let test = RankSumTest(ours, against: theirs, seed: seed) {
            (result.worseP, result.betterP) = (test.larger, test.smaller)
        }
        return result
    }

    /// One probe interval and the bounds of the measure, at least 2 T: nothing smaller can be told from the grid of the
    /// slots. The bounds of a stable recovery are its own, seen at their median; an outage, and with it loss and
    /// blackout, is known to within 2 T; an onset to within T; a latency to within its histogram's bucket.
    static func minimumEffect(_ measure: Measure, _ repeats: [FaultRepeat]) -> Int64 {
        let period = repeats.map(\.periodNanoseconds).max() ?? 0
        let bounds: Int64 =
            switch measure {
            case .recovery: HodgesLehmann.median(repeats.map(\.recoveryBoundsNanoseconds).sorted())
            case .loss, .blackout: 2 * period
            case .onset: period
            case .latencyP50, .latencyP99:
                HodgesLehmann.median(repeats.map { $0.readings[measure]?.nanoseconds ?? 0 }.sorted()) / 32
            }
        return max(2 * period, period + bounds)
    }

    // MARK: - All keys

    /// Corrects the tests of both directions, each as a family of its own, over the whole comparison.
    ///
    /// - Returns: the size of a family.
    static func correct(_ keys: inout [KeyComparison]) -> Int {
        var places: [(key: Int, measure: Int)] = []
        for (key, comparison) in keys.enumerated() {
            for (measure, figures) in comparison.measures.enumerated() where figures.worseP != nil {
                places.append((key, measure))
            }
        }
        let worse = Holm.adjusted(places.map { keys[$0.key].measures[$0.measure].worseP ?? 1 })
        let better = Holm.adjusted(places.map { keys[$0.key].measures[$0.measure].betterP ?? 1 })
        for (index, place) in places.enumerated() {
            keys[place.key].measures[place.measure].worseAdjustedP = worse[index]
            keys[place.key].measures[place.measure].betterAdjustedP = better[index]
        }
        return places.count
    }

    private static func judge(_ key: inout KeyComparison) {
        guard min(key.baselineRepeats, key.candidateRepeats) >= leastRepeats else {
            key.verdict = .unknown
            key.reason =
                "\(key.candidateRepeats) repeats against \(key.baselineRepeats), and a verdict needs \(leastRepeats) per side"
            return
        }
        let tested = key.measures.filter { $0.worseP != nil }
        func measures(_ verdict: RunComparison.Verdict) -> [String] {
            tested.filter { $0.verdict(at: level) == verdict }.map(\.measure.name)
        }
        let (worse, better) = (measures(.worse), measures(.better))
        if !worse.isEmpty {
            key.verdict = .worse
            key.reason = "\(worse.joined(separator: " and ")) worse"
            if !better.isEmpty { key.reason += ", though \(better.joined(separator: " and ")) better" }
        } else if !better.isEmpty {
            key.verdict = .better
            key.reason = "\(better.joined(separator: " and ")) better"
        } else {
            key.verdict = .same
            key.reason = "no difference was shown"
        }
    }

    private func differences() -> [RunComparison.Difference] {
        func gathered(_ runs: [FaultRepeats]) -> [String: Set<String>] {
            runs.reduce(into: [:]) { $0.merge($1.settings) { $0.union($1) } }
        }
        let (ours, theirs) = (gathered(candidate), gathered(baseline))
        return Set(ours.keys).union(theirs.keys).sorted().compactMap { setting in
            let (here, there) = (ours[setting] ?? [], theirs[setting] ?? [])
            guard here != there else { return nil }
            return RunComparison.Difference(setting: setting, baseline: there.sorted(), candidate: here.sorted())
        }
    }

    private func unmatched(
        _ ours: [ComparisonKey: [FaultRepeat]], _ theirs: [ComparisonKey: [FaultRepeat]]
    ) -> [RunComparison.Unmatched] {
        func alone(
            _ side: [ComparisonKey: [FaultRepeat]], _ other: [ComparisonKey: [FaultRepeat]], isCandidate: Bool
        ) -> [RunComparison.Unmatched] {
            side.keys.filter { other[$0] == nil }.sorted().map { key in
                RunComparison.Unmatched(
                    key: key, isCandidate: isCandidate, repeats: side[key]?.count ?? 0,
                    hint: Self.obstacle(key, other.keys))
            }
        }
        return alone(ours, theirs, isCandidate: true) + alone(theirs, ours, isCandidate: false)
    }

    private static func obstacle(_ key: ComparisonKey, _ others: some Sequence<ComparisonKey>) -> String? {
        let parts = Set(ComparisonKey.Part.allCases)
        guard let near = others.sorted().first(where: { $0.without(parts) == key.without(parts) }) else { return nil }
        func differing(_ a: [String: String], _ b: [String: String], _ name: (String) -> String) -> [String] {
            Set(a.keys).union(b.keys).sorted().filter { a[$0] != b[$0] }.map {
                "\(name($0)) is \(a[$0] ?? "not told") here and \(b[$0] ?? "not told") there"
            }
        }
        return (differing(key.versions, near.versions) { $0 } + differing(key.nodes, near.nodes) { "\($0) nodes" })
            .joined(separator: ", ")
    }
}

extension MeasureComparison.Summary {
    init?(_ readings: [Reading], seed: String, resamples: Int) {
        guard !readings.isEmpty else { return nil }
        self.readings = readings
        median = readings.median
        let values = readings.map(\.nanoseconds).sorted()
        var bootstrap = Bootstrap(seed: seed, resamples: resamples)
        let interval = bootstrap.median(values)
        (low, high) = (interval.lowerBound, interval.upperBound)
    }
}
