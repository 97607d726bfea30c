import QuakeAnalysis
import QuakeTimeline

/// How a run, or one trial of it, ended: the one place where the words for it are chosen.
enum RunVerdict: CaseIterable, Sendable {
    case passed, failed, inconclusive, faultNotInjected, cleanupIncomplete, interrupted, endedBadly

    init(_ exit: PeerquakeExit) {
        self =
            switch exit {
            case .pass: .passed
            case .failed: .failed
            case .inconclusive: .inconclusive
            case .faultNotInjected: .faultNotInjected
            case .cleanupIncomplete: .cleanupIncomplete
            case .interrupted, .terminated: .interrupted
            case .regression, .usage, .unavailable, .internalError: .endedBadly
            }
    }

    var tone: Tone {
        switch self {
        case .passed: .good
        case .inconclusive, .interrupted: .unsure
        case .failed, .faultNotInjected, .cleanupIncomplete, .endedBadly: .bad
        }
    }

    /// As a terminal's report begins.
    var headline: String {
        switch self {
        case .passed: "PASS"
        case .failed: "FAIL"
        case .inconclusive: "INCONCLUSIVE"
        case .faultNotInjected: "FAULT NOT INJECTED"
        case .cleanupIncomplete: "CLEAN-UP INCOMPLETE"
        case .interrupted: "INTERRUPTED"
        case .endedBadly: "ENDED BADLY"
        }
    }

    /// As a page begins, without the full stop.
    var sentence: String {
        switch self {
        case .passed: "Passed"
        case .failed: "Failed"
        case .inconclusive: "Inconclusive"
        case .faultNotInjected: "A fault was not injected"
        case .cleanupIncomplete: "Clean-up is incomplete"
        case .interrupted: "Interrupted"
        case .endedBadly: "Ended badly"
        }
    }

    /// After the plan's name.
    var predicate: String {
        switch self {
        case .passed: "passed"
        case .failed: "failed"
        case .inconclusive: "inconclusive"
        case .faultNotInjected: "did not inject a fault"
        case .cleanupIncomplete: "left clean-up incomplete"
        case .interrupted: "interrupted"
        case .endedBadly: "ended badly"
        }
    }

    /// In a line about one trial.
    var mark: String {
        switch self {
        case .passed: "ok"
        case .failed: "FAILED"
        case .inconclusive: "?"
        case .faultNotInjected, .cleanupIncomplete, .interrupted, .endedBadly: "BROKEN"
        }
    }

    /// What monitoring counts it as.
    enum Result: String, CaseIterable {
        case passed, failed, inconclusive
    }

    var result: Result {
        switch self {
        case .passed: .passed
        case .inconclusive: .inconclusive
        case .failed, .faultNotInjected, .cleanupIncomplete, .interrupted, .endedBadly: .failed
        }
    }
}

/// How many of a run's expectations held, of those that are about it.
struct ExpectationTally {
    var held: Int
    var judged: Int
    /// Trials that were judged.
    var trials: Int

    /// `3 of 4 expectations held in 1 trial`; `no expectation was judged in 1 trial`.
    func words(_ verb: String = "held") -> String {
        guard judged > 0 else { return "no expectation was judged in \(Figures.count(trials, "trial"))" }
        return "\(held) of \(judged) expectations \(verb) in \(Figures.count(trials, "trial"))"
    }
}

extension Findings {
    var verdict: RunVerdict { RunVerdict(exit) }
    var isRunning: Bool { state == .running }

    var tally: ExpectationTally {
        ExpectationTally(
            held: verdicts.count { $0.result == .pass }, judged: verdicts.count { $0.result.isJudged },
            trials: trials.count(where: \.isWhole))
    }
}
