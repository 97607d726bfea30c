import QuakeBase
import QuakeCluster
import QuakeKube
import QuakePlan
import QuakeProbe
import QuakeTimeline
import Synchronization

/// Carries out the steps of one trial, and then those of the plan's `always`.
final class StepRunner: Sendable {
    let session: Session
    let trial: Trial
    let cell: Cell
    private let resolved = Mutex<[String: StepTargets]>([:])
    private let drains = Mutex<[String: DrainProgress]>([:])
    private let doomed = DoomedNodes()

    init(session: Session, trial: Trial, cell: Cell) {
        self.session = session
        self.trial = trial
        self.cell = cell
    }

    var recorder: RunRecorder { session.recorder }

    // MARK: - Steps

    func runSteps() async throws {
        for (index, step) in cell.steps.enumerated() {
            try Task.checkCancellation()
            try await run(step, at: StepTargets.Path([index]))
        }
    }

    private func run(_ step: Step, at path: StepTargets.Path) async throws {
        switch step.body {
        case .action(let action):
            recorder.event(.stepStarted(step: step.id, action: action.name))
            let outcome = try await carryOut(step, action, at: path) { outcome in
                self.recorder.event(
                    .stepFinished(step: step.id, outcome: outcome.outcome, detail: outcome.detail))
            }
            try accept(outcome, of: step)
        case .parallel(let steps):
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (offset, child) in steps.enumerated() {
                    group.addTask { try await self.run(child, at: path.child(offset)) }
                }
                try await group.waitForAll()
            }
        }
        try await hold(step.hold)
    }

    /// - Throws: `.faultNotInjected` for a failure that no expectation of this step asks for.
    private func accept(_ outcome: ActionOutcome, of step: Step) throws(RunError) {
        guard outcome.outcome.isFailure, !cell.expects(outcome.outcome, of: step.id) else { return }
        throw RunError(.faultNotInjected, "\(step.id) \(outcome.outcome.rawValue): \(outcome.detail)")
    }

    func hold(_ length: Duration) async throws {
        if length > .zero { try await Task.sleep(for: length) }
    }

    /// Does what a step says, and waits for its `until`.
    ///
    /// - Parameter ended: told how the action itself ended, which is before its `until` is met.
    func carryOut(
        _ step: Step, _ action: Action, at path: StepTargets.Path,
        ended: @escaping @Sendable (ActionOutcome) -> Void
    ) async throws -> ActionOutcome {
        switch action {
        case .wait(let length): try await hold(length)
        case .waitFor(let wait):
            let target = try await resolve(action, at: path)
            var progress: DrainProgress?
            if case .step(let id)? = wait.targets { progress = drains.withLock { $0[id] } }
            try await awaitCondition(wait.awaited, step, target, since: session.request.clock.now, drain: progress)
        case .restoreAll:
            let failures = await session.heal(trial.index)
            let outcome = failures == 0 ? ActionOutcome.finished : ActionOutcome(.failed, "\(failures) not restored")
            ended(outcome)
            return outcome
        default: return try await act(step, action, at: path, ended: ended)
        }
        ended(.finished)
        return .finished
    }

    // MARK: - Actions

    private func act(
        _ step: Step, _ action: Action, at path: StepTargets.Path,
        ended: @escaping @Sendable (ActionOutcome) -> Void
    ) async throws -> ActionOutcome {
        guard let implementation = action.implementation else {
            throw RunError(.unsupported, "\(action.name) is not available here")
        }
        let target = try await resolve(action, at: path)
        guard let cluster = session.request.clusters[target.cluster] else {
            throw RunError(.unsupported, "no cluster \(target.cluster)")
        }
        resolved.withLock { $0[step.id] = target }
        if !target.nodes.isEmpty {
            recorder.event(.targetsResolved(step: step.id, cluster: cluster.name, targets: target.nodes.map(\.name)))
            tellFound(step, action, target)
        }
        let seed = seed(of: path)
        if action.traits.isSuperset(of: [.fault, .needsPower]), step.phase == .random {
            try await phase(step, cluster, seed)
        }
        let drain = DrainProgress()
        drains.withLock { $0[step.id] = drain }
        defer { doomed.end(step.id) }
        let rollouts = RolloutProgress()
        let context = context(step, action, target, cluster, seed, drain, rollouts)
        let began = session.request.clock.now
        let isSeenMeanwhile = step.until.map { Self.isSeenMeanwhile($0.condition, action) } ?? false
        // What failed proves nothing any more: its `until` is not waited for.
        let outcome = try await withThrowingTaskGroup(of: ActionOutcome?.self) { group in
            if isSeenMeanwhile, let awaited = step.until {
                group.addTask {
                    try await self.awaitCondition(awaited, step, target, since: began, drain: drain, rollouts)
                    return nil
                }
            }
            group.addTask {
                var outcome = try await Self.run(implementation, context, drain)
                if outcome.outcome == .finished, step.until == nil, action.traits.contains(.rollsOut) {
                    outcome = try await rollouts.complete(within: action.rolloutLimit, kube: cluster.kube)
                }
                if !Self.endsByUntil(step, action) || outcome.outcome.isFailure { ended(outcome) }
                try self.accept(outcome, of: step)
                return outcome
            }
            var outcome = ActionOutcome.finished
            for try await one in group {
                guard let one else { continue }
                outcome = one
                if one.outcome.isFailure { break }
            }
            group.cancelAll()
            return outcome
        }
        drain.end(outcome.outcome)
        guard let awaited = step.until, !isSeenMeanwhile, !outcome.outcome.isFailure else { return outcome }
        do {
            try await awaitCondition(awaited, step, target, since: began, drain: drain, rollouts)
        } catch let stall as RolloutStall {
            let end = ActionOutcome(.stalled, stall.obstacles)
            ended(end)
            return end
        } catch {
            if Self.endsByUntil(step, action) { ended(outcome) }
            throw error
        }
        if Self.endsByUntil(step, action) { ended(outcome) }
        return outcome
    }

    /// Whether the end of a step is told only once its `until` is met: whether a rollout stalls shows then.
    private static func endsByUntil(_ step: Step, _ action: Action) -> Bool {
        step.until != nil && action.traits.contains(.rollsOut)
    }

    private static func run(
        _ implementation: any ClusterAction, _ context: ActionContext, _ drain: DrainProgress
    ) async throws -> ActionOutcome {
        do {
            let outcome = try await implementation.carryOut(context)
            // Where it failed, the end of the wait for its `until` is no finding of its own.
            if !outcome.outcome.isFailure { drain.end(outcome.outcome) }
            return outcome
        } catch {
            drain.end(.failed)
            throw error
        }
    }

    /// Whether a condition is to be looked for while the action goes on: it may be over when the action is.
    private static func isSeenMeanwhile(_ condition: Condition, _ action: Action) -> Bool {
        switch condition {
        case .drain: true
        // An action that takes its nodes down and leaves none down has brought them back when it ends.
        case .node(.notReady): action.traits.contains(.downsNodes) && !action.traits.contains(.leavesNodesDown)
        default: false
        }
    }

    private func context(
        _ step: Step, _ action: Action, _ target: StepTargets, _ cluster: Cluster, _ seed: UInt64,
        _ drain: DrainProgress, _ rollouts: RolloutProgress
    ) -> ActionContext {
        ActionContext(
            clusters: session.request.clusters, observers: session.observers, peering: session.request.peering,
            log: RunLog(
                journal: session.journal, mirror: session.mirror, events: session.events, recorder: recorder,
                clusters: session.request.clusters, step: step.id, action: action.name,
                expectOutage: step.expectOutage, trial: trial.index, deadline: cell.restoreWithin, drain: drain,
                doomed: doomed),
            action: action.name, nodes: target.nodes, cluster: cluster, seed: seed, expectOutage: step.expectOutage,
            attachments: session.request.plan.attachments, rollouts: rollouts)
    }

    private func seed(of path: StepTargets.Path) -> UInt64 {
        path.seed(session.request.plan.seed, repeatIndex: trial.repeatIndex)
    }

    private func resolve(_ action: Action, at path: StepTargets.Path) async throws -> StepTargets {
        var carrier: String?
        if case .select(_, let selector)? = action.nodeTargets, let traffic = selector.carrying {
            carrier = try await session.node(carrying: traffic, of: cell)
        }
        return try StepTargets.resolve(
            action, seed: seed(of: path), observers: session.observers, peering: session.request.peering,
            earlier: { id in resolved.withLock { $0[id] } },
            carrying: { [carrier] name throws(ClusterError) in
                guard let carrier else { return try StepTargets.unknownCarrier(of: name) }
                return carrier
            },
            dialled: { [session] cluster throws(ClusterError) in try session.nodes(dialledIn: cluster) })
    }

    /// Kubelets renew their leases on a fixed rhythm: without a random wait a fault would always meet the same phase.
    private func phase(_ step: Step, _ cluster: Cluster, _ seed: UInt64) async throws {
        let renewal = try await NodeMonitoring.leaseRenewal(of: cluster) ?? .seconds(10)
        let flags = try await cluster.controlPlane?.controllerManagerFlags() ?? [:]
        let longest = renewal + NodeMonitoring.monitorPeriod(flags)
        var generator = SeededGenerator(seed: seed ^ 0xFA5E)
        let wait = longest * Double.random(in: 0..<1, using: &generator)
        recorder.event(.note("\(step.id): random phase, \(wait.inMilliseconds) ms"))
        try await hold(wait)
    }

    // MARK: - Conditions

    private func awaitCondition(
        _ awaited: Awaited, _ step: Step, _ target: StepTargets, since: RunInstant, drain: DrainProgress?,
        _ rollouts: RolloutProgress = RolloutProgress()
    ) async throws {
        guard let observer = session.observers[target.cluster] else {
            throw RunError(.unsupported, "\(step.id): no cluster \(target.cluster)")
        }
        let clock = session.request.clock
        let words = awaited.condition.words
        var seen = "nothing"
        do {
            let left = max(.zero, since + awaited.within - clock.now)
            // What rollouts show is asked of the API server, all else is watched.
            let pause = Duration.milliseconds(rollouts.workloads.isEmpty ? 20 : 200)
            try await poll(until: words, within: left, every: pause) { () -> Look<Void> in
                let found = await look(for: awaited.condition, observer, target, drain, rollouts)
                seen = found.seen
                if found.holds { return .met(()) }
                if !found.mayHold { throw PollTimeout(awaited: words, within: clock.now - since, last: seen) }
                return .notYet(seen)
            }
        } catch let timeout as PollTimeout {
            // Where no rollout of its own holds it up, the effect is missing for another reason.
            if let obstacles = try await rollouts.obstacles(kube: observer.cluster.kube) {
                throw RolloutStall(obstacles: obstacles)
            }
            recorder.event(.conditionUnmet(step: step.id, condition: words, lastObservation: timeout.last))
            let wait = Interval(start: since, end: clock.now)
            let doubt =
                session.request.lanes.suspects.touches(wait) ? "inconclusive, because the machine stalled: " : ""
            throw RunError(
                .conditionUnmet,
                "\(doubt)\(step.id): \(words) was not met within \(Quantity.text(awaited.within)); seen: "
                    + timeout.last)
        }
        let millis = (clock.now - since).inMilliseconds
        recorder.event(.conditionMet(step: step.id, condition: words, afterMillis: millis))
    }

    /// One look at a condition: whether it holds, whether it still can, and what was seen.
    private func look(
        for condition: Condition, _ observer: ClusterObserver, _ target: StepTargets, _ drain: DrainProgress?,
        _ rollouts: RolloutProgress
    ) async -> (holds: Bool, mayHold: Bool, seen: String) {
        let kube = observer.cluster.kube
        if case .rollout(.complete) = condition { return await rollouts.look(kube: kube) }
        let found = await ConditionCheck.evaluate(
            condition, observer: observer, nodes: target.nodes, peering: session.request.peering, drain: drain,
            newPods: { place in
                rollouts.workloads.isEmpty
                    ? nil : await rollouts.newPods(at: place, among: observer.pods(at: place), kube: kube)
            })
        if case .drain(let wanted) = condition {
            return (found.holds, drain?.mayShow(wanted) ?? false, found.seen)
        }
        return (found.holds, true, found.seen)
    }
}

/// What a step awaits did not come, because a rollout that the step caused makes no progress: a finding, no failure.
private struct RolloutStall: Error {
    var obstacles: String
}

extension Condition {
    /// As a plan says it.
    var words: String {
        switch self {
        case .node(let state): "node \(state.rawValue)"
        case .pods(let hosting, let state, let count): "\(count) pods of \(hosting) \(state.rawValue)"
        case .endpoints(let hosting, let ready): "\(ready) ready endpoints of \(hosting)"
        case .drain(let state): "drain \(state.rawValue)"
        case .rollout(let state): "rollout \(state.rawValue)"
        }
    }
}
