import QuakeArchive
import QuakeBase
import QuakeCluster
import QuakeKube
import QuakePlan
import QuakeTimeline
import Synchronization

/// Puts a cell's settings into force. They last until the run ends or another cell changes them.
final class TrialSettingsKeeper: Sendable {
    /// Subject → what brings back the state from before the run, and the one entry that stands for it in the journal,
    /// however often it is changed.
    private let originals = Mutex<[String: (inverse: Inverse, entry: Int)]>([:])

    func apply(_ cell: Cell, session: Session) async throws {
        if session.request.meshLogs == .debug {
            for (name, cluster) in session.request.clusters.sorted(by: { $0.key < $1.key }) {
                for change in try await session.request.peering.loggingMore(in: cluster) {
                    try await put(change, subject: "logs/\(name)/\(change.inverse.subject)", session)
                }
            }
        }
        for traffic in cell.traffic {
            guard let client = session.request.clusters[traffic.from], let server = session.request.clusters[traffic.to]
            else { continue }
            if let method = cell.settings.peering {
                let changes = try await session.request.peering.switching(
                    from: client, to: traffic.to, method: method)
                for change in changes {
                    try await put(change, subject: "peering/\(change.cluster)\(change.inverse.subject)", session)
                }
            }
            if let policy = cell.settings.externalTrafficPolicy {
                try await put(
                    try await Self.policy(policy, of: server, session.request.peering),
                    subject: "policy/\(traffic.to)", session)
            }
            if let period = cell.settings.nodeMonitorGracePeriod {
                let change = try await SetNodeMonitorGracePeriod.mutation(
                    server, to: period, force: false, action: "setting")
                try await put(change, subject: "grace/\(traffic.to)", session)
                session.request.archive.setFact(
                    "\(traffic.to) --node-monitor-grace-period in trial \((session.recorder.currentTrial ?? 0) + 1)",
                    period.flagText)
            }
        }
    }

    private func put(_ change: Mutation?, subject: String, _ session: Session) async throws {
        guard var change else { return }
        let original = originals.withLock { originals in
            let first = originals[subject] ?? (change.inverse, session.journal.reserveID())
            originals[subject] = first
            return first
        }
        change.inverse = original.inverse
        let log = RunLog(
            journal: session.journal, mirror: session.mirror, events: session.events, recorder: session.recorder,
            clusters: session.request.clusters, step: "setting", action: "setting", expectOutage: false, trial: nil,
            deadline: .seconds(3600), drain: DrainProgress(), doomed: DoomedNodes())
        try await log.mutate(change, entry: original.entry)
        session.recorder.event(.note("\(change.cluster): \(change.about)"))
    }

    /// `externalTrafficPolicy` of the gateway's Service.
    private static func policy(
        _ policy: ExternalTrafficPolicy, of cluster: Cluster, _ peering: any Peering
    ) async throws -> Mutation? {
        guard let place = peering.place(of: .gateway), let name = place.service else { return nil }
        let path = ResourcePath.service(place.namespace, name)
        let object = try await cluster.kube.get(path)
        let before = ServiceView(object).externalTrafficPolicy ?? "Cluster"
        guard before != policy.rawValue else { return nil }
        func change(_ value: String) -> JSONValue { ["spec": ["externalTrafficPolicy": .string(value)]] }
        let patch = change(policy.rawValue)
        let kube = cluster.kube
        return Mutation(
            cluster: cluster.name, action: "setting", about: "externalTrafficPolicy \(policy.rawValue)",
            objectUID: object.uid, inverse: .patch(path: path.path, uid: object.uid, patch: change(before))
        ) { try await kube.patch(path, patch) }
    }
}
