import QuakeCluster
import QuakeKube
import QuakePlan
import QuakeProbe
import QuakeTimeline
import Synchronization

/// Carries out the steps of one trial.
final class StepRunner: Sendable {
    private struct Resolved: Sendable {
        var cluster: String
        var nodes: [NodeTarget]
    }

    private let session: Session
    private let trial: Trial
    private let cell: Cell
    private let resolved = Mutex<[String: Resolved]>([:])
    private let doomed = DoomedNodes()

    init(session: Session, trial: Trial, cell: Cell) {
        self.session = session
        self.trial = trial
        self.cell = cell
    }

    func runAll() async throws {
        for (index, step) in cell.steps.enumerated() {
            try Task.checkCancellation()
            try await run(step, index: index)
        }
        for (index, action) in cell.always.enumerated() where action != .restoreAll {
            let position = SourcePosition(line: 1, column: 1)
            let step = Step(id: "always-\(index + 1)", body: .action(action), position: position)
            try await run(step, index: cell.steps.count + index)
        }
    }

    private func run(_ step: Step, index: Int) async throws {
        switch step.body {
        case .action(let action): try await run(step, action, index: index)
        case .parallel(let steps):
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (offset, child) in steps.enumerated() {
                    group.addTask { try await self.run(child, index: index * 100 + offset + 1) }
                }
                try await group.waitForAll()
            }
        }
        try await hold(step.hold)
    }

    private func hold(_ length: Duration) async throws {
        if length > .zero { try await Task.sleep(for: length) }
    }

    private func run(_ step: Step, _ action: Action, index: Int) async throws {
        // The same in each cell of a repeat, so that reports can pair them.
        let seed = StepGenerator.seed(session.request.plan.seed, UInt64(trial.repeatIndex), UInt64(index))
        let recorder = session.recorder
        switch action {
        case .wait(let length):
            recorder.event(.stepStarted(step: step.id, action: action.name))
            try await hold(length)
            recorder.event(.stepFinished(step: step.id, outcome: "finished", detail: ""))
        case .waitFor(let wait):
            recorder.event(.stepStarted(step: step.id, action: action.name))
            let target = try resolve(action, seed: seed)
            try await awaitCondition(wait.awaited, step, target, since: session.request.clock.now, drain: nil)
            recorder.event(.stepFinished(step: step.id, outcome: "finished", detail: ""))
        case .restoreAll:
            recorder.event(.stepStarted(step: step.id, action: action.name))
            let failures = await session.heal(trial.index)
            recorder.event(
                .stepFinished(step: step.id, outcome: failures == 0 ? "finished" : "failed", detail: ""))
        default: try await act(step, action, seed: seed)
        }
    }

    // MARK: - Actions

    private func act(_ step: Step, _ action: Action, seed: UInt64) async throws {
        guard let implementation = action.implementation else {
            throw RunError(.unsupported, "\(action.name) is not available here")
        }
        let target = try resolve(action, seed: seed)
        guard let cluster = session.request.clusters[target.cluster] else {
            throw RunError(.unsupported, "no cluster \(target.cluster)")
        }
        resolved.withLock { $0[step.id] = target }
        let recorder = session.recorder
        if !target.nodes.isEmpty {
            recorder.event(
                .targetsResolved(step: step.id, cluster: cluster.name, targets: target.nodes.map(\.name)))
        }
        if action.isFault, action.needsPower, step.phase == .random { try await phase(step, cluster, seed) }
        recorder.event(.stepStarted(step: step.id, action: action.name))
        let drain = DrainProgress()
        let context = ActionContext(
            clusters: session.request.clusters, observers: session.observers, peering: session.request.peering,
            log: RunLog(
                journal: session.journal, mirror: session.mirror, events: session.events, recorder: recorder,
                clusters: session.request.clusters, step: step.id, action: action.name,
                expectOutage: step.expectOutage, trial: trial.index, deadline: cell.restoreWithin, drain: drain,
                doomed: doomed),
            action: action.name, nodes: target.nodes, cluster: cluster, seed: seed, expectOutage: step.expectOutage,
            attachments: session.request.plan.attachments)
        defer { doomed.end(step.id) }
        let began = session.request.clock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            if case .drain? = step.until?.condition, let awaited = step.until {
                // It is to be seen while the drain goes on.
                group.addTask { try await self.awaitCondition(awaited, step, target, since: began, drain: drain) }
            }
            group.addTask {
                let outcome = try await implementation.run(context)
                recorder.event(
                    .stepFinished(step: step.id, outcome: outcome.outcome, detail: outcome.detail))
                if outcome.outcome == "failed" { throw RunError(.faultNotInjected, "\(step.id): \(outcome.detail)") }
            }
            try await group.waitForAll()
        }
        guard let awaited = step.until else { return }
        if case .drain = awaited.condition { return }
        try await awaitCondition(awaited, step, target, since: began, drain: drain)
    }

    private func resolve(_ action: Action, seed: UInt64) throws -> Resolved {
        switch action.nodeTargets {
        case nil: return Resolved(cluster: action.namedCluster ?? "", nodes: [])
        case .step(let id)?:
            guard let earlier = resolved.withLock({ $0[id] }) else {
                throw RunError(.faultNotInjected, "step \(id) has no targets")
            }
            return earlier
        case .select(let cluster, let selector)?:
            guard let observer = session.observers[cluster] else {
                throw RunError(.unsupported, "no cluster \(cluster)")
            }
            var generator = StepGenerator(seed: seed)
            let peering = session.request.peering
            let nodes = try TargetResolver.resolve(
                selector, nodes: observer.nodes,
                hosts: { hosting in
                    guard let place = peering.place(of: hosting) else { return [] }
                    let ready = observer.pods(at: place).filter {
                        $0.condition("Ready") == "True" && !$0.isBeingDeleted
                    }
                    return Set(ready.compactMap { $0[path: "spec.nodeName"]?.stringValue })
                }, using: &generator)
            return Resolved(cluster: cluster, nodes: nodes)
        }
    }

    /// Kubelets renew their leases on a fixed rhythm: without a random wait a fault would always meet the same phase.
    private func phase(_ step: Step, _ cluster: Cluster, _ seed: UInt64) async throws {
        let leases = try await cluster.kube.list(.leases("kube-node-lease")).items
        let lease = leases.compactMap { $0[path: "spec.leaseDurationSeconds"]?.intValue }.max() ?? 40
        let flags = try await cluster.controlPlane?.controllerManagerFlags() ?? [:]
        let monitor = flags["node-monitor-period"].flatMap(Quantity.duration) ?? .seconds(5)
        let longest = Duration.seconds(lease) / 4 + monitor
        var generator = StepGenerator(seed: seed ^ 0xFA5E)
        let wait = longest * Double.random(in: 0..<1, using: &generator)
        session.recorder.event(.note("\(step.id): random phase, \(Int(wait / .milliseconds(1))) ms"))
        try await hold(wait)
    }

    // MARK: - Conditions

    private func awaitCondition(
        _ awaited: Awaited, _ step: Step, _ target: Resolved, since: RunInstant, drain: DrainProgress?
    ) async throws {
        guard let observer = session.observers[target.cluster] else { return }
        let deadline = since + awaited.within
        var seen = "nothing"
        while true {
            let (holds, words) = ConditionCheck.evaluate(
                awaited.condition, observer: observer, nodes: target.nodes, peering: session.request.peering,
                drain: drain?.value)
            let now = session.request.clock.now
            if holds {
                session.recorder.event(
                    .conditionMet(
                        step: step.id, condition: "\(awaited.condition.words)",
                        afterMillis: (now - since).inNanoseconds / 1_000_000))
                return
            }
            seen = words
            if now >= deadline { break }
            try await Task.sleep(for: .milliseconds(20))
        }
        session.recorder.event(
            .conditionUnmet(step: step.id, condition: awaited.condition.words, lastObservation: seen))
        throw RunError(
            .faultNotInjected,
            "\(step.id): \(awaited.condition.words) did not come about within \(Quantity.text(awaited.within)); seen: \(seen)"
        )
    }
}

extension Condition {
    /// As a plan says it.
    var words: String {
        switch self {
        case .node(let state): "node \(state.rawValue)"
        case .pods(let hosting, let state, let count): "\(count) pods of \(hosting) \(state.rawValue)"
        case .endpoints(let hosting, let ready): "\(ready) ready endpoints of \(hosting)"
        case .drain(let state): "drain \(state.rawValue)"
        }
    }
}
