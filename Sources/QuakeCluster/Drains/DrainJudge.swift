package import QuakeKube
import QuakePlan

/// A pod that a drain meant to take from its node, and that was there when the drain ended without success. Moments count
/// from the drain's beginning.
package struct RemainingPod: Sendable, Equatable {
    /// `namespace/name`.
    package var name: String
    /// Whether its deletion has begun.
    package var isTerminating: Bool
    /// When that was first seen; `nil` where nobody looked.
    package var terminatingSince: Duration?
    /// Whether its deletion had begun before the drain did.
    package var wasTerminating: Bool
    package var gracePeriod: Duration
    /// What a dry-run eviction was answered with when time was up; `nil` where it is terminating, or is to be deleted.
    package var answer: EvictionAnswer?
    /// Names of the budgets that select it.
    package var budgets: [String]
    /// Since when budgets hold it without a break; `nil` where that was not seen.
    package var heldSince: Duration?

    package init(
        name: String, isTerminating: Bool = false, terminatingSince: Duration? = nil, wasTerminating: Bool = false,
        gracePeriod: Duration = .seconds(30), answer: EvictionAnswer? = nil, budgets: [String] = [],
        heldSince: Duration? = nil
    ) {
        self.name = name
        self.isTerminating = isTerminating
        self.terminatingSince = terminatingSince
        self.wasTerminating = wasTerminating
        self.gracePeriod = gracePeriod
        self.answer = answer
        self.budgets = budgets
        self.heldSince = heldSince
    }
}

/// What a drain that did not succeed has left on its node.
package struct DrainRemains: Sendable {
    /// Pods for whose sake kubectl would not begin, by `namespace/name`.
    package var objections: [(pod: String, objection: PodFilter.Objection)]
    /// Those that were to go.
    package var pods: [RemainingPod]
    /// Why nothing is known of what is left; kubectl's lines tell then.
    package var unread: String?

    package init(
        objections: [(pod: String, objection: PodFilter.Objection)] = [], pods: [RemainingPod] = [],
        unread: String? = nil
    ) {
        self.objections = objections
        self.pods = pods
        self.unread = unread
    }

    /// Whether the API server refuses to evict any of them.
    var isHeld: Bool {
        pods.contains { pod in
            switch pod.answer {
            case .held, .ambiguous: true
            default: false
            }
        }
    }

    /// Whether kubectl has done something to any of them.
    var isTouched: Bool { pods.contains { $0.terminatingSince != nil && !$0.wasTerminating } }
}

/// How a drain of one node ended, by what happened to its pods; kubectl's texts differ by version, and only explain.
package struct DrainJudge: Sendable {
    private typealias Reason = (outcome: StepOutcome, words: String)

    private let succeeded: Bool
    private let text: DrainText
    private let limit: Duration
    private let isOutOfTime: Bool
    private let remains: DrainRemains

    /// - Parameters:
    ///   - ended: what kubectl said, and how it ended.
    ///   - limit: `--timeout`.
    package init(ended: CommandResult, limit: Duration, remains: DrainRemains) {
        succeeded = ended.succeeded
        text = DrainText(ended)
        self.limit = limit
        isOutOfTime = text.isOutOfTime(limit: limit)
        self.remains = remains
    }

    /// The outcome, and all reasons, worst first, by ``StepOutcome``'s order.
    package var outcome: ActionOutcome {
        if succeeded { return .finished }
        // kubectl lists all pods before it evicts the first: what goes in spite of its refusal, others delete.
        let hasBegun = text.hasBegun || remains.isTouched && !text.isRefusal
        let reasons = hasBegun ? whatHeldIt : whyNotBegun
        let ordered = reasons.enumerated()
            .sorted { ($1.element.outcome, $0.offset) < ($0.element.outcome, $1.offset) }.map(\.element)
        var seen: Set<String> = []
        let words = ordered.map(\.words).filter { seen.insert($0).inserted }
        return ActionOutcome(ordered.first?.outcome ?? .failed, words.joined(separator: "; "))
    }

    // MARK: - Not begun

    private var whyNotBegun: [Reason] {
        let rights = missingRights
        if !rights.isEmpty { return rights }
        if isOutOfTime { return remains.pods.isEmpty ? [(.timedOut, text.said)] : whatHeldIt }
        let objections = remains.objections.sorted { ($0.objection, $0.pod) < ($1.objection, $1.pod) }
            .map { ($0.pod, $0.objection.words) }
        if !objections.isEmpty, text.isRefusal || text.hasCordoned {
            return objections.map { (.refused, "\($0.0) \($0.1)") } + [(.refused, "kubectl: \(text.said)")]
        }
        return [(text.isRefusal ? .refused : .failed, text.said)]
    }

    private var missingRights: [Reason] { text.missingRights.map { (.failed, $0.words) } }

    // MARK: - Begun

    private var whatHeldIt: [Reason] {
        var reasons = remains.pods.compactMap(reason) + missingRights
        if let unread = remains.unread {
            reasons += text.retried.map { (.blocked, "\($0.pod): \($0.words)") }
            let lost = "; the pods that are left could not be read: \(unread)"
            return reasons.isEmpty || !isOutOfTime
                ? reasons + [(isOutOfTime ? .timedOut : .failed, text.said + lost)] : reasons
        }
        if isOutOfTime {
            return reasons.isEmpty ? [(.timedOut, "time was up as the last pods went")] : reasons
        }
        // kubectl tries for the whole time, unless one of these ends it.
        let isExplained =
            reasons.contains { $0.outcome == .failed }
            || remains.pods.contains { if case .ambiguous = $0.answer { true } else { false } }
        return isExplained ? reasons : reasons + [(.failed, text.said)]
    }

    private func reason(_ pod: RemainingPod) -> Reason? {
        if pod.isTerminating {
            let since =
                pod.wasTerminating
                ? " since before the drain began"
                : pod.terminatingSince.map { " since \(seconds($0)) after the drain began" } ?? ""
            return (.timedOut, "\(pod.name) is terminating\(since), with a grace period of \(seconds(pod.gracePeriod))")
        }
        switch pod.answer {
        case .held(let words), .ambiguous(let words): return (.blocked, "\(pod.name): \(words)\(hold(of: pod))")
        case .forbidden(let right): return (.failed, "\(pod.name): \(right.words)")
        case .failed(let words): return (.failed, "\(pod.name): \(words)")
        case .untold(let words):
            return pod.heldSince == nil
                ? (.timedOut, "\(pod.name) was still there; whether it may go could not be asked: \(words)")
                : (.blocked, "\(pod.name)\(hold(of: pod)); a dry run was not answered: \(words)")
        case .allowed: return (.timedOut, "\(pod.name) was still there, though nothing holds its eviction any more")
        case nil: return (.timedOut, "\(pod.name) was still there")
        case .gone: return nil
        }
    }

    private func hold(of pod: RemainingPod) -> String {
        let names = pod.budgets.joined(separator: ", ")
        let budgets = names.isEmpty ? "" : "\(pod.budgets.count == 1 ? "budget" : "budgets") \(names); "
        let since = pod.heldSince.map { "held since \(seconds($0)) after the drain began" } ?? "held when time was up"
        return " (\(budgets)\(since))"
    }

    private func seconds(_ length: Duration) -> String {
        let tenths = (length / .milliseconds(100)).rounded() / 10
        return tenths == tenths.rounded() ? "\(Int(tenths)) s" : "\(tenths) s"
    }
}
