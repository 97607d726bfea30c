/// Judges claims by what runs of their plans showed.
package struct ClaimJudge: Sendable {
    /// A figure's value.
    package enum Value: Sendable, Equatable {
        case share(Double)
        /// In seconds; a lower bound where it is censored.
        case time(Double, isCensored: Bool)
        case count(Int)
        case word(String)

        /// For comparisons; `nil` of a word.
        var number: Double? {
            switch self {
            case .share(let value), .time(let value, _): value
            case .count(let count): Double(count)
            case .word: nil
            }
        }

        /// As the table shows it.
        var text: String {
            switch self {
            case .share(let share): "\((share * 1_000).rounded() / 10) %"
            case .time(let seconds, let isCensored):
                (isCensored ? "> " : "") + "\((seconds * 100).rounded() / 100) s"
            case .count(let count): "\(count)"
            case .word(let word): word
            }
        }
    }

    /// Past this share of slots that are not trusted a trial shows nothing, as verdicts of claims have one reading only.
    static let trusted = 0.1

    let evidence: PlanEvidence

    package init(_ evidence: PlanEvidence) { self.evidence = evidence }

    /// A figure's value via one method; `nil` where nothing was measured.
    package func value(_ figure: ClaimFigure, via method: String) -> Value? {
        let trials = evidence.trials.filter { $0.peering == method && matches($0, figure.cell) }
        guard !trials.isEmpty, trials.allSatisfy({ $0.suspectShare <= Self.trusted }) else { return nil }
        switch figure.quantity {
        case .notReady: return .count(trials.map(\.notReady).max() ?? 0)
        case .outcome(let step):
            // Repeats that differ are all shown.
            let words = Set(trials.compactMap { $0.outcomes[step] }).sorted()
            return words.isEmpty ? nil : .word(words.joined(separator: ", "))
        case .lost(let step):
            let effects = Self.effects(trials, step)
            let slots = effects.reduce(0) { $0 + $1.slots }
            return slots == 0 ? nil : .share(Double(effects.reduce(0) { $0 + $1.bad }) / Double(slots))
        case .blackout(let step):
            let longest = Self.effects(trials, step).map(\.blackoutMillis).max()
            return longest.map { .time($0 < 1_000 ? 0 : $0 / 1_000, isCensored: false) }
        case .recovery(let step):
            guard let worst = Self.effects(trials, step).max(by: { $0.recoveryMillis < $1.recoveryMillis }) else {
                return nil
            }
            return .time(worst.recoveryMillis / 1_000, isCensored: worst.isCensored)
        case .detected(let step):
            let longest = trials.compactMap { $0.detectionMillis[step] }.max()
            return longest.map { .time($0 / 1_000, isCensored: false) }
        case .propagation(let step):
            let longest = trials.compactMap { $0.propagation[step] }.max { $0.millis < $1.millis }
            return longest.map { .time($0.millis / 1_000, isCensored: $0.isCensored) }
        case .dials(let node, let step):
            let all = trials.map { $0.dials[step] ?? [:] }
            let total = all.reduce(0) { $0 + $1.values.reduce(0, +) }
            return total == 0 ? nil : .share(Double(all.reduce(0) { $0 + ($1[node] ?? 0) }) / Double(total))
        case .elsewhere(let step):
            let all = trials.compactMap { $0.landed[step] }
            let elsewhere = all.reduce(0) { $0 + $1.elsewhere }
            let total = all.reduce(elsewhere) { $0 + $1.there }
            return total == 0 ? nil : .share(Double(elsewhere) / Double(total))
        }
    }

    /// What the figures say of a claim.
    package func verdict(_ measurement: ClaimMeasurement) -> ClaimVerdict {
        var results: [Bool] = []
        for check in measurement.checks {
            let figures = check.figures.compactMap { name in measurement.figures.first { $0.name == name } }
            precondition(figures.count == check.figures.count, "a check of \(measurement.plan) names no figure")
            for method in figures[0].methods {
                let values = figures.compactMap { value($0, via: method) }
                guard values.count == figures.count else { return .inconclusive }
                results.append(Self.holds(check, values))
            }
        }
        if results.allSatisfy({ $0 }) { return .confirmed }
        return results.contains(true) ? .depends : .refuted
    }

    private static func holds(_ check: ClaimCheck, _ values: [Value]) -> Bool {
        switch check {
        case .atMost(_, let limit): values[0].number.map { $0 <= limit } ?? false
        case .atLeast(_, let limit): values[0].number.map { $0 >= limit } ?? false
        case .below(_, _, let factor):
            if let one = values[0].number, let other = values[1].number { one < other * factor } else { false }
        case .recovers: if case .time(_, isCensored: false) = values[0] { true } else { false }
        case .lasts: if case .time(_, isCensored: true) = values[0] { true } else { false }
        case .ends(_, let word): values[0] == .word(word)
        }
    }

    private static func effects(_ trials: [PlanEvidence.Trial], _ step: String) -> [PlanEvidence.Effect] {
        trials.flatMap { trial in
            trial.effects.sorted { $0.key < $1.key }.compactMap { name, modes in
                let isOne = step.hasSuffix("*") ? name.hasPrefix(step.dropLast()) : name == step
                return isOne ? modes["new"] : nil
            }
        }
    }

    private func matches(_ trial: PlanEvidence.Trial, _ cell: [String: String]) -> Bool {
        cell.allSatisfy { key, wanted in
            guard wanted.hasPrefix("#"), let place = Int(wanted.dropFirst()) else { return trial.labels[key] == wanted }
            return ordered(key).dropFirst(place).first == trial.labels[key]
        }
    }

    /// A key's values, in the order in which trials have them.
    private func ordered(_ key: String) -> [String] {
        evidence.trials.reduce(into: []) { found, trial in
            if let value = trial.labels[key], !found.contains(value) { found.append(value) }
        }
    }
}
