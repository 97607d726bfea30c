/// Holds the repeats of a candidate against those of a baseline. Pure, and the same whenever it is computed again.
package struct Comparer: Sendable {
    /// So many repeats of a key each side needs for a verdict.
    package static let leastRepeats = 10
    /// The probability of even one false alarm in a comparison of sides that do not differ.
    package static let level = 0.01

    private let baseline: [FaultRepeats]
    private let candidate: [FaultRepeats]
    private let across: Across
    private let resamples: Int
    /// Both sides are the same runs, and values of matrix keys are compared within them.
    private let isWithin: Bool

    /// - Parameters:
    ///   - candidate: runs, pooled.
    ///   - baseline: runs, pooled. Where they are the candidate's own, and `across` names a matrix key, each of its values is
    ///     compared with the earlier ones of the same runs, in the plan's order.
    ///   - across: what may differ between the sides.
    ///   - resamples: of the intervals, which no verdict rests on.
    package init(
        candidate: [FaultRepeats], baseline: [FaultRepeats], across: Across = Across(),
        resamples: Int = Bootstrap.resamples
    ) {
        func prepared(_ runs: [FaultRepeats]) -> [FaultRepeats] {
            runs.sorted { $0.startUnixNanoseconds < $1.startUnixNanoseconds }.map { Self.naming(across.axes, $0) }
        }
        self.baseline = prepared(baseline)
        self.candidate = prepared(candidate)
        self.across = across
        self.resamples = resamples
        isWithin = !across.axes.isEmpty && Set(candidate.map(\.run)) == Set(baseline.map(\.run))
    }

    /// A setting with one value is no matrix key: its value is put in, so that both sides tell theirs.
    private static func naming(_ axes: Set<String>, _ run: FaultRepeats) -> FaultRepeats {
        let values = axes.compactMap { axis in run.valueSet(axis).map { (axis, $0) } }
        guard !values.isEmpty else { return run }
        var run = run
        for index in run.repeats.indices {
            for (axis, value) in values where run.repeats[index].key[axis: axis] == nil {
                run.repeats[index].key.cell[axis] = value
            }
        }
        return run
    }

    /// Compares every key that both sides have. Pure: the same runs give the same figures, since every draw is seeded
    /// by its key.
    package func comparison() -> RunComparison {
        let ours = units(candidate)
        let theirs = units(baseline)
        let pairs = pairs(ours, theirs)
        var keys = pairs.map { compare($0, candidate: ours[$0.candidate] ?? [], baseline: theirs[$0.baseline] ?? []) }
        let tests = Self.correct(&keys)
        for index in keys.indices { Self.judge(&keys[index]) }
        return RunComparison(
            baseline: Self.side(baseline), candidate: Self.side(candidate), differences: differences(),
            keys: keys.sorted { Self.rank($0) < Self.rank($1) }, unmatched: unmatched(ours, theirs, pairs),
            contrasts: AxisContrast.all(ours, isCandidate: true, resamples: resamples)
                + (isWithin ? [] : AxisContrast.all(theirs, isCandidate: false, resamples: resamples)),
            tests: tests, isWithin: isWithin)
    }

    private func units(_ runs: [FaultRepeats]) -> [ComparisonKey: [FaultRepeat]] {
        Dictionary(grouping: runs.flatMap(\.repeats)) { $0.key.without(across.parts) }
    }

    private static func side(_ runs: [FaultRepeats]) -> RunComparison.Side {
        RunComparison.Side(runs: runs.map(\.run), leftOut: runs.flatMap(\.leftOut))
    }

    private static func rank(_ key: KeyComparison) -> (Int, String) {
        (RunComparison.Verdict.allCases.firstIndex(of: key.verdict) ?? 0, key.text)
    }

    // MARK: - Pairs

    /// A key of each side that are compared.
    private struct Pair {
        var candidate: ComparisonKey
        var baseline: ComparisonKey
        /// What both have, and what differs.
        var shared: ComparisonKey
        var values: [Across.Values]

        init(_ candidate: ComparisonKey, _ baseline: ComparisonKey, axes: Set<String>) {
            let differing = axes.filter { candidate[axis: $0] != baseline[axis: $0] }
            self.candidate = candidate
            self.baseline = baseline
            shared = candidate.without(axes: differing)
            values = differing.sorted().map {
                Across.Values(name: $0, baseline: baseline[axis: $0], candidate: candidate[axis: $0])
            }
        }
    }

    /// Keys that agree in all that may not differ. In the order of the candidate's keys, then of the baseline's.
    private func pairs(
        _ ours: [ComparisonKey: [FaultRepeat]], _ theirs: [ComparisonKey: [FaultRepeat]]
    ) -> [Pair] {
        let groups = Dictionary(grouping: theirs.keys.sorted()) { $0.without(axes: across.axes) }
        let order = isWithin ? valueOrder : [:]
        return ours.keys.sorted().flatMap { mine in
            (groups[mine.without(axes: across.axes)] ?? []).compactMap { other in
                if isWithin, !Self.isEarlier(other, mine, order) { return nil }
                return Pair(mine, other, axes: across.axes)
            }
        }
    }

    /// Where each value of the matrix keys that are compared first appears in the runs, which is the plan's order.
    private var valueOrder: [String: [String?: Int]] {
        var order: [String: [String?: Int]] = [:]
        for unit in candidate.flatMap(\.repeats) {
            for axis in across.axes where order[axis]?[unit.key[axis: axis]] == nil {
                order[axis, default: [:]][unit.key[axis: axis]] = order[axis]?.count ?? 0
            }
        }
        return order
    }

    private static func isEarlier(
        _ first: ComparisonKey, _ second: ComparisonKey, _ order: [String: [String?: Int]]
    ) -> Bool {
        func places(_ key: ComparisonKey) -> [Int] {
            order.sorted { $0.key < $1.key }.map { axis, values in values[key[axis: axis]] ?? 0 }
        }
        return places(first).lexicographicallyPrecedes(places(second))
    }

    // MARK: - One key

    private func compare(_ pair: Pair, candidate: [FaultRepeat], baseline: [FaultRepeat]) -> KeyComparison {
        let text = KeyComparison.text(pair.shared, pair.values)
        let isTested = min(candidate.count, baseline.count) >= Self.leastRepeats
        let losing = (baseline: baseline.count(where: \.lostAny), candidate: candidate.count(where: \.lostAny))
        return KeyComparison(
            key: pair.shared, across: pair.values, verdict: .unknown, reason: "", baselineRepeats: baseline.count,
            candidateRepeats: candidate.count, baselineLosing: losing.baseline, candidateLosing: losing.candidate,
            losingP: FisherExact.larger(
                losing.candidate, of: candidate.count, against: losing.baseline, of: baseline.count),
            measures: Measure.allCases.map { measure in
                compare(measure, text, candidate, baseline, isTested: isTested && Measure.tested.contains(measure))
            })
    }

    private func compare(
        _ measure: Measure, _ key: String, _ candidate: [FaultRepeat], _ baseline: [FaultRepeat],
        isTested: Bool
    ) -> MeasureComparison {
        let seed = "\(key); \(measure.rawValue)"
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

    // MARK: - Without a match

    private func unmatched(
        _ ours: [ComparisonKey: [FaultRepeat]], _ theirs: [ComparisonKey: [FaultRepeat]], _ pairs: [Pair]
    ) -> [RunComparison.Unmatched] {
        if isWithin {
            let compared = Set(pairs.flatMap { [$0.candidate, $0.baseline] })
            let names = across.axes.sorted().joined(separator: ", ")
            return ours.keys.filter { !compared.contains($0) }.sorted().map { key in
                RunComparison.Unmatched(
                    key: key, isCandidate: true, repeats: ours[key]?.count ?? 0,
                    hint: "there is no other value of \(names)")
            }
        }
        let (mine, other) = (Set(pairs.map(\.candidate)), Set(pairs.map(\.baseline)))
        func alone(
            _ side: [ComparisonKey: [FaultRepeat]], _ matched: Set<ComparisonKey>,
            _ there: [ComparisonKey: [FaultRepeat]], _ matchedThere: Set<ComparisonKey>, isCandidate: Bool
        ) -> [RunComparison.Unmatched] {
            side.keys.filter { !matched.contains($0) }.sorted().map { key in
                let obstacle = Obstacle(key, there.keys.sorted(), matched: matchedThere)
                return RunComparison.Unmatched(
                    key: key, isCandidate: isCandidate, repeats: side[key]?.count ?? 0, hint: obstacle.words,
                    across: obstacle.across)
            }
        }
        return alone(ours, mine, theirs, other, isCandidate: true)
            + alone(theirs, other, ours, mine, isCandidate: false)
    }
}

extension KeyComparison {
    /// Every part of what is compared, for orders and seeds.
    fileprivate var text: String { Self.text(key, across) }

    fileprivate static func text(_ key: ComparisonKey, _ across: [Across.Values]) -> String {
        ([key.text] + across.map { "\($0.name) \($0.words)" }).joined(separator: "; ")
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
