import QuakeKube
import QuakePlan
import Synchronization

/// Looks at the pods of a node while kubectl drains it, and asks after those that are left when it has ended.
///
/// kubectl posts the evictions, and a 429 with `Retry-After` is retried inside its request without a word. So deletions
/// and budgets are watched, and a dry run of the eviction says, at the end, why a pod is still there.
final class DrainWatch: Sendable {
    private static let pause = Duration.milliseconds(100)

    private struct State {
        /// uid → the pod, of those that were there when kubectl began; `nil` until they are known.
        var pods: [String: JSONValue]?
        var budgets: [String: BudgetState] = [:]
        var track = DrainTrack()
    }

    private let node: NodeTarget
    private let context: ActionContext
    private let options: DrainOptions
    private let began = ContinuousClock.now
    private let state = Mutex(State())

    init(_ node: NodeTarget, _ context: ActionContext, _ options: DrainOptions) {
        self.node = node
        self.context = context
        self.options = options
    }

    private var kube: KubeClient { context.cluster.kube }
    private var filter: PodFilter { PodFilter(options) }

    // MARK: - While it goes on

    /// Until it is cancelled.
    func run() async {
        if let pods = try? await list() {
            state.withLock { $0.pods = Dictionary(pods.map { ($0.uid, $0) }) { $1 } }
        }
        guard let observer = context.observer else { return }
        await withTaskGroup(of: Void.self) { group in
            if !options.disableEviction { group.addTask { await self.followBudgets() } }
            group.addTask {
                while !Task.isCancelled {
                    self.look(at: observer.pods(on: self.node.name))
                    try? await Task.sleep(for: Self.pause)
                }
            }
        }
    }

    private func list() async throws(KubeError) -> [JSONValue] {
        try await kube.list(.pods(), labels: options.podSelector, fields: "spec.nodeName=\(node.name)").items
    }

    /// An account that may not read budgets learns of them by the dry runs alone.
    private func followBudgets() async {
        for await event in kube.watch(.podDisruptionBudgets()) {
            switch event {
            case .added(let budget), .modified(let budget):
                state.withLock { $0.budgets["\(budget.namespace)/\(budget.name)"] = BudgetState(budget) }
            case .deleted(let budget):
                state.withLock { $0.budgets["\(budget.namespace)/\(budget.name)"] = nil }
            case .synced, .interrupted: break
            }
        }
    }

    private func look(at pods: [JSONValue]) {
        let elapsed = ContinuousClock.now - began
        let isHeld = state.withLock { state in
            let leaving = pods.filter { pod in
                guard case .goes = filter.fate(of: pod) else { return false }
                return state.pods?[pod.uid] != nil
            }
            return state.track.look(at: leaving, Array(state.budgets.values), after: elapsed)
        }
        if isHeld { context.log.drain.showBlocked() }
    }

    // MARK: - When it has ended

    /// What went with the pods that are gone, or that go, and does not come back.
    ///
    /// - Parameter left: uids of pods that stay after all.
    func losses(without left: Set<String> = []) -> NodeLosses {
        let pods = state.withLock { $0.pods ?? [:] }.values.filter { !left.contains($0.uid) }
        return NodeLosses(Array(pods), filter)
    }

    /// Pods for whose sake kubectl would not begin, and those that are left though they were to go; with the uids of
    /// those that nothing was done to.
    func remains(after ended: CommandResult) async -> (remains: DrainRemains, untouched: Set<String>) {
        let pods: [JSONValue]
        do throws(KubeError) {
            pods = try await list()
        } catch {
            return (DrainRemains(unread: error.description), Set(state.withLock { $0.pods ?? [:] }.keys))
        }
        let (known, track) = state.withLock { ($0.pods, $0.track) }
        let text = DrainText(ended)
        var remains = DrainRemains()
        var leaving: [JSONValue] = []
        for pod in pods.sorted(by: { ($0.namespace, $0.name) < ($1.namespace, $1.name) }) {
            switch filter.fate(of: pod) {
            case .stays: continue
            case .refuses(let objection): remains.objections.append(("\(pod.namespace)/\(pod.name)", objection))
            // What came when kubectl had listed them is not its concern.
            case .goes where known.map { $0[pod.uid] != nil } ?? true || text.names(pod): leaving.append(pod)
            case .goes: continue
            }
        }
        remains.pods = await remaining(leaving, track)
        return (remains, Set(pods.filter { !$0.isBeingDeleted }.map(\.uid)))
    }

    private func remaining(_ pods: [JSONValue], _ track: DrainTrack) async -> [RemainingPod] {
        let budgets = await budgets(of: Set(pods.map(\.namespace)))
        return await withTaskGroup(of: (Int, RemainingPod).self) { group in
            for (index, pod) in pods.enumerated() {
                group.addTask { (index, await self.remaining(pod, budgets.filter { $0.covers(pod) }, track)) }
            }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private func remaining(_ pod: JSONValue, _ budgets: [BudgetState], _ track: DrainTrack) async -> RemainingPod {
        let seconds = pod.metadata["deletionGracePeriodSeconds"] ?? pod[path: "spec.terminationGracePeriodSeconds"]
        return RemainingPod(
            name: "\(pod.namespace)/\(pod.name)", isTerminating: pod.isBeingDeleted,
            terminatingSince: track.terminatingSince[pod.uid],
            wasTerminating: state.withLock { $0.pods?[pod.uid]?.isBeingDeleted ?? false },
            gracePeriod: .seconds(seconds?.intValue ?? 30),
            answer: pod.isBeingDeleted || options.disableEviction ? nil : await answer(for: pod),
            budgets: budgets.map(\.name).sorted(), heldSince: track.heldSince[pod.uid])
    }

    private func answer(for pod: JSONValue) async -> EvictionAnswer {
        do throws(KubeError) {
            try await kube.evict(pod.namespace, pod.name, uid: pod.uid, dryRun: true, timeout: .seconds(10))
            return .allowed
        } catch {
            return EvictionAnswer(error)
        }
    }

    private func budgets(of namespaces: Set<String>) async -> [BudgetState] {
        var budgets: [BudgetState] = []
        for namespace in namespaces.sorted() {
            let found = try? await kube.list(.podDisruptionBudgets(namespace)).items
            budgets += (found ?? []).map { BudgetState($0) }
        }
        return budgets
    }
}
