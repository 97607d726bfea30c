/// How a step ended.
///
/// The raw values stand in plans and archives: add cases, never rename one. The order of the cases is that of their
/// weight: a step that works on several nodes ends as the worst of them does.
package enum StepOutcome: String, Sendable, Codable, CaseIterable, Comparable {
    case finished
    /// What it started has not come about, and nothing speaks against it.
    case pending
    /// Held by a PodDisruptionBudget.
    case blocked
    case timedOut = "timed-out"
    /// Never begun, for the run was to end at once.
    case skipped
    /// Begun, and cut off.
    case cancelled
    case failed

    /// Those that an expectation may ask for.
    package static let expectable: [StepOutcome] = [.finished, .blocked, .pending, .failed, .timedOut]

    /// By weight: the worse outcome is the greater.
    package static func < (left: StepOutcome, right: StepOutcome) -> Bool { left.weight < right.weight }

    private var weight: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
