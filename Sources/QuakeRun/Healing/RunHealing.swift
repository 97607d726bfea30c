import FoundationEssentials
import QuakeArchive
import QuakeCluster
import QuakeKube
import QuakeTimeline

/// Heals what a run changed, and says so in its record.
struct RunHealing: Sendable {
    var journal: Journal
    var mirror: JournalMirror
    var events: FaultEvents
    var recorder: RunRecorder
    var clusters: [String: Cluster]
    var interruption: Interruption

    /// Undoes every entry that `selects` names and that is not undone. The end of its task does not cut it short; a second
    /// signal does.
    ///
    /// - Returns: how many could not be undone.
    func heal(where selects: (JournalEntry) -> Bool = { _ in true }) async -> Int {
        let entries = journal.entries.filter { $0.status != .reverted && selects($0) }
        guard !entries.isEmpty else { return 0 }
        var healer = Healer(
            clusters.mapValues { cluster in { cluster } }, nodes: journal.header.nodes)
        healer.write = { [journal] in try journal.append($0) }
        healer.isHurried = { [interruption] in interruption.isUrgent }
        healer.tell = { tell($0, $1) }
        let limit = HealingLimit.limit(of: entries, at: Int64(Date.now.timeIntervalSince1970 * 1000))
        let outcomes = await healer.heal(entries, within: limit)
        await mirror.write(journal)
        return outcomes.values.count { if case .failed = $0 { true } else { false } }
    }

    private func tell(_ entry: JournalEntry, _ news: Healer<ContinuousClock>.News) {
        let inverse = HealingPlan.inverse(of: entry)
        let words = inverse?.words ?? entry.about
        switch news {
        case .delayed(let why): recorder.event(.note("\(entry.cluster): not healed yet: \(words): \(why)"))
        case .ended(let outcome):
            recorder.event(.healed(journalID: entry.id, inverse: words, outcome: outcome))
            guard outcome == .healed, let cluster = clusters[entry.cluster],
                let subject = inverse.flatMap({ FaultEvents.Subject($0) })
            else { return }
            events.tell(.healing, words, on: [subject], of: cluster)
        }
    }
}

extension Cluster {
    /// Its nodes as a run finds them, for the journal; `nil` where they cannot be asked for.
    func nodesForJournal() async -> [String: JournalNode]? {
        guard let nodes = try? await kube.list(.nodes).items else { return nil }
        let machines = (try? await power?.machines()) ?? [:]
        return Dictionary(
            nodes.map { node in
                let isControlPlane = NodeView(node).isControlPlane
                return (node.name, JournalNode(isControlPlane: isControlPlane, machine: machines[node.name]))
            }
        ) { $1 }
    }
}
