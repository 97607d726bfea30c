import QuakeArchive
import QuakeBase
import QuakeCluster
import QuakeKube
import QuakePlan
import QuakeProbe
import QuakeTimeline

/// One trial from its settings to the clean stretch after healing: does what each state of the script asks for.
struct TrialRun: Sendable {
    let session: Session
    let trial: Trial
    let cell: Cell
    private let steps: StepRunner

    init(_ trial: Trial, in session: Session) {
        self.session = session
        self.trial = trial
        cell = session.request.plan.cells[trial.cell]
        steps = StepRunner(session: session, trial: trial, cell: cell)
    }

    private var request: RunRequest { session.request }
    private var recorder: RunRecorder { session.recorder }

    /// - Returns: what went wrong, in order; empty where nothing did.
    func run() async -> [RunError] {
        recorder.setTrial(trial.index)
        defer { recorder.setTrial(nil) }
        recorder.event(.trialStarted(cell: trial.cell, repeatIndex: trial.repeatIndex, labels: cell.labels))
        var script = TrialScript()
        var lanes: TrialLanes?
        while script.state != .over {
            script.end(await work(of: script.state, &lanes))
        }
        if let lanes {
            await lanes.stop(session.prober, recorder)
            // What the clusters' hosts have not told yet belongs to this trial.
            await session.watches.stalls.tell(recorder)
            recorder.event(.trialFinished)
        }
        return script.problems
    }

    private func work(of state: TrialScript.State, _ lanes: inout TrialLanes?) async -> TrialScript.Ending {
        switch state {
        case .settings: return await interruptible { try await session.settings.apply(cell, session: session) }
        case .stable: return await interruptible { try await awaitStable() }
        case .before:
            do {
                lanes = try await session.lanes.start(cell, trial.index, session)
            } catch {
                return ending(error)
            }
            return await interruptible { try await checkHypothesis(.before) }
        case .steps: return await runSteps()
        case .always: return await steps.runAlways().map { .failed($0) } ?? .done
        case .healing:
            await session.heal(trial.index)
            session.tellAddresses()
            return request.interruption.cause == nil ? .done : ending(CancellationError())
        case .after: return await interruptible { try await checkHypothesis(.after) }
        case .over: return .done
        }
    }

    private func interruptible(_ body: @escaping @Sendable () async throws -> Void) async -> TrialScript.Ending {
        do {
            try await request.interruption.interruptible(body)
            return .done
        } catch {
            return ending(error)
        }
    }

    private func ending(_ error: any Error) -> TrialScript.Ending {
        let problem = request.interruption.problem(of: error)
        return request.interruption.cause != nil && error is CancellationError ? .cutOff(problem) : .failed(problem)
    }

    // MARK: - Steps

    private func runSteps() async -> TrialScript.Ending {
        request.interruption.openToAborts()
        let watcher = abortWatcher()
        let ending = await interruptible { try await steps.runSteps() }
        watcher.cancel()
        guard let why = request.interruption.closeToAborts() else { return ending }
        recorder.event(.aborted(reason: why))
        return .failed(RunError(.aborted, why))
    }

    private func abortWatcher() -> Task<Void, Never> {
        Task { [request, cell] in
            guard let rule = cell.abort else { return }
            while !Task.isCancelled {
                if let breach = request.lanes.breach(of: rule.outage, at: request.clock.now) {
                    request.interruption.raise(.abort(breach.words))
                    return
                }
                try? await Task.sleep(for: .milliseconds(200))
            }
        }
    }

    // MARK: - Before and after

    /// Waits for a clean stretch of all lanes.
    private func checkHypothesis(_ moment: HypothesisResult.Moment) async throws {
        let hypothesis = cell.hypothesis
        let length = moment == .before ? hypothesis.baseline : min(hypothesis.baseline, cell.settle)
        let wait = HypothesisWait(
            start: request.clock.now, length: length, within: hypothesis.within, moment: moment)
        let words = "a clean stretch of \(length.inSeconds) s"
        do {
            let detail = try await poll(until: words, within: wait.longest, every: .milliseconds(100)) {
                () -> Look<String> in
                let stretch = request.lanes.cleanStretch(
                    of: length, availability: hypothesis.availability, at: request.clock.now)
                if stretch.holds { return .met(stretch.detail) }
                guard !wait.isOver(at: request.clock.now, request.lanes.suspects) else {
                    throw PollTimeout(awaited: words, within: request.clock.now - wait.start, last: stretch.detail)
                }
                return .notYet(stretch.detail)
            }
            recorder.event(.hypothesis(HypothesisResult(moment: moment, held: true, detail: detail)))
        } catch let timeout as PollTimeout {
            recorder.event(.hypothesis(HypothesisResult(moment: moment, held: false, detail: timeout.last)))
            throw moment == .before
                ? RunError(
                    .notHealthy, "no clean stretch of \(length.inSeconds) s before the first step: \(timeout.last)")
                : RunError(.aborted, "did not return to normal: \(timeout.last)")
        }
    }

    /// Trials begin with every node Ready that they have to do with, and every gateway serving.
    private func awaitStable() async throws {
        do {
            let bystanders = try await poll(until: "stable clusters", within: .seconds(180), every: .milliseconds(100))
            {
                () -> Look<[String]> in
                let all = session.observers.sorted { $0.key < $1.key }.map { ($0.key, stability(of: $0.value)) }
                let obstacles = all.compactMap { name, found in found.obstacle.map { "\(name): \($0)" } }
                guard obstacles.isEmpty else { return .notYet(obstacles.joined(separator: "; ")) }
                return .met(all.flatMap { name, found in found.bystanders.map { "\(name)/\($0)" } })
            }
            for node in session.watches.news(of: bystanders) {
                recorder.event(
                    .note("\(node) is not Ready; no step may work on it and it runs no part of the mesh: left alone"))
            }
        } catch let timeout as PollTimeout {
            throw RunError(.notHealthy, "the clusters were not stable within 180 s: \(timeout.last)")
        }
    }

    private func stability(of observer: ClusterObserver) -> Stability {
        let parts: [Hosting] = [.gateway, .istiod, .backend]
        let pods = parts.map { part in request.peering.place(of: part).map { observer.pods(at: $0) } ?? [] }
        let targets = cell.allActions.compactMap {
            StepTargets.candidates($0, observers: session.observers, peering: request.peering)
        }
        let names = targets.filter { $0.cluster == observer.cluster.name }.flatMap(\.nodes).map(\.name)
        return Stability(nodes: observer.nodes, targets: Set(names), meshPods: pods.flatMap { $0 }, gateways: pods[0])
    }
}

extension Cell {
    /// Of the steps, those in a parallel included, and of `always`.
    var allActions: [Action] { steps.flatMap(\.actions) + always }
}

extension Step {
    var actions: [Action] {
        switch body {
        case .action(let action): [action]
        case .parallel(let steps): steps.flatMap(\.actions)
        }
    }
}
