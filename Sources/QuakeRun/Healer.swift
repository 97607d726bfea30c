import FoundationEssentials
package import QuakeArchive
package import QuakeCluster

/// Undoes what a journal says was changed, newest first. Idempotent: what is undone already changes nothing.
package struct Healer: Sendable {
    package var journal: Journal
    package var clusters: [String: Cluster]
    /// Told before and after each entry.
    package var tell: @Sendable (JournalEntry, Outcome) -> Void

    package enum Outcome: Sendable, Equatable {
        case begun
        case healed
        /// The cluster is another one by now, or cannot be reached.
        case failed(String)
    }

    package init(
        journal: Journal, clusters: [String: Cluster],
        tell: @escaping @Sendable (JournalEntry, Outcome) -> Void = { _, _ in }
    ) {
        self.journal = journal
        self.clusters = clusters
        self.tell = tell
    }

    package static func inverse(of entry: JournalEntry) -> Inverse? {
        try? JSONDecoder().decode(Inverse.self, from: Data(entry.inverse.utf8))
    }

    /// Undoes every entry that `selects` names and that is not undone.
    ///
    /// - Returns: how many could not be undone.
    package func heal(where selects: (JournalEntry) -> Bool = { _ in true }) async -> Int {
        var failures = 0
        for entry in journal.entries.reversed() where entry.status != .reverted && selects(entry) {
            if await !undo(entry) { failures += 1 }
        }
        await JournalMirror(clusters).write(journal)
        return failures
    }

    private func undo(_ entry: JournalEntry) async -> Bool {
        var entry = entry
        guard let inverse = Self.inverse(of: entry) else {
            tell(entry, .failed("its inverse cannot be read"))
            return false
        }
        guard let cluster = clusters[entry.cluster] else {
            tell(entry, .failed("\(entry.cluster) is not at hand"))
            return false
        }
        guard cluster.uid == entry.clusterUID else {
            tell(entry, .failed("\(entry.cluster) is another cluster by now: nothing was touched"))
            return false
        }
        tell(entry, .begun)
        do {
            entry.status = .reverting
            try journal.append(entry)
            try await retrying { try await inverse.revert(on: cluster) }
            entry.status = .reverted
            try journal.append(entry)
            tell(entry, .healed)
            return true
        } catch {
            tell(entry, .failed("\(error)"))
            return false
        }
    }

    private func retrying(_ body: () async throws -> Void) async throws {
        for pause in [Duration.milliseconds(200), .seconds(1)] {
            do {
                return try await body()
            } catch {
                try? await Task.sleep(for: pause)
            }
        }
        try await body()
    }
}
