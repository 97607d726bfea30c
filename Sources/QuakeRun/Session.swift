import QuakeArchive
import QuakeCluster
import QuakeKube
import QuakePlan
import QuakeProbe
import QuakeTimeline
import Synchronization

/// What is open while a run holds its clusters: watches, the prober, the journal, the reading of the mesh's records.
final class Session: Sendable {
    let request: RunRequest
    let recorder: RunRecorder
    let journal: Journal
    let mirror: JournalMirror
    let observers: [String: ClusterObserver]
    let prober: any TrafficProber
    let lanes: LaneStarter
    let settings = TrialSettingsKeeper()
    let events: FaultEvents
    let watches: SessionWatches

    static func open(_ request: RunRequest, _ recorder: RunRecorder) async throws -> Session {
        var nodes: [String: [String: JournalNode]] = [:]
        for (name, cluster) in request.clusters { nodes[name] = await cluster.nodesForJournal() }
        let journal = try Journal(
            creatingIn: request.archive.directory,
            header: JournalHeader(
                run: request.id, plan: request.plan.name, environment: request.environment,
                kubeconfig: request.kubeconfig, contexts: request.contexts, uids: request.clusters.mapValues(\.uid),
                nodes: nodes))
        var observers: [String: ClusterObserver] = [:]
        let parts: [Hosting] = [.gateway, .istiod, .backend]
        let namespaces = Set(parts.compactMap { request.peering.place(of: $0)?.namespace })
        for (name, cluster) in request.clusters {
            let observer = ClusterObserver(cluster, namespaces: namespaces) { recorder.observed($0, in: name) }
            observer.start()
            observers[name] = observer
        }
        for observer in observers.values { try await observer.awaitSynced() }
        let prober = try await request.remoteProber?(request.clock, recorder)
        let session = try Session(
            request, recorder, journal, observers, prober ?? Prober(clock: request.clock, sink: recorder))
        await session.recordFacts()
        return session
    }

    private init(
        _ request: RunRequest, _ recorder: RunRecorder, _ journal: Journal, _ observers: [String: ClusterObserver],
        _ prober: any TrafficProber
    ) throws {
        self.request = request
        self.recorder = recorder
        self.journal = journal
        mirror = JournalMirror(request.clusters)
        events = FaultEvents(run: request.id) { recorder.event(.note($0)) }
        self.observers = observers
        self.prober = prober
        lanes = try LaneStarter()
        watches = SessionWatches(request, recorder, observers)
    }

    private func recordFacts() async {
        let archive = request.archive
        await recordProber()
        if request.meshLogs != .unchanged { archive.setFact("--mesh-logs", request.meshLogs.rawValue) }
        for (name, cluster) in request.clusters {
            if let version = try? await cluster.kube.serverVersion() {
                archive.setFact("\(name) Kubernetes", version)
            }
            if let flags = try? await cluster.controlPlane?.controllerManagerFlags() {
                for (flag, value) in flags where flag.hasPrefix("node-") || flag.contains("evict") {
                    archive.setFact("\(name) --\(flag)", value)
                }
            }
            archive.setFact("\(name) nodes", "\(observers[name]?.nodes.count ?? 0)")
        }
        if let version = try? await request.clusters.values.first?.kubectl.clientVersion() {
            archive.setFact("kubectl", version.gitVersion)
        }
        let facts = try? await request.peering.facts(of: request.clusters.values.sorted { $0.name < $1.name })
        for (key, value) in facts?.texts ?? [:] { archive.setFact(key, value) }
    }

    private func recordProber() async {
        request.archive.setFact("prober scheduling", prober.scheduling)
        for (key, value) in await prober.facts() { request.archive.setFact(key, value) }
    }

    // MARK: - Trials

    func runTrials() async -> (exit: PeerquakeExit, error: RunError?) {
        var problems: [RunError] = []
        let watch = archiveWatch()
        defer { watch.cancel() }
        let began = request.clock.now
        var index = 0
        var broken = 0
        while request.interruption.cause == nil,
            let trial = request.repetition.trial(index, of: request.plan, after: request.clock.now - began)
        {
            index += 1
            let start = request.clock.now
            let found = await TrialRun(trial, in: self).run()
            for problem in found { recorder.event(.note(problem.message)) }
            problems += found
            broken = found.contains { $0.code == .harness } ? broken + 1 : 0
            // What the environment cannot do, it cannot do in the next trial either.
            if found.contains(where: { [.unsupported, .interrupted].contains($0.code) }) { break }
            if broken >= request.repetition.patience { break }
            guard await request.trialEnded(trial, start) else { break }
        }
        if case .unrecorded(let why) = request.interruption.cause {
            problems.insert(RunError(.harness, why), at: 0)
        }
        return (PeerquakeExit.deciding(problems.map(\.exit)), problems.first)
    }

    /// What cannot be recorded must not go on: the trial ends as by a signal, and is healed.
    private func archiveWatch() -> Task<Void, Never> {
        Task { [request] in
            while !Task.isCancelled {
                if let problem = request.archive.problem { request.interruption.raise(.unrecorded("\(problem)")) }
                try? await Task.sleep(for: .milliseconds(500))
            }
        }
    }

    // MARK: - Healing

    /// Undoes what a trial changed.
    @discardableResult
    func heal(_ trial: Int) async -> Int {
        let open = journal.entries.filter { $0.trial == trial && $0.status != .reverted }
        let changes = open.filter { HealingPlan.inverse(of: $0).map { $0 != .none } ?? true }
        if let first = changes.last {
            recorder.event(
                .changeMade(step: "heal", action: "restore-all", cluster: first.cluster, targets: changes.map(\.about)))
        }
        return await healer.heal { $0.trial == trial }
    }

    /// Says which nodes came back under another address than they had when the last trial ended.
    func tellAddresses() {
        for change in watches.addressChanges(observers) { recorder.event(.note(change)) }
    }

    func healEverything() async -> Int { await healer.heal() }

    private var healer: RunHealing {
        RunHealing(
            journal: journal, mirror: mirror, events: events, recorder: recorder, clusters: request.clusters,
            interruption: request.interruption)
    }

    /// What the mesh's proxies have logged, as evidence: before healing takes their levels back.
    func keepLogs() async {
        guard request.meshLogs == .debug else { return }
        for (_, cluster) in request.clusters.sorted(by: { $0.key < $1.key }) {
            for log in await request.peering.logs(of: cluster, since: request.clock.originUnixNanoseconds) {
                recorder.keep(log.text, about: log.about)
            }
        }
    }

    func close() async {
        // One more reading: the last dials end some time after the last samples.
        try? await Task.sleep(for: .milliseconds(300))
        await events.finish()
        await watches.stop()
        // Its thread may not have known yet when the run began, and what is counted was still nothing.
        await recordProber()
        await prober.close()
        lanes.stop()
        for observer in observers.values { observer.stop() }
    }
}
