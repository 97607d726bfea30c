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
    let loopback: LoopbackServer
    let settings: TrialSettingsKeeper
    let events: FaultEvents
    private let records: RecordReader
    private let hostWatch: Task<Void, Never>?
    private let stalls: StallReader
    private let stallWatch: Task<Void, Never>
    private let nextLane = Mutex<UInt32>(0)
    /// As they were when the last trial had ended.
    private let addresses: Mutex<NodeAddresses>

    static func open(_ request: RunRequest, _ recorder: RunRecorder) async throws -> Session {
        let journal = try Journal(
            creatingIn: request.archive.directory,
            header: JournalHeader(
                run: request.id, plan: request.plan.name, environment: request.environment,
                kubeconfig: request.kubeconfig, contexts: request.contexts, uids: request.clusters.mapValues(\.uid)))
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
        // Elsewhere the nodes' host is another one than the prober's.
        hostWatch = request.environment == "kind" ? Task { await HostWatch.run(recorder) } : nil
        let stalls = StallReader(
            request.clusters.values.compactMap(\.stalls),
            deadlines: request.plan.cells.flatMap(\.traffic).map(\.deadline))
        self.stalls = stalls
        stallWatch = Task { await stalls.run(recorder) }
        self.observers = observers
        addresses = Mutex(NodeAddresses(observers.mapValues(\.nodes)))
        self.prober = prober
        loopback = try LoopbackServer()
        settings = TrialSettingsKeeper()
        let (clusters, peering) = (request.clusters, request.peering)
        records = RecordReader(clusters.keys.sorted(), clock: request.clock) { name in
            guard let cluster = clusters[name] else { return [] }
            return try await peering.recordAgents(in: cluster)
        } tell: { records, cluster in
            recorder.told(records, by: cluster)
        } lost: {
            recorder.event($0)
        }
    }

    private func recordFacts() async {
        let archive = request.archive
        archive.setFact("prober scheduling", prober.scheduling)
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
        for (key, value) in facts ?? [:] { archive.setFact(key, value) }
    }

    // MARK: - Trials

    func runTrials() async -> (exit: PeerquakeExit, error: RunError?) {
        var exits: [PeerquakeExit] = []
        var first: RunError?
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
            do {
                try await runTrial(trial)
                broken = 0
            } catch {
                let problem = request.interruption.problem(of: error)
                first = first ?? problem
                exits.append(problem.exit)
                recorder.event(.note(problem.message))
                broken = problem.code == .harness ? broken + 1 : 0
                // What the environment cannot do, it cannot do in the next trial either.
                if [.unsupported, .interrupted].contains(problem.code) || broken >= request.repetition.patience {
                    break
                }
            }
            guard await request.trialEnded(trial, start) else { break }
        }
        if case .unrecorded(let why) = request.interruption.cause {
            first = RunError(.harness, why)
            exits.append(.internalError)
        }
        return (PeerquakeExit.deciding(exits), first)
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

    private func runTrial(_ trial: Trial) async throws {
        let cell = request.plan.cells[trial.cell]
        recorder.setTrial(trial.index)
        defer { recorder.setTrial(nil) }
        recorder.event(.trialStarted(cell: trial.cell, repeatIndex: trial.repeatIndex, labels: cell.labels))
        try await request.interruption.interruptible { [self] in
            try await settings.apply(cell, session: self)
            try await awaitStable(cell)
        }
        var next = nextLane.withLock { $0 }
        let lanes = try await TrialLanes.start(
            cell, trial: trial.index, request: request, prober: prober, recorder: recorder, loopback: loopback,
            nextID: &next)
        nextLane.withLock { [next] in $0 = next }
        let result = await steps(of: trial, cell)
        await lanes.stop(prober, recorder)
        // What they have not told yet belongs to this trial.
        await stalls.tell(recorder)
        recorder.event(.trialFinished)
        try result.get()
    }

    /// Hypothesis, steps, healing, hypothesis: with the lanes running.
    private func steps(of trial: Trial, _ cell: Cell) async -> Result<Void, any Error> {
        do {
            try await request.interruption.interruptible { [self] in
                try await checkHypothesis(cell, .before)
            }
        } catch {
            return .failure(error)
        }
        let runner = StepRunner(session: self, trial: trial, cell: cell)
        var outcome: Result<Void, any Error> = .success(())
        let watcher = abortWatcher(cell)
        do {
            try await request.interruption.interruptible { try await runner.runAll() }
        } catch {
            outcome = .failure(error)
        }
        watcher.cancel()
        if case .abort(let why) = request.interruption.cause {
            recorder.event(.aborted(reason: why))
            outcome = .failure(RunError(.aborted, why))
            request.interruption.clearAbort()
        }
        await heal(trial.index)
        tellAddresses()
        // A trial that was cut off is not judged: it need not wait for its last slots.
        if request.interruption.cause != nil { return outcome }
        let after = await Result { try await checkHypothesis(cell, .after) }
        if case .success = outcome, case .failure(let error) = after { outcome = .failure(error) }
        return outcome
    }

    private func abortWatcher(_ cell: Cell) -> Task<Void, Never> {
        Task { [request] in
            guard let rule = cell.abort else { return }
            while !Task.isCancelled {
                if let (lane, length) = request.lanes.longestOutage(), length >= rule.outage {
                    request.interruption.raise(
                        .abort(
                            "\(lane.label) has been out for \(length.inSeconds) s; the plan's limit is \(rule.outage.inSeconds) s"
                        ))
                    return
                }
                try? await Task.sleep(for: .milliseconds(200))
            }
        }
    }

    /// Waits for a clean stretch of all lanes.
    private func checkHypothesis(_ cell: Cell, _ moment: HypothesisResult.Moment) async throws {
        let hypothesis = cell.hypothesis
        let length = moment == .before ? hypothesis.baseline : min(hypothesis.baseline, cell.settle)
        // Lanes begin with the trial: the stretch itself is not part of the patience.
        let deadline = ContinuousClock.now + hypothesis.within + length
        var last = "nothing was seen"
        while true {
            let (holds, detail) = request.lanes.cleanStretch(
                of: length, availability: hypothesis.availability, at: request.clock.now)
            if holds {
                recorder.event(.hypothesis(HypothesisResult(moment: moment, held: true, detail: detail)))
                return
            }
            last = detail
            if ContinuousClock.now >= deadline { break }
            if moment == .after, request.interruption.cause != nil { throw CancellationError() }
            try await Task.sleep(for: .milliseconds(100))
        }
        recorder.event(.hypothesis(HypothesisResult(moment: moment, held: false, detail: last)))
        throw moment == .before
            ? RunError(.notHealthy, "no clean stretch of \(length.inSeconds) s before the first step: \(last)")
            : RunError(.aborted, "did not return to normal: \(last)")
    }

    /// Trials begin with every node Ready and every gateway serving.
    private func awaitStable(_ cell: Cell) async throws {
        let deadline = ContinuousClock.now + .seconds(180)
        var last = ""
        while ContinuousClock.now < deadline {
            last = observers.sorted { $0.key < $1.key }.compactMap { unstable($0.value) }.joined(separator: "; ")
            if last.isEmpty { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw RunError(.notHealthy, "the clusters were not stable within 180 s: \(last)")
    }

    private func unstable(_ observer: ClusterObserver) -> String? {
        for node in observer.nodes {
            if node.condition("Ready") != "True" { return "\(node.name) is not Ready" }
            let taints = (node[path: "spec.taints"]?.arrayValue ?? []).compactMap { $0["key"]?.stringValue }
            if taints.contains("node.kubernetes.io/unreachable") { return "\(node.name) is still tainted" }
        }
        guard let place = request.peering.place(of: .gateway) else { return nil }
        for pod in observer.pods(at: place) where pod.isBeingDeleted || pod.condition("Ready") != "True" {
            return "\(observer.cluster.name): \(pod.name) is not ready"
        }
        return nil
    }

    // MARK: - Healing

    /// Undoes what a trial changed.
    @discardableResult
    func heal(_ trial: Int) async -> Int {
        let open = journal.entries.filter { $0.trial == trial && $0.status != .reverted }
        let changes = open.filter { Healer.inverse(of: $0).map { $0 != .none } ?? true }
        if let first = changes.last {
            recorder.event(
                .changeMade(step: "heal", action: "restore-all", cluster: first.cluster, targets: changes.map(\.about)))
        }
        return await healer.heal { $0.trial == trial }
    }

    /// Says which nodes came back under another address than they had when the last trial ended.
    private func tellAddresses() {
        let now = NodeAddresses(observers.mapValues(\.nodes))
        let before = addresses.withLock { kept in
            let old = kept
            kept = now
            return old
        }
        for change in before.changes(to: now) { recorder.event(.note(change)) }
    }

    func healEverything() async -> Int { await healer.heal() }

    private var healer: Healer {
        let (recorder, events, clusters) = (recorder, events, request.clusters)
        return Healer(journal: journal, clusters: request.clusters) { entry, outcome in
            let inverse = Healer.inverse(of: entry)
            let words = inverse?.words ?? "?"
            switch outcome {
            case .begun: break
            case .healed:
                recorder.event(.healed(journalID: entry.id, inverse: words, outcome: "healed"))
                if let cluster = clusters[entry.cluster], let subject = inverse.flatMap({ FaultEvents.Subject($0) }) {
                    events.tell(.healing, words, on: [subject], of: cluster)
                }
            case .failed(let why):
                recorder.event(.healed(journalID: entry.id, inverse: words, outcome: "failed: \(why)"))
            }
        }
    }

    func close() async {
        // One more reading: the last dials end some time after the last samples.
        try? await Task.sleep(for: .milliseconds(300))
        hostWatch?.cancel()
        stallWatch.cancel()
        await events.finish()
        await records.finish()
        // Its thread may not have known yet when the run began.
        request.archive.setFact("prober scheduling", prober.scheduling)
        await prober.close()
        loopback.stop()
        for observer in observers.values { observer.stop() }
    }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do {
            self = .success(try await body())
        } catch {
            self = .failure(error)
        }
    }
}
