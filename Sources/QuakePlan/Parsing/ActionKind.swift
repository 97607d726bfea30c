/// What a step's key names: an action of the registry, or one of the runner's own steps.
enum ActionKind: Sendable {
    case declared(any PlanAction.Type)
    case control(ControlStep)

    var declaration: ActionDeclaration {
        switch self {
        case .declared(let type): type.declaration
        case .control(let step): step.declaration
        }
    }

    var name: String { declaration.name }
    var traits: ActionTraits { declaration.traits }

    func isControl(_ step: ControlStep) -> Bool {
        if case .control(let own) = self { own == step } else { false }
    }

    /// Whether an `until` on the step has something to look at.
    var takesUntil: Bool { if case .declared = self { true } else { false } }
}

/// A step's name and place before its body is read, so that a reference to a later step can be told from one to none.
struct StepIdentity: Equatable {
    var id: String
    var line: Int
}

/// What later parts of a plan must know of a step.
struct StepFacts {
    var id: String
    var kind: ActionKind
    /// `nil` for steps on no cluster, or on several.
    var cluster: String?
    var hasNodes = false
    /// What the nodes that a `wait-for` looks at were taken by; `nil` where it selects them itself.
    var reference: ActionKind?
    /// From the action's end to the next step. Where it depends on facts that are not known, longer than any window that is
    /// asked for: nothing can be said to be too short.
    var hold = Duration.zero
    /// Time that the action itself takes for certain.
    var length = Duration.zero
    /// Between two faults of a composite action; `nil` where there is one fault.
    var pause: Duration?
    /// Shortest time from a fault of this step to the next step that changes a cluster.
    var window = Duration.zero
    /// How long it waits for each change whose propagation it measures; `nil` where it measures none.
    var measuredWithin: Duration?
    /// Steps inside a `parallel`.
    var children: [String] = []
}
