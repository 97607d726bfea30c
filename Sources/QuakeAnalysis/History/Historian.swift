/// Follows every key over the runs of a history.
///
/// A run is held against all good runs before it: with ten repeats on both sides as a comparison does, corrected over
/// the keys of the run; else it is bad where its median lies above everything that they showed, by more than the minimum
/// effect and than what lies between their median and their largest. A bad run is no part of what the next one is held
/// against, so that a change for the worse stays one.
package struct Historian: Sendable {
    /// So many good repeats must be known before a few new ones can be bad.
    package static let leastKnown = 4

    private let runs: [FaultRepeats]

    /// - Parameter runs: in any order.
    package init(_ runs: [FaultRepeats]) {
        self.runs = runs.sorted { ($0.startUnixNanoseconds, $0.run) < ($1.startUnixNanoseconds, $1.run) }
    }

    /// What is known of a key when a run comes.
    fileprivate struct Line {
        var points: [RunHistory.Point] = []
        var good: [FaultRepeat] = []
        var environment = ""
    }

    /// Compares each run with the good ones before it, from the oldest to the newest.
    package func history() -> RunHistory {
        var lines: [ComparisonKey: Line] = [:]
        for (index, run) in runs.enumerated() {
            let units = Dictionary(grouping: run.repeats) { $0.key.without(Set(ComparisonKey.Part.allCases)) }
            let worse = Self.worse(units, than: lines.mapValues(\.good))
            for (key, repeats) in units {
                var line = lines[key] ?? Line()
                line.add(repeats, run: index, worse: worse[key] ?? [])
                lines[key] = line
            }
        }
        let trends = lines.map { RunHistory.Trend(key: $0.key, points: $0.value.points) }
        return RunHistory(
            runs: runs.map {
                RunHistory.Run(
                    id: $0.run, plan: $0.plan, startUnixNanoseconds: $0.startUnixNanoseconds, exit: $0.exit,
                    state: $0.state, leftOut: $0.leftOut)
            },
            trends: trends.sorted { ($0.isBad ? 0 : 1, $0.key.text) < ($1.isBad ? 0 : 1, $1.key.text) })
    }

    /// The measures that the tests find worse in a run, of the keys with enough repeats.
    private static func worse(
        _ units: [ComparisonKey: [FaultRepeat]], than good: [ComparisonKey: [FaultRepeat]]
    ) -> [ComparisonKey: [Measure]] {
        struct Test {
            var key: ComparisonKey
            var measure: Measure
            var p: Double
            var isLarge: Bool
        }
        var tests: [Test] = []
        for (key, repeats) in units {
            let known = good[key] ?? []
            guard min(repeats.count, known.count) >= Comparer.leastRepeats else { continue }
            for measure in Measure.tested {
                let (ours, theirs) = (repeats.readings(measure), known.readings(measure))
                guard let test = RankSumTest(ours, against: theirs, seed: "\(key.text); \(measure.rawValue)") else {
                    continue
                }
                let difference = HodgesLehmann.difference(
                    ours.map(\.nanoseconds).sorted(), theirs.map(\.nanoseconds).sorted())
                let least = Comparer.minimumEffect(measure, repeats + known)
                tests.append(Test(key: key, measure: measure, p: test.larger, isLarge: difference > least))
            }
        }
        var found: [ComparisonKey: [Measure]] = [:]
        for (test, p) in zip(tests, Holm.adjusted(tests.map(\.p))) where test.isLarge && p <= Comparer.level {
            found[test.key, default: []].append(test.measure)
        }
        return found
    }
}

extension Historian.Line {
    fileprivate mutating func add(_ repeats: [FaultRepeat], run: Int, worse: [Measure]) {
        let now = repeats.first?.key.environmentWords ?? ""
        let (state, measures) = state(of: repeats, worse: worse)
        points.append(
            RunHistory.Point(
                run: run, repeats: repeats.count, recovery: repeats.median(.recovery), loss: repeats.median(.loss),
                state: state, badMeasures: measures, changed: points.isEmpty || now == environment ? nil : now))
        environment = now
        if !state.isBad { good += repeats }
    }

    private func state(of repeats: [FaultRepeat], worse: [Measure]) -> (RunHistory.State, [Measure]) {
        if good.isEmpty { return (.first, []) }
        if min(repeats.count, good.count) >= Comparer.leastRepeats { return (worse.isEmpty ? .good : .worse, worse) }
        guard good.count >= Historian.leastKnown else { return (.good, []) }
        let high = Measure.tested.filter { measure in
            guard let most = good.readings(measure).max()?.nanoseconds else { return false }
            let spread = most - good.median(measure).nanoseconds
            let least = max(spread, Comparer.minimumEffect(measure, repeats + good))
            return repeats.median(measure).nanoseconds > most + least
        }
        return (high.isEmpty ? .good : .high, high)
    }
}

extension [FaultRepeat] {
    func readings(_ measure: Measure) -> [Reading] { compactMap { $0.readings[measure] } }
    fileprivate func median(_ measure: Measure) -> Reading { readings(measure).median }
}
