import QuakePlan
import QuakeTimeline

/// Holds a plan's expectations against what was seen. The worst lane, trial and repeat decides.
///
/// Each value is judged twice, with suspect slots good and with suspect slots bad: equal answers stand, different ones are
/// inconclusive.
struct ExpectationJudge {
    let plan: Plan
    let trials: [TrialFindings]

    func verdicts() -> [ExpectationVerdict] {
        // Cells differ by their values alone: the expectations of all stand at the same places.
        let count = plan.cells.map(\.expectations.count).max() ?? 0
        return (0..<count).map { verdict($0) }
    }

    /// As one cell alone decides.
    func verdicts(ofCell cell: Int) -> [ExpectationVerdict] {
        plan.cells[cell].expectations.indices.map { verdict($0, in: cell) }
    }

    private func verdict(_ index: Int, in only: Int? = nil) -> ExpectationVerdict {
        let sample = plan.cells.lazy.compactMap {
            $0.expectations.indices.contains(index) ? $0.expectations[index] : nil
        }
        .first
        var verdict = ExpectationVerdict(
            claim: sample.map(Self.words) ?? "", line: sample?.position.line ?? 0, result: .notApplicable, worst: "",
            selected: 0)
        var worst: (rank: Int, excess: Double, words: String)?
        var isApplicable = false
        for (position, cell) in plan.cells.enumerated()
        where cell.expectations.indices.contains(index) && (only == nil || only == position) {
            let expectation = cell.expectations[index]
            guard matches(expectation.when, cell) else { continue }
            isApplicable = true
            for trial in trials where trial.cell == position {
                for value in values(expectation, trial) {
                    verdict.selected += 1
                    let judged = judge(value, expectation.claim)
                    if worst.map({ (judged.rank, judged.excess) > ($0.rank, $0.excess) }) ?? true {
                        worst = judged
                    }
                }
            }
        }
        guard isApplicable else { return verdict }
        verdict.worst = worst?.words ?? "nothing was measured"
        verdict.result = worst.map { [.pass, .inconclusive, .fail][$0.rank] } ?? .inconclusive
        return verdict
    }

    private func matches(_ when: [String: String], _ cell: Cell) -> Bool {
        when.allSatisfy { key, value in
            ["step", "traffic", "connections"].contains(key) || cell.labels[key] == value
        }
    }

    /// 0 holds, 1 cannot be said, 2 does not hold; by how much, to find the worst; and what was seen, the reason first.
    private func judge(_ value: JudgedValue, _ claim: Expectation.Claim) -> (rank: Int, excess: Double, words: String) {
        let (relation, bound) = Self.comparison(claim)
        let sides = [value.best, value.worst].compactMap { $0 }
        let excess =
            sides.map { side in
                relation == .atLeast || relation == .above ? bound - side.number : side.number - bound
            }.max() ?? 0
        let ranks = [value.best, value.worst].map { $0.map { Self.rank($0, relation, bound) } ?? 0 }
        let numbers = sides.map(\.number)
        // Between two values that are both another one, it may be this one.
        let mayBeEqual =
            relation == .equal && (numbers.min() ?? bound) < bound && bound < (numbers.max() ?? bound)
        guard ranks[0] != ranks[1] || mayBeEqual else { return (ranks[0], excess, value.words) }
        return (1, excess, "\(value.doubt): \(value.words)")
    }

    private static func rank(_ side: JudgedValue.Side, _ relation: Relation, _ bound: Double) -> Int {
        if side.isCensored {
            // It would only have become larger.
            let isUpper = relation == .atMost || relation == .below || relation == .equal
            return isUpper && side.number > bound ? 2 : 1
        }
        return Comparison(relation, bound).holds(for: side.number) ? 0 : 2
    }

    private static func comparison(_ claim: Expectation.Claim) -> (Relation, Double) {
        switch claim {
        case .availability(let comparison): (comparison.relation, comparison.bound)
        case .recovery(let comparison), .blackout(let comparison), .onset(let comparison),
            .latencyP99(let comparison):
            (comparison.relation, comparison.bound.inSeconds)
        case .outcome: (.equal, 1)
        case .notReady(let comparison): (comparison.relation, Double(comparison.bound))
        }
    }

    // MARK: - Values

    private func values(_ expectation: Expectation, _ trial: TrialFindings) -> [JudgedValue] {
        switch expectation.claim {
        case .outcome(let step, let wanted):
            return trial.outcomes[step].map { [JudgedValue(outcome: $0, of: step, wanted: wanted, trial)] } ?? []
        case .notReady(let comparison): return [JudgedValue(notReady: comparison, trial)]
        default: break
        }
        let lanes = trial.lanes.filter { finding in
            finding.lane.role == .probe
                && (expectation.when["traffic"].map { $0 == finding.lane.traffic } ?? true)
                && (expectation.when["connections"].map { $0 == finding.lane.mode.rawValue } ?? true)
        }
        let share = Self.percent(trial.suspectShare)
        return lanes.flatMap { laneValues(expectation, $0, trial) }.map { value in
            var value = value
            value.doubt = "suspect slots, \(share) of all, decide"
            return value
        }
    }

    private func laneValues(
        _ expectation: Expectation, _ lane: LaneFindings, _ trial: TrialFindings
    ) -> [JudgedValue] {
        let place = "\(trial.peering.isEmpty ? "" : trial.peering + " ")\(lane.lane.traffic)/\(lane.lane.mode.rawValue)"
        let readings = lane.bothReadings
        let step = expectation.when["step"]
        switch expectation.claim {
        case .availability where step == nil:
            return JudgedValue(readings, \.availability, Self.percent, place).map { [$0] } ?? []
        case .blackout where step == nil:
            return [
                JudgedValue(
                    best: JudgedValue.Side(blackout: readings.best.longestBlackout),
                    worst: JudgedValue.Side(blackout: readings.worst.longestBlackout), Self.seconds, place, open: "")
            ].compactMap { $0 }
        case .latencyP99 where step == nil:
            return JudgedValue(readings, { $0.latencyP99Nanoseconds.map { Double($0) / 1e9 } }, Self.seconds, place).map
            {
                [$0]
            } ?? []
        default:
            let faults = trial.faults.filter { step == nil ? !$0.isHealing : $0.fault.step == step }
            return faults.flatMap(\.effects).filter { $0.lane == lane.lane.id }.compactMap {
                value(expectation.claim, $0, place)
            }
        }
    }

    private func value(_ claim: Expectation.Claim, _ effect: LaneEffect, _ place: String) -> JudgedValue? {
        let readings = effect.bothReadings
        func seconds(_ nanoseconds: Int64) -> Double { Double(nanoseconds) / 1e9 }
        switch claim {
        case .availability: return JudgedValue(readings, \.availability, Self.percent, place)
        case .recovery:
            func side(_ reading: EffectReading) -> JudgedValue.Side {
                JudgedValue.Side(number: seconds(reading.stableNanoseconds), isCensored: reading.isCensored)
            }
            return JudgedValue(best: side(readings.best), worst: side(readings.worst), Self.seconds, place)
        case .onset: return JudgedValue(readings, { $0.onsetNanoseconds.map(seconds) }, Self.seconds, place)
        case .blackout:
            func side(_ reading: EffectReading) -> JudgedValue.Side {
                let longest = seconds(reading.blackoutNanoseconds)
                let outage = longest > 0 && longest < 1 ? " (an outage of \(Self.seconds(longest)))" : ""
                return JudgedValue.Side(number: longest >= 1 ? longest : 0, note: outage)
            }
            return JudgedValue(best: side(readings.best), worst: side(readings.worst), Self.seconds, place)
        case .latencyP99: return JudgedValue(readings, { $0.latencyP99Nanoseconds.map(seconds) }, Self.seconds, place)
        case .outcome, .notReady: return nil
        }
    }

    // MARK: - Words

    static func percent(_ share: Double) -> String { "\((share * 10_000).rounded() / 100) %" }
    static func seconds(_ seconds: Double) -> String { "\((seconds * 1000).rounded() / 1000) s" }

    private static func words(_ expectation: Expectation) -> String {
        let when = expectation.when.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        let (relation, bound) = comparison(expectation.claim)
        let claim: String =
            switch expectation.claim {
            case .availability: "availability \(relation.rawValue) \(percent(bound))"
            case .recovery: "recovery \(relation.rawValue) \(seconds(bound))"
            case .blackout: "blackout \(relation.rawValue) \(seconds(bound))"
            case .onset: "onset \(relation.rawValue) \(seconds(bound))"
            case .latencyP99: "latencyP99 \(relation.rawValue) \(seconds(bound))"
            case .outcome(let step, let wanted): "\(step) \(wanted.rawValue)"
            case .notReady: "notReady \(relation.rawValue) \(Int(bound))"
            }
        return when.isEmpty ? claim : "\(claim) when \(when)"
    }
}
