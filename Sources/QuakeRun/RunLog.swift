import FoundationEssentials
import QuakeArchive
import QuakeCluster
import QuakeKube
import QuakePlan
import QuakeTimeline
import Synchronization

/// The journal and the record as one step's actions see them.
struct RunLog: ActionLog {
    var journal: Journal
    var mirror: JournalMirror
    var events: FaultEvents
    var recorder: RunRecorder
    var clusters: [String: Cluster]
    var step: String
    var action: String
    var expectOutage: Bool
    /// `nil` for what lasts beyond the trial.
    var trial: Int?
    var deadline: Duration
    var drain: DrainProgress
    var doomed: DoomedNodes

    func mutate(_ mutation: Mutation) async throws { try await mutate(mutation, entry: journal.reserveID()) }

    /// - Parameter id: the entry's number; one that was used already is written anew.
    func mutate(_ mutation: Mutation, entry id: Int) async throws {
        try await permit(mutation.cluster)
        let entry = try intend(mutation, entry: id)
        await mirror.write(journal)
        try await apply(mutation, entry)
    }

    /// Mirrored once, before the first of them: what a slow API server takes for it lies in no fault's time.
    func mutate(_ mutations: [Mutation]) async throws {
        for cluster in Set(mutations.map(\.cluster)) { try await permit(cluster) }
        let intended = try mutations.map { ($0, try intend($0, entry: journal.reserveID())) }
        await mirror.write(journal)
        for (mutation, entry) in intended { try await apply(mutation, entry) }
    }

    private func intend(_ mutation: Mutation, entry id: Int) throws -> JournalEntry {
        let data = try JSONEncoder().encode(mutation.inverse)
        let entry = JournalEntry(
            id: id, cluster: mutation.cluster, clusterUID: clusters[mutation.cluster]?.uid ?? "",
            objectUID: mutation.objectUID, action: mutation.action, about: mutation.about,
            inverse: String(decoding: data, as: UTF8.self),
            deadlineUnixMillis: Int64((Date.now.timeIntervalSince1970 + deadline.inSeconds) * 1000), trial: trial)
        try journal.append(entry)
        return entry
    }

    private func apply(_ mutation: Mutation, _ intended: JournalEntry) async throws {
        try await mutation.apply()
        var entry = intended
        entry.status = .applied
        let learnt = mutation.learnt?()
        if let learnt { entry.inverse = String(decoding: try JSONEncoder().encode(learnt), as: UTF8.self) }
        try journal.append(entry)
        if learnt != nil { await mirror.write(journal) }
        if let subject = FaultEvents.Subject(mutation), let known = clusters[mutation.cluster] {
            events.tell(action == "setting" ? .setting : .fault, mutation.about, on: [subject], of: known)
        }
    }

    /// - Throws: ``RunError`` where somebody else holds the cluster by now.
    private func permit(_ cluster: String) async throws {
        guard let holder = await clusters[cluster]?.permit?.otherHolder() else { return }
        throw RunError(.unavailable, "\(cluster): \(holder) holds it now: nothing more is changed there")
    }

    func undo(
        _ cluster: String, matching: @Sendable (Inverse) -> Bool, by body: @Sendable () async throws -> Void
    ) async throws -> Bool {
        let entries = journal.entries.filter { entry in
            guard entry.cluster == cluster, entry.status != .reverted, let inverse = HealingPlan.inverse(of: entry)
            else {
                return false
            }
            return matching(inverse)
        }
        guard !entries.isEmpty else { return false }
        try await permit(cluster)
        for var entry in entries.reversed() {
            entry.status = .reverting
            try journal.append(entry)
        }
        try await body()
        for var entry in entries.reversed() {
            entry.status = .reverted
            try journal.append(entry)
        }
        await mirror.write(journal)
        return true
    }

    func doom(_ nodes: Set<String>, of cluster: String) -> Set<String> {
        let killed = journal.entries.compactMap { entry -> String? in
            guard entry.cluster == cluster, entry.status != .reverted,
                case .restoreNode(let node, _)? = HealingPlan.inverse(of: entry)
            else { return nil }
            return node
        }
        return doomed.add(nodes, of: cluster, by: step).union(killed)
    }

    /// Recorded under the moment at which it began, though it is told when that is known.
    func injected(cluster: String, targets: [String], part: String?, during interval: EffectInterval) {
        let injection = recorder.interval(interval)
        recorder.event(
            .faultInjected(
                Fault(
                    id: faultID(part), step: step, action: action, cluster: cluster, targets: targets,
                    expectOutage: expectOutage, injection: injection)), at: injection.start)
        tell(.fault, targets, cluster)
    }

    func reached(_ target: String, cluster: String, part: String?, during interval: EffectInterval) {
        let injection = recorder.interval(interval)
        recorder.event(
            .targetReached(fault: faultID(part), cluster: cluster, target: target, injection: injection),
            at: injection.start)
    }

    private func faultID(_ part: String?) -> String { part.map { "\(step)/\($0)" } ?? step }

    func changed(cluster: String, targets: [String]) {
        recorder.event(.changeMade(step: step, action: action, cluster: cluster, targets: targets))
        tell(.healing, targets, cluster)
    }

    private func tell(_ reason: FaultEvents.Reason, _ targets: [String], _ cluster: String) {
        guard let known = clusters[cluster] else { return }
        events.tell(reason, "\(action), step \(step)", on: targets.map { .node($0) }, of: known)
    }

    func keep(_ result: CommandResult, about: String) {
        let end = result.timedOut ? "timed out" : result.exitCode.map { "exit code \($0)" } ?? "killed"
        let text =
            "$ \(result.commandLine)\n\(result.standardOutput)\(result.standardError)[\(end), \(result.duration.inSeconds) s]\n"
        recorder.keep(text, about: "\(step) \(about)")
    }

    func note(_ text: String) { recorder.event(.note("\(step): \(text)")) }

    var arrivals: any Arrivals { recorder.arrivals }

    func measured(_ change: MeasuredChange) -> Bool {
        let measured = Propagation(
            step: step, round: change.round, change: change.change, direction: change.direction, view: change.view,
            cluster: change.cluster, pod: change.pod, node: change.node, made: recorder.interval(change.made),
            seen: change.seen, within: change.within)
        recorder.event(.propagation(measured))
        return !measured.isCensored
    }

    func pause(_ length: Duration) async throws { try await Task.sleep(for: length) }
}

/// Nodes that steps under way are about to take down: what is not in the journal yet.
final class DoomedNodes: Sendable {
    private let steps = Mutex<[String: [String: Set<String>]]>([:])

    /// - Returns: all of that cluster.
    func add(_ nodes: Set<String>, of cluster: String, by step: String) -> Set<String> {
        steps.withLock { steps in
            steps[step, default: [:]][cluster, default: []].formUnion(nodes)
            return steps.values.reduce(into: []) { $0.formUnion($1[cluster] ?? []) }
        }
    }

    /// A step has ended: what it did stands in the journal.
    func end(_ step: String) { steps.withLock { $0[step] = nil } }
}
