package import QuakePlan

/// How often a run goes through its plan's cells.
package enum Repetition: Sendable, Equatable {
    /// As often as the plan says.
    case asPlanned
    /// A soak: again and again, for as long as the next trial can be over in time.
    case lasting(Duration)

    /// So many trials on end may fail for what is no finding, as an API server that does not answer: through a long run
    /// that may happen once.
    var patience: Int {
        switch self {
        case .asPlanned: 1
        case .lasting: 3
        }
    }

    /// The trial at a position in the order of execution, from 0; `nil` if none is to begin any more. A run has at least
    /// one.
    ///
    /// - Parameter elapsed: since the run began.
    package func trial(_ index: Int, of plan: Plan, after elapsed: Duration) -> Trial? {
        let cell = index % plan.cells.count
        let trial = Trial(index: index, repeatIndex: index / plan.cells.count, cell: cell)
        switch self {
        case .asPlanned: return trial.repeatIndex < plan.repeats ? trial : nil
        case .lasting(let length):
            return index == 0 || elapsed + plan.cells[cell].expectedLength <= length ? trial : nil
        }
    }
}
