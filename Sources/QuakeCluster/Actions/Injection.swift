import QuakeKube
import QuakePlan
import Synchronization

/// One fault of a step, told to the run once: with the interval of its first call that had an effect. Of a fault with
/// several targets, which took effect with the first of them, each target's own interval is told too.
///
/// What no call had an effect of was not injected, and is not told.
final class Injection: Sendable {
    private struct State {
        var isTold = false
        var reached: Set<String> = []
    }

    let log: any ActionLog
    private let cluster: String
    private let targets: [String]
    private let part: String?
    private let state = Mutex(State())

    /// - Parameter part: names a node's share of a composite action.
    init(_ log: any ActionLog, cluster: String, targets: [String], part: String? = nil) {
        self.log = log
        self.cluster = cluster
        self.targets = targets
        self.part = part
    }

    /// - Parameter target: `nil` where the fault is not told target by target.
    func tookEffect(_ interval: EffectInterval, on target: String? = nil) {
        let (isFirst, isNews) = state.withLock { state in
            defer { state.isTold = true }
            return (!state.isTold, target.map { state.reached.insert($0).inserted } ?? false)
        }
        if isFirst { log.injected(cluster: cluster, targets: targets, part: part, during: interval) }
        if isNews, targets.count > 1, let target {
            log.reached(target, cluster: cluster, part: part, during: interval)
        }
    }

    /// Makes a change that knows when it took effect; `nil` where there was nothing to change. One that fails is told where it may have had an effect, until the
    /// moment at which it failed.
    func during(_ target: String? = nil, _ body: () async throws -> EffectInterval?) async throws {
        try Task.checkCancellation()
        let from = EffectInterval.now
        do {
            if let interval = try await body() { tookEffect(interval, on: target) }
        } catch let error as PartialEffect {
            tookEffect(error.interval, on: target)
            throw error.cause
        } catch {
            let isRefusal = (error as? any Refusal)?.isRefusal ?? false
            if !isRefusal { tookEffect(EffectInterval(from: from, to: EffectInterval.now), on: target) }
            throw error
        }
    }

    /// The change, as one whose every moment is that of one call.
    func timing(_ mutation: Mutation, on target: String? = nil) -> Mutation {
        var timed = mutation
        timed.apply = { [self] in try await during(target) { try await EffectInterval.of(mutation.apply) } }
        return timed
    }
}

extension ActionContext {
    func injection(of targets: [String], part: String? = nil) -> Injection {
        Injection(log, cluster: cluster.name, targets: targets, part: part)
    }

    /// The same, with a log whose changes are calls of that fault.
    func telling(_ injection: Injection, on target: String? = nil) -> ActionContext {
        var context = self
        context.log = InjectingLog(log: log, injection: injection, target: target)
        return context
    }
}

/// The log of a run, for actions whose changes are all part of one fault.
private struct InjectingLog: ActionLog {
    var log: any ActionLog
    var injection: Injection
    var target: String?

    func mutate(_ mutation: Mutation) async throws { try await log.mutate(injection.timing(mutation, on: target)) }

    func mutate(_ mutations: [Mutation]) async throws {
        try await log.mutate(mutations.map { injection.timing($0, on: target) })
    }

    func undo(
        _ cluster: String, matching: @Sendable (Inverse) -> Bool, by body: @Sendable () async throws -> Void
    ) async throws -> Bool { try await log.undo(cluster, matching: matching, by: body) }

    func doom(_ nodes: Set<String>, of cluster: String) -> Set<String> { log.doom(nodes, of: cluster) }

    func injected(cluster: String, targets: [String], part: String?, during interval: EffectInterval) {
        log.injected(cluster: cluster, targets: targets, part: part, during: interval)
    }

    func reached(_ target: String, cluster: String, part: String?, during interval: EffectInterval) {
        log.reached(target, cluster: cluster, part: part, during: interval)
    }

    func changed(cluster: String, targets: [String]) { log.changed(cluster: cluster, targets: targets) }
    func keep(_ result: CommandResult, about: String) { log.keep(result, about: about) }
    func note(_ text: String) { log.note(text) }
    var arrivals: any Arrivals { log.arrivals }
    func measured(_ change: MeasuredChange) -> Bool { log.measured(change) }
    var drain: DrainProgress { log.drain }
    func pause(_ length: Duration) async throws { try await log.pause(length) }
}

/// Says that a healing change begins, once: just before the first call that has an effect.
final class Beginning: Sendable {
    private let isTold = Mutex(false)
    private let tell: @Sendable () -> Void

    init(_ tell: @escaping @Sendable () -> Void = {}) { self.tell = tell }

    func now() {
        let isFirst = isTold.withLock { told in
            defer { told = true }
            return !told
        }
        if isFirst { tell() }
    }
}

extension ActionContext {
    /// The beginning of what this step heals.
    func beginning() -> Beginning {
        Beginning { [log, cluster, nodes] in log.changed(cluster: cluster.name, targets: nodes.map(\.name)) }
    }
}
