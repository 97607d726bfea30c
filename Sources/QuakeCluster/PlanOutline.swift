import QuakeKube
package import QuakePlan

/// What a plan would do, to what, and what undoes it: the text of a dry run.
package struct PlanOutline: Sendable {
    let plan: Plan
    let observers: [String: ClusterObserver]
    let peering: any Peering

    /// - Parameter observers: by cluster; targets of clusters that have none are told as the plan selects them.
    package init(_ plan: Plan, observers: [String: ClusterObserver], peering: any Peering) {
        self.plan = plan
        self.observers = observers
        self.peering = peering
    }

    /// The steps in the order of the plan, one line each, without line breaks.
    package func lines() -> [String] {
        header() + plan.cells.enumerated().flatMap { steps(of: $1, number: $0 + 1) }
            + ["expected length: \(plan.lengthWords)"]
    }

    private func header() -> [String] {
        var lines = ["plan \(plan.name), seed \(plan.seed), clusters \(plan.clusters.joined(separator: ", "))"]
        lines += plan.variables.map { "  \($0.name) = \($0.value)" }
        lines.append(
            "\(Quantity.count(plan.trials.count, "trial")): \(Quantity.count(plan.cells.count, "cell")) × "
                + Quantity.count(plan.repeats, "repeat"))
        for (index, cell) in plan.cells.enumerated() {
            let labels = cell.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
            lines.append("  cell \(index + 1): \(labels.isEmpty ? "(no matrix)" : labels)")
        }
        return lines
    }

    private func steps(of cell: Cell, number: Int) -> [String] {
        var lines = ["steps of cell \(number):"]
        // Clusters that an earlier step may have changed, so that a selection may differ by then.
        var changed: Set<String> = []
        for (position, step) in cell.steps.enumerated() {
            lines += self.lines(of: step, StepTargets.Path([position]), "  ", changed)
            changed.formUnion(step.movers(in: cell))
        }
        for (index, action) in cell.always.enumerated() {
            let path = StepTargets.Path([index], isAlways: true)
            lines.append("  always: \(action.name)\(targets(action, path, changed))")
        }
        return lines + limits(of: cell, number: number)
    }

    /// Expectations whose limits are formulas: what they come to, where the facts are known.
    private func limits(of cell: Cell, number: Int) -> [String] {
        let limits = cell.expectations.filter { expectation in
            expectation.claim.declared.wording.formula != nil && (cell.facts == nil || expectation.selects(cell))
        }
        guard !limits.isEmpty else { return [] }
        let facts = cell.facts?.known.map { "\($0.name) \($0.text)" }.joined(separator: ", ") ?? ""
        return ["limits of cell \(number)\(facts.isEmpty ? "" : " (\(facts))"):"]
            + limits.map { "  \($0.claim.declared.words)\($0.whenWords)" }
    }

    private func lines(
        of step: Step, _ path: StepTargets.Path, _ indent: String, _ changed: Set<String>
    ) -> [String] {
        var lines: [String] = []
        switch step.body {
        case .parallel(let children):
            lines.append("\(indent)\(step.id): at once")
            for (offset, child) in children.enumerated() {
                lines += self.lines(of: child, path.child(offset), indent + "  ", changed)
            }
        case .action(let action):
            lines.append("\(indent)\(step.id): \(action.name)\(targets(action, path, changed))")
            lines.append("\(indent)  inverse: \(action.declaration.inverse.step)")
            lines += found(action, path).map { "\(indent)  \($0)" }
            lines += losses(action, path).map { "\(indent)  \($0)" }
            if let until = step.until {
                lines.append("\(indent)  until within \(Quantity.text(until.within)), else exit code 4")
            }
        }
        if step.hold > .zero || step.isHoldOpen { lines.append("\(indent)  \(step.holdWords)") }
        return lines
    }

    /// Those of each repeat, where they differ.
    private func targets(_ action: Action, _ path: StepTargets.Path, _ changed: Set<String>) -> String {
        switch action.nodeTargets {
        case nil: return action.namedCluster.map { " on \($0)" } ?? ""
        case .step(let id)?: return " on the nodes of \(id)"
        case .select(let cluster, let selector)?:
            guard observers[cluster] != nil else { return " on \(cluster): \(selector.words)" }
            let names = (0..<plan.repeats).map { nodes(action, path, repeatIndex: $0) }
            let differ = Set(names).count > 1
            let shown = differ ? names.enumerated().map { "\($1) (repeat \($0 + 1))" } : Array(names.prefix(1))
            let mayChange = changed.contains(cluster) && selector.mayChange
            return " on \(cluster): \(shown.joined(separator: "; "))\(mayChange ? " (as of now)" : "")"
        }
    }

    private func nodes(_ action: Action, _ path: StepTargets.Path, repeatIndex: Int) -> String {
        do throws(ClusterError) {
            return try resolve(action, path, repeatIndex).nodes.map(\.name).joined(separator: ", ")
        } catch {
            return error.message
        }
    }

    func resolve(
        _ action: Action, _ path: StepTargets.Path, _ repeatIndex: Int
    ) throws(ClusterError) -> StepTargets {
        try StepTargets.resolve(
            action, seed: path.seed(plan.seed, repeatIndex: repeatIndex), observers: observers, peering: peering
        ) { id in
            guard let (action, path) = step(id) else { return nil }
            return try? resolve(action, path, repeatIndex)
        }
    }

    /// A step by its id, which is the same in every cell.
    private func step(_ id: String) -> (Action, StepTargets.Path)? {
        func find(_ steps: [Step], _ path: (Int) -> StepTargets.Path) -> (Action, StepTargets.Path)? {
            for (index, step) in steps.enumerated() {
                switch step.body {
                case .action(let action) where step.id == id: return (action, path(index))
                case .action: continue
                case .parallel(let children):
                    if let found = find(children, path(index).child) { return found }
                }
            }
            return nil
        }
        return plan.cells.first.flatMap { find($0.steps) { StepTargets.Path([$0]) } }
    }

    /// Targets of any repeat that are cordoned or tainted now; those of an earlier step are told there.
    private func found(_ action: Action, _ path: StepTargets.Path) -> [String] {
        if case .nodes(.step)? = action.scope { return [] }
        let resolved = (0..<plan.repeats).compactMap { try? resolve(action, path, $0) }
        guard let cluster = resolved.first?.cluster, let observer = observers[cluster] else { return [] }
        let names = Set(resolved.flatMap(\.nodes).map(\.name))
        let nodes = observer.nodes.filter { names.contains($0.name) }
        return FoundTarget.words(of: nodes).map { ["found: \($0)"] } ?? []
    }

    /// What nothing brings back, of the nodes of every repeat.
    private func losses(_ action: Action, _ path: StepTargets.Path) -> [String] {
        guard let implementation = action.implementation, action.nodeTargets != nil else { return [] }
        let found = (0..<plan.repeats).compactMap { try? resolve(action, path, $0) }
        guard let cluster = found.first?.cluster, let observer = observers[cluster] else { return [] }
        let nodes = Set(found.flatMap(\.nodes)).sorted { $0.name < $1.name }
        return implementation.losses(on: nodes, observer)
    }
}

extension NodeSelector {
    /// The criteria as a plan has them.
    fileprivate var words: String {
        var parts: [String] = []
        if !names.isEmpty { parts.append("names \(names.joined(separator: ", "))") }
        if !labels.isEmpty {
            parts.append(labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ", "))
        }
        if let role { parts.append("role \(role)") }
        if let zone { parts.append("zone \(zone)") }
        if let nodePool { parts.append("nodePool \(nodePool)") }
        if let hosting { parts.append("hosting \(hosting)") }
        if let carrying { parts.append("carrying \(carrying)") }
        if let dialled { parts.append(dialled ? "dialled by clients" : "not dialled by clients") }
        if !exclude.isEmpty { parts.append("without \(exclude.joined(separator: ", "))") }
        let which = parts.isEmpty ? "every node" : parts.joined(separator: ", ")
        return count.map { "\($0) of: \(which)" } ?? which
    }

    /// Whether what earlier steps do can change what it selects: pods move, and an expiry puts fresh nodes in the place of
    /// old ones. Names, roles, labels, zones and pools stay.
    var mayChange: Bool { hosting != nil && carrying == nil && dialled == nil }
}

extension Action {
    /// The cluster that it works on; `nil`: several.
    fileprivate func cluster(in cell: Cell) -> String? {
        switch nodeTargets {
        case .select(let cluster, _)?: return cluster
        case .step(let id)?: return cell.steps.flatMap(\.flattened).first { $0.id == id }?.action?.cluster(in: cell)
        case nil: return namedCluster
        }
    }
}

extension Step {
    fileprivate var flattened: [Step] { if case .parallel(let steps) = body { steps } else { [self] } }
    fileprivate var action: Action? { if case .action(let action) = body { action } else { nil } }

    /// Clusters whose pods may run elsewhere after this step.
    func movers(in cell: Cell) -> Set<String> {
        Set(
            flattened.compactMap(\.action).filter { $0.traits.contains(.movesPods) }.flatMap { action in
                action.cluster(in: cell).map { [$0] } ?? cell.traffic.flatMap { [$0.from, $0.to] }
            })
    }
}
