import FoundationEssentials
import QuakeBase
import QuakeCluster
import QuakeEnvironment
import QuakeKube
import QuakePeering
import QuakePlan
import QuakeShell
import QuakeTimeline

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
            return show(PlanOutline(plan, observers: [:], peering: StandinPeering()))
        }
        let folder = FileManager.default.temporaryDirectory.appending(path: "peerquake-\(RunID.make(plan.name))").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await command.withClusters(plan, folder, lost: { complain("peerquake: \($0)") }) { contexts, kubeconfig in
            let clusters = try await EnvironmentClusters.open(contexts, kubeconfig: kubeconfig, cache: folder)
            let peering = try await EnvironmentClusters.peering(
                clusters, mesh: command.mesh, fromPods: command.probeFrom == "pod")
            let plan = try await KnownFacts.put(into: self.plan, command, clusters, peering)
            try await Capabilities.check(plan, clusters, peering)
            let findings = try await AppliedManifests.tried(plan, clusters)
            let observers = try await Self.observers(of: clusters, peering)
            let outline = PlanOutline(plan, observers: observers, peering: peering)
            show(outline)
            if !findings.isEmpty { say("objects that it applies:") }
            for finding in findings { say("  \(finding.words)") }
            let refusals = outline.refusals()
            for observer in observers.values { observer.stop() }
            guard let first = refusals.first else { return }
            throw Failure(
                first.code == .guarded ? .usage : .faultNotInjected, refusals.map(\.message).joined(separator: "\n"),
                hint: first.hint)
        }
    }

    private func show(_ outline: PlanOutline) { for line in outline.lines() { say(line) } }

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
                    observer.pods(at: place).filter { !PodView($0).isReady }.map { "\(name)/\($0.name)" }
                }
                return unready.isEmpty ? .met(()) : .notYet("\(unready.joined(separator: ", ")) not Ready")
            }
        } catch let timeout as PollTimeout {
            complain("peerquake: \(timeout)")
        }
    }
}
