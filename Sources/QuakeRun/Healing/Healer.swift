import FoundationEssentials
package import QuakeArchive
package import QuakeCluster
package import QuakeTimeline

/// Undoes what a journal says was changed, as ``HealingPlan`` orders it: the one executor of a run, of `recover` and of
/// the watchdog. Idempotent: what is undone already changes nothing.
///
/// What fails is tried again, with pauses that grow, until ``limit(of:at:)`` has passed.
package struct Healer<C: Clock>: Sendable where C.Duration == Duration {
    /// What is told of an entry meanwhile.
    package enum News: Sendable, Equatable {
        /// It could not be undone yet, and is tried again: told once for each entry.
        case delayed(String)
        case ended(HealingOutcome)
    }

    /// Cluster → how it is reached, asked anew after each failure. It throws ``HealingRefusal`` where nothing but a
    /// person can help.
    package var sites: [String: @Sendable () async throws -> Cluster]
    /// Cluster → node → what the run found.
    package var nodes: [String: [String: JournalNode]]
    package var clock: C
    /// Writes down how far an entry has come.
    package var write: @Sendable (JournalEntry) throws -> Void = { _ in }
    /// Whether an entry still is to be undone: somebody else may have done so meanwhile.
    package var isOpen: @Sendable (JournalEntry) -> Bool = { _ in true }
    /// Whether what cannot be undone at once is to be left.
    package var isHurried: @Sendable () -> Bool = { false }
    package var tell: @Sendable (JournalEntry, News) -> Void = { _, _ in }

    package init(
        _ sites: [String: @Sendable () async throws -> Cluster], nodes: [String: [String: JournalNode]]?, clock: C
    ) {
        self.sites = sites
        self.nodes = nodes ?? [:]
        self.clock = clock
    }

    /// Undoes these entries. The end of the calling task does not cut it short.
    ///
    /// - Parameter limit: from now; what is not undone by then has failed.
    /// - Returns: what became of each, by its number.
    package func heal(_ entries: [JournalEntry], within limit: Duration) async -> [Int: HealingOutcome] {
        let plan = HealingPlan(entries, nodes: nodes)
        let deadline = clock.now.advanced(by: limit)
        var outcomes: [Int: HealingOutcome] = [:]
        for entry in plan.nothing { outcomes[entry.id] = close(entry, .healed) }
        for entry in plan.unreadable { outcomes[entry.id] = close(entry, .failed("its inverse cannot be read")) }
        let tasks = plan.sites.map { cluster, site in
            Task {
                var healing = ClusterHealing(self, cluster, site, deadline)
                return await healing.run()
            }
        }
        for task in tasks { outcomes.merge(await task.value) { $1 } }
        return outcomes
    }

    /// Writes down and tells how an entry ended.
    ///
    /// - Returns: the outcome, or that the journal could not be written.
    func close(_ entry: JournalEntry, _ outcome: HealingOutcome) -> HealingOutcome {
        var outcome = outcome
        if outcome.isFinal {
            var entry = entry
            entry.status = .reverted
            do { try write(entry) } catch {
                outcome = .failed("\(outcome.text), which the journal cannot keep: \(error)")
            }
        }
        tell(entry, .ended(outcome))
        return outcome
    }
}

extension Healer where C == ContinuousClock {
    package init(
        _ sites: [String: @Sendable () async throws -> Cluster], nodes: [String: [String: JournalNode]]?
    ) {
        self.init(sites, nodes: nodes, clock: ContinuousClock())
    }
}

/// How long healing goes on trying.
package enum HealingLimit {
    /// From the beginning of a healing.
    package static let least = Duration.seconds(300)

    /// Until the last deadline that the plan's `restoreWithin` gave one of the entries, and five minutes at least.
    package static func limit(of entries: [JournalEntry], at unixMillis: Int64) -> Duration {
        // Settings last as long as their run: their deadlines say nothing of a fault.
        let latest = entries.filter { $0.trial != nil }.compactMap(\.deadlineUnixMillis).max() ?? 0
        return max(least, .milliseconds(latest - unixMillis))
    }
}

/// Why a cluster is not healed at all, whenever it is tried again.
package struct HealingRefusal: Error, Sendable, CustomStringConvertible {
    package var description: String

    package init(_ description: String) { self.description = description }
}
