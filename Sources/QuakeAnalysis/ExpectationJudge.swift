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
        // Peering method → values that do not hold there; of one method alone it need not be told.
        var failing: [String: Int] = [:]
        var methods: Set<String> = []
        var isApplicable = false
        var wordings: [ClaimWording] = []
        for (position, cell) in plan.cells.enumerated()
        where cell.expectations.indices.contains(index) && (only == nil || only == position) {
            let expectation = cell.expectations[index]
            guard expectation.selects(cell) else { continue }
            isApplicable = true
            let wording = expectation.claim.declared.wording
            wordings.append(wording)
            guard !wording.isOpen else {
                let unknown = (rank: 1, excess: Double.infinity, words: "its limit is not known, as the facts are not")
                if worst.map({ $0.rank < 2 }) ?? true { worst = unknown }
                continue
            }
            // A kind of expectation that nothing judges is never said to hold.
            guard let claim = expectation.claim.declared as? any JudgedExpectation else { continue }
            for trial in trials where trial.cell == position {
                for value in claim.values(in: trial, when: expectation.when) {
                    verdict.selected += 1
                    let judged = judge(value, claim.limitOfValues)
                    methods.insert(trial.peering)
                    if judged.rank == 2 { failing[trial.peering, default: 0] += 1 }
                    if worst.map({ (judged.rank, judged.excess) > ($0.rank, $0.excess) }) ?? true {
                        worst = judged
                    }
                }
            }
        }
        guard isApplicable else { return verdict }
        if wordings.contains(where: { $0.formula != nil }), let sample {
            verdict.claim = ClaimWording.text(wordings) + sample.whenWords
        }
        verdict.worst = worst?.words ?? "nothing was measured"
        if methods.count > 1, !failing.isEmpty {
            let places = failing.sorted { $0.key < $1.key }.map { "\($0.value) via \($0.key)" }
            verdict.worst += "; \(places.joined(separator: ", ")) of \(verdict.selected) do not hold"
        }
        verdict.result = worst.map { [.pass, .inconclusive, .fail][$0.rank] } ?? .inconclusive
        return verdict
    }

    /// 0 holds, 1 cannot be said, 2 does not hold; by how much, to find the worst; and what was seen, the reason first.
    private func judge(
        _ value: JudgedValue, _ limit: Comparison<Double>
    ) -> (rank: Int, excess: Double, words: String) {
        let (relation, bound) = (limit.relation, limit.bound)
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
            let isLower = relation == .atLeast || relation == .above
            if isLower, Comparison(relation, bound).holds(for: side.number) { return 0 }
            let isUpper = relation == .atMost || relation == .below || relation == .equal
            return isUpper && side.number > bound ? 2 : 1
        }
        return Comparison(relation, bound).holds(for: side.number) ? 0 : 2
    }

    private static func words(_ expectation: Expectation) -> String {
        expectation.claim.declared.words + expectation.whenWords
    }
}
