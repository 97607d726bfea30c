/// What a step does: an action of the registry, or one of the runner's own steps; see ``ControlStep``.
package enum Action: Sendable {
    case declared(any PlanAction)
    case wait(Duration)
    case waitFor(WaitFor)
    case restoreAll

    package var declaration: ActionDeclaration {
        switch self {
        case .declared(let action): type(of: action).declaration
        case .wait: ControlStep.wait.declaration
        case .waitFor: ControlStep.waitFor.declaration
        case .restoreAll: ControlStep.restoreAll.declaration
        }
    }

    /// The kebab-case name used in plans, events, commands and reports.
    package var name: String { declaration.name }

    package var traits: ActionTraits { declaration.traits }

    /// What it works on; `nil` where it works on no cluster, or on all.
    package var scope: ActionScope? {
        switch self {
        case .declared(let action): action.scope
        case .waitFor(let wait): wait.targets.map { .nodes($0) } ?? .cluster(wait.cluster)
        case .wait, .restoreAll: nil
        }
    }

    /// The nodes that it works on, where it works on nodes.
    package var nodeTargets: NodeTargets? { if case .nodes(let targets)? = scope { targets } else { nil } }

    /// The cluster that it names itself; `nil` where its targets do.
    package var namedCluster: String? {
        if case .waitFor(let wait) = self { wait.cluster } else { scope?.cluster }
    }

    /// A lower bound of how long it takes; see ``Plan/expectedLength``.
    var ownTime: Duration {
        switch self {
        case .declared(let action): action.ownTime
        case .wait(let length): length
        case .waitFor, .restoreAll: .zero
        }
    }

    /// How long it may wait for its effect; see ``Plan/longestWaits``.
    var longestWait: Duration {
        switch self {
        case .declared(let action): action.longestWait
        case .waitFor(let wait): wait.awaited.within
        case .wait, .restoreAll: .zero
        }
    }

    /// How long its step waits for rollouts where it has no `until`; see ``PlanAction/rolloutLimit``.
    package var rolloutLimit: Duration? { if case .declared(let action) = self { action.rolloutLimit } else { nil } }
}

extension Action: Equatable {
    package static func == (first: Action, second: Action) -> Bool {
        switch (first, second) {
        case (.declared(let a), .declared(let b)): a.equals(b)
        case (.wait(let a), .wait(let b)): a == b
        case (.waitFor(let a), .waitFor(let b)): a == b
        case (.restoreAll, .restoreAll): true
        default: false
        }
    }
}
