import FoundationEssentials
import QuakeCluster
import QuakeEnvironment
import QuakeKube
import QuakePeering
import QuakePlan
import QuakeShell
import QuakeTime

/// `run --dry-run`: what would be done, to what, and what undoes it. Where clusters are named, targets are resolved: in
/// those that run, or in embedded ones that live as long as this takes. Nothing is changed.
struct DryRun: Sendable {
    private let plan: Plan
    private let command: RunOptions

    init(_ plan: Plan, command: RunOptions) {
        self.plan = plan
        self.command = command
    }

    func run() async throws {
        guard command.namesClusters else {
            return show([:], StandinPeering())
        }
        let folder = FileManager.default.temporaryDirectory.appending(path: "peerquake-\(RunID.make(plan.name))").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await command.withClusters(plan, folder, lost: { complain("peerquake: \($0)") }) { contexts, kubeconfig in
            let clusters = try await EnvironmentClusters.open(contexts, kubeconfig: kubeconfig, cache: folder)
            let peering = try await EnvironmentClusters.peering(
                clusters, mesh: command.mesh, fromPods: command.probeFrom == "pod")
            try await Capabilities.check(plan, clusters, peering)
            let observers = try await Self.observers(of: clusters, peering)
            show(observers, peering)
            for observer in observers.values { observer.stop() }
        }
    }

    private func show(_ observers: [String: ClusterObserver], _ peering: any Peering) {
        say("plan \(plan.name), seed \(plan.seed), clusters \(plan.clusters.joined(separator: ", "))")
        for variable in plan.variables { say("  \(variable.name) = \(variable.value)") }
        say("\(plan.trials.count) trials: \(plan.cells.count) cells × \(plan.repeats) repeats")
        for (index, cell) in plan.cells.enumerated() {
            let labels = cell.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
            say("  cell \(index + 1): \(labels.isEmpty ? "(no matrix)" : labels)")
        }
        for (index, cell) in plan.cells.enumerated() {
            say("steps of cell \(index + 1):")
            var changed: Set<String> = []
            for (position, step) in cell.steps.enumerated() {
                show(step, StepTargets.Path([position]), "  ", observers, peering, changed)
                changed.formUnion(step.movers(in: cell))
            }
            show(always: cell, observers, peering, changed)
        }
        say("expected length: at least \(Quantity.text(plan.expectedLength))")
    }

    private static func observers(
        of clusters: [String: Cluster], _ peering: any Peering
    ) async throws -> [String: ClusterObserver] {
        var observers: [String: ClusterObserver] = [:]
        let place = peering.place(of: .gateway)
        for (name, cluster) in clusters {
            let observer = ClusterObserver(cluster, namespaces: Set([place?.namespace].compactMap { $0 })) { _ in }
            observer.start()
            try await observer.awaitSynced()
            observers[name] = observer
        }
        if let place { try await awaitGateways(observers, place) }
        return observers
    }

    /// A mesh that was installed a moment ago has pods still to start, and targets may be chosen by them. Where they do
    /// not become Ready, says so; targets are then chosen as things stand.
    private static func awaitGateways(_ observers: [String: ClusterObserver], _ place: WorkloadPlace) async throws {
        do {
            try await poll(until: "Ready gateways", within: .seconds(30), every: .milliseconds(100)) {
                () -> Look<Void> in
                let unready = observers.sorted { $0.key < $1.key }.flatMap { name, observer in
                    observer.pods(at: place).filter { $0.condition("Ready") != "True" }.map { "\(name)/\($0.name)" }
                }
                return unready.isEmpty ? .met(()) : .notYet("\(unready.joined(separator: ", ")) not Ready")
            }
        } catch let timeout as PollTimeout {
            complain("peerquake: \(timeout)")
        }
    }

    /// - Parameter changed: clusters that an earlier step may have changed, so that a selection may differ by then.
    private func show(
        _ step: Step, _ path: StepTargets.Path, _ indent: String, _ observers: [String: ClusterObserver],
        _ peering: any Peering, _ changed: Set<String>
    ) {
        switch step.body {
        case .parallel(let children):
            say("\(indent)\(step.id): at once")
            for (offset, child) in children.enumerated() {
                show(child, path.child(offset), indent + "  ", observers, peering, changed)
            }
        case .action(let action):
            let mayChange = action.selection.map { changed.contains($0.cluster) && $0.selector.mayChange } ?? false
            let targets = targets(action, path, observers, peering, mayChange: mayChange)
            say("\(indent)\(step.id): \(action.name)\(targets)")
            say("\(indent)  inverse: \(action.inverseWords)")
            if let until = step.until {
                say("\(indent)  until within \(Quantity.text(until.within)), else exit code 4")
            }
        }
        if step.hold > .zero { say("\(indent)  hold \(Quantity.text(step.hold))") }
    }

    private func show(
        always cell: Cell, _ observers: [String: ClusterObserver], _ peering: any Peering, _ changed: Set<String>
    ) {
        for (index, action) in cell.always.enumerated() {
            let path = StepTargets.Path([index], isAlways: true)
            let mayChange = action.selection.map { changed.contains($0.cluster) && $0.selector.mayChange } ?? false
            say("  always: \(action.name)\(targets(action, path, observers, peering, mayChange: mayChange))")
        }
    }

    /// Those of each repeat, where they differ.
    private func targets(
        _ action: Action, _ path: StepTargets.Path, _ observers: [String: ClusterObserver], _ peering: any Peering,
        mayChange: Bool
    ) -> String {
        switch action.nodeTargets {
        case nil: return action.namedCluster.map { " on \($0)" } ?? ""
        case .step(let id)?: return " on the nodes of \(id)"
        case .select(let cluster, let selector)?:
            guard observers[cluster] != nil else { return " on \(cluster): \(selector.words)" }
            let names = (0..<plan.repeats).map { nodes(action, path, repeatIndex: $0, observers, peering) }
            let differ = Set(names).count > 1
            let shown = differ ? names.enumerated().map { "\($1) (repeat \($0 + 1))" } : Array(names.prefix(1))
            return " on \(cluster): \(shown.joined(separator: "; "))\(mayChange ? " (as of now)" : "")"
        }
    }

    private func nodes(
        _ action: Action, _ path: StepTargets.Path, repeatIndex: Int, _ observers: [String: ClusterObserver],
        _ peering: any Peering
    ) -> String {
        do throws(ClusterError) {
            let found = try StepTargets.resolve(
                action, seed: path.seed(plan.seed, repeatIndex: repeatIndex), observers: observers, peering: peering,
                earlier: { _ in nil })
            return found.nodes.map(\.name).joined(separator: ", ")
        } catch {
            return error.message
        }
    }
}

extension NodeSelector {
    /// The criteria as a plan has them.
    var words: String {
        var parts: [String] = []
        if !names.isEmpty { parts.append("names \(names.joined(separator: ", "))") }
        if !labels.isEmpty {
            parts.append(labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ", "))
        }
        if let role { parts.append("role \(role)") }
        if let zone { parts.append("zone \(zone)") }
        if let nodePool { parts.append("nodePool \(nodePool)") }
        if let hosting { parts.append("hosting \(hosting)") }
        if !exclude.isEmpty { parts.append("without \(exclude.joined(separator: ", "))") }
        let which = parts.isEmpty ? "every node" : parts.joined(separator: ", ")
        return count.map { "\($0) of: \(which)" } ?? which
    }
}

extension NodeSelector {
    /// Whether what earlier steps do can change what it selects: pods move, and an expiry puts fresh nodes in the place of
    /// old ones. Names, roles, labels, zones and pools stay.
    fileprivate var mayChange: Bool { hosting != nil }
}

extension Action {
    fileprivate var selection: (cluster: String, selector: NodeSelector)? {
        if case .select(let cluster, let selector)? = nodeTargets { (cluster, selector) } else { nil }
    }

    /// Whether pods may run elsewhere after it.
    fileprivate var movesPods: Bool {
        switch self {
        case .cordon, .uncordon, .wait, .waitFor, .measurePropagation, .setNodeMonitorGracePeriod: false
        default: true
        }
    }

    /// The cluster that it works on; `nil`: several.
    fileprivate func cluster(in cell: Cell) -> String? {
        if let selection { return selection.cluster }
        guard case .step(let id)? = nodeTargets else { return namedCluster }
        return cell.steps.flatMap(\.flattened).first { $0.id == id }?.action?.cluster(in: cell)
    }
}

extension Step {
    fileprivate var flattened: [Step] { if case .parallel(let steps) = body { steps } else { [self] } }
    fileprivate var action: Action? { if case .action(let action) = body { action } else { nil } }

    /// Clusters whose pods may run elsewhere after this step.
    fileprivate func movers(in cell: Cell) -> Set<String> {
        Set(
            flattened.compactMap(\.action).filter(\.movesPods).flatMap { action in
                action.cluster(in: cell).map { [$0] } ?? cell.traffic.flatMap { [$0.from, $0.to] }
            })
    }
}
