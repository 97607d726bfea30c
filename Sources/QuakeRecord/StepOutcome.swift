/// How a step ended.
///
/// The raw values stand in plans and archives: add cases, never rename one. The order of the cases is that of their
/// weight: a step that works on several nodes ends as the worst of them does.
package enum StepOutcome: String, Sendable, Codable, CaseIterable, Comparable {
    case finished
    /// What it started has not come about, and nothing speaks against it.
    case pending
    /// What it started makes no progress any more: a rollout whose pods cannot be placed.
    case stalled
    /// The API server refuses to evict a pod: for a PodDisruptionBudget, for several over one pod, or for a webhook.
    case blocked
    /// What it waits for goes on, and took longer than its time.
    case timedOut = "timed-out"
    /// Never begun, for the run was to end at once.
    case skipped
    /// Begun, and cut off.
    case cancelled
    /// What carries it out would not begin: kubectl, for pods that a drain's options do not allow to go.
    case refused
    case failed

    /// Those that an expectation may ask for.
    package static let expectable: [StepOutcome] = [
        .finished, .blocked, .timedOut, .pending, .stalled, .refused, .failed,
    ]

    /// Whether the step did not do what it says, so that the run ends with exit code 4 unless an expectation of that step
    /// asks for it. Every other end is a finding.
    package var isFailure: Bool { self == .refused || self == .failed }

    /// By weight: the worse outcome is the greater.
    package static func < (left: StepOutcome, right: StepOutcome) -> Bool { left.weight < right.weight }

    private var weight: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
