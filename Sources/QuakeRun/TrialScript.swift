/// The course of one trial: which state follows which, whatever happens. Pure: the shell does each state's work and says
/// how it ended.
///
///     settings ─► stable ─► before ─► steps ─► always ─► healing ─► after ─► over
///         └─────────┴──────────┴── failed, cut off ─────────│───────────────► over
///                                                 cut off ──┘
///
/// Until the steps begin nothing was broken, and what fails ends the trial. From then on `always` and `healing` follow
/// however the steps end. A trial that was cut off is not judged, so that it need not wait for a clean stretch.
struct TrialScript: Sendable, Equatable {
    enum State: String, Sendable, CaseIterable {
        /// The cell's settings are put into force.
        case settings
        /// Every node that matters is Ready, and every gateway serves.
        case stable
        /// The lanes start and show a clean stretch.
        case before
        case steps
        /// The plan's `always`.
        case always
        case healing
        /// The lanes show a clean stretch again.
        case after
        case over

        /// The states that may follow.
        var successors: Set<State> {
            switch self {
            case .settings: [.stable, .over]
            case .stable: [.before, .over]
            case .before: [.steps, .over]
            case .steps: [.always]
            case .always: [.healing]
            case .healing: [.after, .over]
            case .after: [.over]
            case .over: []
            }
        }
    }

    /// How the work of a state ended.
    enum Ending: Sendable, Equatable {
        case done
        case failed(RunError)
        /// By a signal, or because the run cannot go on.
        case cutOff(RunError)
    }

    private(set) var state = State.settings
    /// What went wrong, in order. The first one tells why the trial ended.
    private(set) var problems: [RunError] = []

    /// The work of the present state has ended: goes on to the next.
    mutating func end(_ ending: Ending) {
        switch ending {
        case .done: break
        case .failed(let problem), .cutOff(let problem):
            // That a trial was cut off is said once.
            if !problems.contains(problem) { problems.append(problem) }
        }
        state = next(after: ending)
    }

    private func next(after ending: Ending) -> State {
        switch (state, ending) {
        case (.settings, .done): .stable
        case (.stable, .done): .before
        case (.before, .done): .steps
        case (.settings, _), (.stable, _), (.before, _): .over
        case (.steps, _): .always
        case (.always, _): .healing
        case (.healing, .cutOff): .over
        // What could not be healed may have left the lanes as they were before: it is looked at.
        case (.healing, _): .after
        case (.after, _), (.over, _): .over
        }
    }
}
