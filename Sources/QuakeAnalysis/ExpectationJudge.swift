import QuakePlan
import QuakeTimeline

/// Holds a plan's expectations against what was seen. The worst lane, trial and repeat decides.
struct ExpectationJudge {
    let plan: Plan
    let trials: [TrialFindings]

    /// One value that an expectation is held against.
    private struct Value {
        var number: Double
        var words: String
        /// A lower bound of what it would have become.
        var isCensored = false
        var isTrusted = true
    }

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
                    let (rank, excess) = judge(value, expectation.claim)
                    if worst.map({ (rank, excess) > ($0.rank, $0.excess) }) ?? true {
                        worst = (rank, excess, value.words)
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

    /// 0 holds, 1 cannot be said, 2 does not hold; and by how much, to find the worst.
    private func judge(_ value: Value, _ claim: Expectation.Claim) -> (rank: Int, excess: Double) {
        let (relation, bound) = Self.comparison(claim)
        let excess = relation == .atLeast || relation == .above ? bound - value.number : value.number - bound
        guard value.isTrusted else { return (1, excess) }
        let holds = Comparison(relation, bound).holds(for: value.number)
        if value.isCensored {
            // It would only have become larger.
            let isUpper = relation == .atMost || relation == .below || relation == .equal
            return isUpper && value.number > bound ? (2, excess) : (1, excess)
        }
        return (holds ? 0 : 2, excess)
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

    private func values(_ expectation: Expectation, _ trial: TrialFindings) -> [Value] {
        let isTrusted = trial.isTrusted
        switch expectation.claim {
        case .outcome(let step, let wanted):
            guard let seen = trial.outcomes[step] else { return [] }
            let words = "\(step) \(seen.rawValue) in trial \(trial.index + 1)"
            return [Value(number: seen == wanted ? 1 : 0, words: words)]
        case .notReady:
            let count = trial.notReady.count
            let names = trial.notReady.joined(separator: ", ")
            return [
                Value(
                    number: Double(count),
                    words: "\(count) NotReady in trial \(trial.index + 1)\(names.isEmpty ? "" : ": \(names)")")
            ]
        default: break
        }
        let lanes = trial.lanes.filter { finding in
            finding.lane.role == .probe
                && (expectation.when["traffic"].map { $0 == finding.lane.traffic } ?? true)
                && (expectation.when["connections"].map { $0 == finding.lane.mode.rawValue } ?? true)
        }
        return lanes.flatMap { lane in
            laneValues(expectation, lane, trial).map { value in
                var copy = value
                copy.isTrusted = isTrusted
                return copy
            }
        }
    }

    private func laneValues(_ expectation: Expectation, _ lane: LaneFindings, _ trial: TrialFindings) -> [Value] {
        let place = "\(trial.peering.isEmpty ? "" : trial.peering + " ")\(lane.lane.traffic)/\(lane.lane.mode.rawValue)"
        if let step = expectation.when["step"] {
            return effects(of: step, lane, trial).compactMap { value(expectation.claim, $0, place) }
        }
        switch expectation.claim {
        case .availability:
            return lane.availability.map { [Value(number: $0, words: "\(Self.percent($0)) on \(place)")] } ?? []
        case .blackout:
            let longest = lane.outages.filter(\.isBlackout).max { $0.estimate < $1.estimate }
            let seconds = longest?.estimate.inSeconds ?? 0
            return [
                Value(
                    number: seconds, words: "\(Self.seconds(seconds)) on \(place)",
                    isCensored: longest?.isCensored ?? false)
            ]
        case .latencyP99:
            return lane.latency.percentile(0.99).map {
                [Value(number: $0.inSeconds, words: "\(Self.seconds($0.inSeconds)) on \(place)")]
            } ?? []
        default:
            let faults = trial.faults.filter { !$0.isHealing }.flatMap(\.effects).filter { $0.lane == lane.lane.id }
            return faults.compactMap { value(expectation.claim, $0, place) }
        }
    }

    private func effects(of step: String, _ lane: LaneFindings, _ trial: TrialFindings) -> [LaneEffect] {
        trial.faults.filter { $0.fault.step == step }.flatMap(\.effects).filter { $0.lane == lane.lane.id }
    }

    private func value(_ claim: Expectation.Claim, _ effect: LaneEffect, _ place: String) -> Value? {
        switch claim {
        case .availability:
            return effect.availability.map { Value(number: $0, words: "\(Self.percent($0)) on \(place)") }
        case .recovery:
            return Value(
                number: effect.stable.inSeconds,
                words: "\(effect.isCensored ? "not before " : "")\(Self.seconds(effect.stable.inSeconds)) on \(place)",
                isCensored: effect.isCensored)
        case .onset:
            return effect.onsetNanoseconds.map {
                Value(number: Double($0) / 1e9, words: "\(Self.seconds(Double($0) / 1e9)) on \(place)")
            }
        case .blackout:
            let longest = Double(effect.blackoutNanoseconds) / 1e9
            let seconds = longest >= 1 ? longest : 0
            let outage = longest > 0 && longest < 1 ? " (an outage of \(Self.seconds(longest)))" : ""
            return Value(number: seconds, words: "\(Self.seconds(seconds))\(outage) on \(place)")
        case .latencyP99:
            return effect.latency.percentile(0.99).map {
                Value(number: $0.inSeconds, words: "\(Self.seconds($0.inSeconds)) on \(place)")
            }
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
