import QuakeAnalysis

extension ExpectationVerdict.Result {
    /// It is about the trials that were run.
    var isJudged: Bool { self != .notApplicable }

    var tone: Tone {
        switch self {
        case .pass: .good
        case .fail: .bad
        case .inconclusive: .unsure
        case .notApplicable: .neutral
        }
    }

    /// In a list: at most four characters.
    var mark: String {
        switch self {
        case .pass: "ok"
        case .fail: "FAIL"
        case .inconclusive: "?"
        case .notApplicable: "n/a"
        }
    }
}

extension RunComparison.Verdict {
    var tone: Tone {
        switch self {
        case .worse: .bad
        case .better, .same: .good
        case .unknown: .unsure
        }
    }

    /// Of one key among others: what has not changed stays plain.
    var keyTone: Tone { self == .same ? .neutral : tone }

    /// Of one key among others: what is worse must not be missed.
    var keyWord: String { self == .worse ? rawValue.uppercased() : rawValue }

}

extension String {
    /// `worse` as a sentence begins: `Worse`.
    var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }

    /// With blanks at its end up to a width.
    func padded(_ width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}

extension RunHistory {
    private var badKeys: Int { trends.count(where: \.isBad) }

    var tone: Tone { badKeys == 0 ? .good : .bad }

    /// Of the newest runs of all keys.
    var verdictWord: String { badKeys == 0 ? "good" : RunComparison.Verdict.worse.rawValue }

    /// `2 of 4 keys in their newest run`.
    var verdictWords: String {
        badKeys == 0
            ? "no key is worse in its newest run" : "\(badKeys) of \(trends.count) keys in their newest run"
    }
}

extension RunHistory.State {
    /// Why a bad run is called so.
    ///
    /// - Parameter isShort: for a line of a terminal.
    func badWords(isShort: Bool) -> String {
        switch (self, isShort) {
        case (.worse, true): "worse, as tested"
        case (.worse, false): "worse than all good runs before, as tested"
        case (_, true): "above all good runs (too few repeats to test)"
        case (_, false): "above everything that good runs showed, with too few repeats to test"
        }
    }
}
