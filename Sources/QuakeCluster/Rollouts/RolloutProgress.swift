import QuakeBase
package import QuakeKube
import QuakeRecord
import Synchronization

/// The rollouts that one step has caused. An action tells of them; the runner waits for them, and its conditions count the
/// new revision's pods.
package final class RolloutProgress: Sendable {
    /// A workload whose rollout the step caused.
    package struct Workload: Sendable, Equatable {
        package var path: ResourcePath
        package var uid: String
        /// Whether its pods' template may be another one now, so that old pods and new ones differ.
        package var hasNewTemplate: Bool

        package init(path: ResourcePath, uid: String, hasNewTemplate: Bool) {
            self.path = path
            self.uid = uid
            self.hasNewTemplate = hasNewTemplate
        }
    }

    private let state = Mutex<[Workload]>([])

    package init() {}

    /// The API server has taken a change that rolls a workload out.
    package func began(_ workload: Workload) { state.withLock { $0.append(workload) } }

    package var workloads: [Workload] { state.withLock { $0 } }

    // MARK: - Waiting

    /// Where Kubernetes sets no other: `progressDeadlineSeconds` of a Deployment.
    package static let defaultLimit = Duration.seconds(600)
    /// A Deployment with this deadline has none.
    private static let noDeadline = Int(Int32.max)

    /// How long a workload's rollout is waited for where nobody says: its own `progressDeadlineSeconds`.
    static func limit(of object: JSONValue) -> Duration {
        guard let seconds = object[path: "spec.progressDeadlineSeconds"]?.intValue, seconds != noDeadline else {
            return defaultLimit
        }
        return .seconds(seconds)
    }

    /// Waits until every rollout is complete.
    ///
    /// - Parameter limit: for each of them, from now on; `nil`: each workload's own.
    /// - Returns: `finished`, or `stalled` with the pods that hold it up; `failed` where a workload is gone.
    package func complete(within limit: Duration?, kube: KubeClient) async throws -> ActionOutcome {
        let workloads = workloads
        let outcomes = try await withThrowingTaskGroup(of: (Int, ActionOutcome).self) { group in
            for (index, workload) in workloads.enumerated() {
                group.addTask { (index, try await Self.complete(workload, within: limit, kube)) }
            }
            return try await group.reduce(into: [(Int, ActionOutcome)]()) { $0.append($1) }
        }
        return ActionOutcome.worst(of: outcomes.sorted { $0.0 < $1.0 }.map(\.1))
    }

    private static func complete(
        _ workload: Workload, within limit: Duration?, _ kube: KubeClient
    ) async throws -> ActionOutcome {
        let name = "\(workload.path.resource)/\(workload.path.name ?? "")"
        let limit =
            if let limit { limit } else { (try? await kube.get(workload.path)).map(Self.limit) ?? defaultLimit }
        do {
            return try await poll(until: "rollout of \(name) complete", within: limit, every: .milliseconds(250)) {
                switch await look(at: workload, kube) {
                case .complete: .met(.finished)
                case .progressing(let seen): .notYet(seen)
                case .halted(let why):
                    .met(ActionOutcome(.stalled, try await words(of: workload, why, kube)))
                case .gone(let why): .met(ActionOutcome(.failed, "\(name): \(why)"))
                }
            }
        } catch let timeout as PollTimeout {
            return ActionOutcome(.stalled, try await words(of: workload, timeout.last, kube))
        }
    }

    /// What one look at a workload shows.
    private enum Seen {
        case complete
        case progressing(String)
        case halted(String)
        case gone(String)
    }

    private static func look(at workload: Workload, _ kube: KubeClient) async -> Seen {
        do {
            let object = try await kube.get(workload.path)
            guard object.uid == workload.uid else { return .gone("another object has its name now") }
            return switch RolloutStatus(of: object) {
            case .complete: .complete
            case .progressing(let seen): .progressing(seen)
            case .halted(let why): .halted(why)
            }
        } catch {
            return error.code == .notFound ? .gone("it is not there any more") : .progressing("\(error)")
        }
    }

    private static func words(of workload: Workload, _ seen: String, _ kube: KubeClient) async throws -> String {
        let name = "\(workload.path.resource)/\(workload.path.name ?? "")"
        let pods = (try? await Self.pods(of: workload, kube)) ?? []
        let reasons = StuckPods.reasons(pods)
        return "\(name): \(seen)" + (reasons.isEmpty ? "" : "; \(reasons)")
    }

    private static func pods(of workload: Workload, _ kube: KubeClient) async throws -> [JSONValue] {
        let selector = try await kube.get(workload.path)[path: "spec.selector"] ?? .null
        let all = try await kube.list(.pods(workload.path.namespace)).items
        return all.filter { selector.selects($0.labels) }
    }

    /// What holds the rollouts up now, for a condition that was not met in time; `nil` where all are complete.
    package func obstacles(kube: KubeClient) async throws -> String? {
        var words: [String] = []
        for workload in workloads {
            switch await Self.look(at: workload, kube) {
            case .complete: continue
            case .progressing(let seen), .halted(let seen), .gone(let seen):
                words.append(try await Self.words(of: workload, seen, kube))
            }
        }
        return words.isEmpty ? nil : words.joined(separator: "; ")
    }

    // MARK: - Looking

    /// Whether all are complete now, and what was seen; whether it still may become so.
    package func look(kube: KubeClient) async -> (holds: Bool, mayHold: Bool, seen: String) {
        var seen: [String] = []
        var mayComplete = true
        for workload in workloads {
            let name = "\(workload.path.resource)/\(workload.path.name ?? "")"
            switch await Self.look(at: workload, kube) {
            case .complete: continue
            case .progressing(let words): seen.append("\(name): \(words)")
            case .halted(let words), .gone(let words):
                mayComplete = false
                seen.append("\(name): \(words)")
            }
        }
        guard !workloads.isEmpty else { return (false, true, "no rollout has begun") }
        return (seen.isEmpty, mayComplete, seen.isEmpty ? "complete" : seen.joined(separator: "; "))
    }

    /// The pods of a place's new revision, where this step caused its rollout.
    ///
    /// - Returns: their names; `nil` where all of its pods count, as of a workload that this step did not change.
    package func newPods(at place: WorkloadPlace, among pods: [JSONValue], kube: KubeClient) async -> Set<String>? {
        let found = workloads.first {
            $0.hasNewTemplate && $0.path.namespace == place.namespace && $0.path.name == place.name
                && $0.path.resource == place.kind + "s"
        }
        guard let found else { return nil }
        // A revision that cannot be told yet has no pods yet.
        guard let label = try? await Self.revision(of: found, kube) else { return [] }
        return Set(pods.filter { $0.labels[label.key] == label.value }.map(\.name))
    }

    /// The label that pods of the newest revision have; `nil` before the controller has seen the change.
    private static func revision(
        of workload: Workload, _ kube: KubeClient
    ) async throws -> (key: String, value: String)? {
        let object = try await kube.get(workload.path)
        let generation = object.metadata["generation"]?.intValue ?? 0
        guard generation <= object[path: "status.observedGeneration"]?.intValue ?? 0 else { return nil }
        switch workload.path.resource {
        case "deployments":
            let owned = try await kube.list(.replicaSets(workload.path.namespace)).items.filter {
                $0.isOwned(by: workload.uid)
            }
            let newest = owned.max { revisionNumber($0) < revisionNumber($1) }
            return newest?.labels[WellKnown.podTemplateHash].map { (WellKnown.podTemplateHash, $0) }
        case "statefulsets":
            return object[path: "status.updateRevision"]?.stringValue.map { (WellKnown.controllerRevisionHash, $0) }
        default:
            let all = ResourcePath(group: "apps", resource: "controllerrevisions", namespace: workload.path.namespace)
            let owned = try await kube.list(all).items.filter { $0.isOwned(by: workload.uid) }
            let newest = owned.max { ($0["revision"]?.intValue ?? 0) < ($1["revision"]?.intValue ?? 0) }
            return newest?.labels[WellKnown.controllerRevisionHash].map { (WellKnown.controllerRevisionHash, $0) }
        }
    }

    private static func revisionNumber(_ set: JSONValue) -> Int {
        set.annotations[WellKnown.revision].flatMap { Int($0) } ?? 0
    }
}

extension JSONValue {
    fileprivate func isOwned(by uid: String) -> Bool {
        (metadata["ownerReferences"]?.arrayValue ?? []).contains { $0["uid"]?.stringValue == uid }
    }
}
