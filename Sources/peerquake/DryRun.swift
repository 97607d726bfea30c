import FoundationEssentials
import QuakeCluster
import QuakeKube
import QuakeMesh
import QuakePlan

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
        guard command.kubeconfig != nil || command.env != "embedded" || !command.configs.isEmpty else {
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
            for (position, step) in cell.steps.enumerated() { show(step, position, "  ", observers, peering) }
        }
        say("expected length: at least \(Quantity.text(plan.expectedLength))")
    }

    /// - Throws: ``Failure`` where the mesh's gateways do not become ready, for targets may be chosen by them.
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
        // A mesh that was installed a moment ago has pods still to start.
        let deadline = ContinuousClock.now + .seconds(30)
        while let place, ContinuousClock.now < deadline {
            let pods = observers.values.flatMap { $0.pods(at: place) }
            if pods.allSatisfy({ $0.condition("Ready") == "True" }) { break }
            try await Task.sleep(for: .milliseconds(100))
        }
        return observers
    }

    private func show(
        _ step: Step, _ index: Int, _ indent: String, _ observers: [String: ClusterObserver], _ peering: any Peering
    ) {
        switch step.body {
        case .parallel(let children):
            say("\(indent)\(step.id): at once")
            for (offset, child) in children.enumerated() {
                show(child, index * 100 + offset + 1, indent + "  ", observers, peering)
            }
        case .action(let action):
            say("\(indent)\(step.id): \(action.name)\(targets(action, index, observers, peering))")
            say("\(indent)  inverse: \(action.inverseWords)")
            if let until = step.until {
                say("\(indent)  until within \(Quantity.text(until.within)), else exit code 4")
            }
        }
        if step.hold > .zero { say("\(indent)  hold \(Quantity.text(step.hold))") }
    }

    private func targets(
        _ action: Action, _ index: Int, _ observers: [String: ClusterObserver], _ peering: any Peering
    ) -> String {
        switch action.nodeTargets {
        case nil: return action.namedCluster.map { " on \($0)" } ?? ""
        case .step(let id)?: return " on the nodes of \(id)"
        case .select(let cluster, let selector)?:
            guard let observer = observers[cluster] else { return " on \(cluster): \(selector.words)" }
            var generator = StepGenerator(seed: StepGenerator.seed(plan.seed, 0, UInt64(index)))
            let nodes = try? TargetResolver.resolve(
                selector, nodes: observer.nodes,
                hosts: { hosting in
                    guard let place = peering.place(of: hosting) else { return [] }
                    return Set(observer.pods(at: place).compactMap { $0[path: "spec.nodeName"]?.stringValue })
                }, using: &generator)
            let names = nodes?.map(\.name).joined(separator: ", ") ?? "no node matches"
            return " on \(cluster): \(names)"
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
