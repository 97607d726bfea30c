extension Plan {
    /// A lower bound of how long a run takes: the sum over all trials of
    ///
    ///     baseline + Σ steps (own time + hold) + max(0, min(baseline, settle) − the quiet at their end)
    ///
    /// The clean stretch that a trial must end with may have begun while nothing was changed any more.
    ///
    /// Each action declares its own time (``PlanAction/ownTime``); that of `wait` is its length. A `parallel` takes as long as
    /// the longest of its steps. What only a run can tell (until a condition is met, a pod has gone, the random phase
    /// before a fault) counts nothing.
    package var expectedLength: Duration {
        let once = cells.reduce(Duration.zero) { $0 + $1.expectedLength }
        return once * repeats
    }
}

extension Plan {
    /// What waits add to ``expectedLength`` at most, over all trials: each step's `until`, else how long it waits for its own
    /// effect; each `wait-for`. A `parallel` counts the longest of its steps.
    package var longestWaits: Duration {
        let once = cells.reduce(Duration.zero) { sum, cell in cell.steps.reduce(sum) { $0 + $1.longestWait } }
        return once * repeats
    }
}

extension Plan {
    /// ``expectedLength`` and ``longestWaits``: "at least 3m20s, up to 10m more while it waits".
    package var lengthWords: String {
        let open = cells.contains { $0.steps.contains(where: \.hasOpenHold) } ? " and what holds add" : ""
        let least = "at least \(Quantity.text(expectedLength))\(open)"
        return longestWaits > .zero ? "\(least), up to \(Quantity.text(longestWaits)) more while it waits" : least
    }
}

extension Step {
    /// A hold of it, or of a step in it, depends on facts that are not known.
    fileprivate var hasOpenHold: Bool {
        if case .parallel(let steps) = body, steps.contains(where: \.hasOpenHold) { return true }
        return isHoldOpen
    }

    fileprivate var longestWait: Duration {
        switch body {
        case .action(let action): until?.within ?? action.longestWait
        case .parallel(let steps): steps.map(\.longestWait).max() ?? .zero
        }
    }
}

extension Cell {
    /// A lower bound of one trial's length; see ``Plan/expectedLength``.
    package var expectedLength: Duration {
        let ending = max(.zero, min(hypothesis.baseline, settle) - quietEnd)
        return steps.reduce(hypothesis.baseline + ending) { $0 + $1.expectedLength }
    }
}

extension Step {
    /// A lower bound of the step's length, its hold included; see ``Plan/expectedLength``.
    package var expectedLength: Duration {
        switch body {
        case .action(let action): action.ownTime + hold
        case .parallel(let steps): (steps.map(\.expectedLength).max() ?? .zero) + hold
        }
    }
}

extension Cell {
    /// For how long nothing is changed at the end of the steps.
    private var quietEnd: Duration {
        var quiet = Duration.zero
        for step in steps.reversed() {
            quiet += step.hold
            switch step.body {
            case .action(.wait(let length)): quiet += length
            case .action(.waitFor): continue
            default: return quiet
            }
        }
        return quiet
    }
}

extension NodeTargets {
    /// How many nodes the targets are at least, as far as the plan alone tells.
    var leastCount: Int {
        guard case .select(_, let selector) = self else { return 1 }
        guard !selector.names.isEmpty, selector.carrying == nil, selector.dialled == nil else {
            return selector.count ?? 1
        }
        return min(selector.count ?? .max, selector.names.count)
    }

    /// Whether there are never more nodes than ``leastCount``.
    var isExact: Bool {
        guard case .select(_, let selector) = self else { return false }
        return selector.count == 1 || selector.names.count == 1 || selector.carrying != nil
    }
}
