import FoundationEssentials
package import QuakeArchive
package import QuakeCluster

/// The order in which changes are undone, cluster by cluster; clusters do not wait for each other.
///
///     control planes' power ─► all other nodes' power ─► API changes, newest first ─► all of those nodes Ready
///
/// Without its control plane a cluster answers nothing, and no node turns Ready: so it comes first, known by what the
/// journal noted when the run began.
package struct HealingPlan: Sendable, Equatable {
    /// A change and what undoes it.
    package struct Item: Sendable, Equatable {
        package var entry: JournalEntry
        package var inverse: Inverse
        /// The node's machine as the run found it, where its environment told.
        package var machine: String?
    }

    /// What is to be done in one cluster.
    package struct Site: Sendable, Equatable {
        /// The control planes' power, node by node; of one node newest first.
        package var controlPlanes: [[Item]] = []
        /// That of the other nodes.
        package var nodes: [[Item]] = []
        /// What goes through the API, newest first: renewed nodes among them, once their machines run.
        package var changes: [Item] = []
        /// Nodes that are to be Ready at the end.
        package var awaited: [Item] = []

        package var items: [Item] {
            (changes + awaited).reduce(into: [Int: Item]()) { $0[$1.entry.id] = $1 }.values
                .sorted { $0.entry.id > $1.entry.id }
        }
    }

    /// Cluster → what is to be done there.
    package var sites: [String: Site] = [:]
    /// What changed nothing that could be undone.
    package var nothing: [JournalEntry] = []
    /// What no inverse can be read of.
    package var unreadable: [JournalEntry] = []

    /// - Parameters:
    ///   - entries: in any order; what is undone already is left out.
    ///   - nodes: cluster → node → what the run found.
    package init(_ entries: [JournalEntry], nodes: [String: [String: JournalNode]]) {
        var power: [String: [String: [Item]]] = [:]
        for entry in entries.sorted(by: { $0.id > $1.id }) where entry.status != .reverted {
            guard let inverse = Self.inverse(of: entry) else {
                unreadable.append(entry)
                continue
            }
            guard inverse != .none else {
                nothing.append(entry)
                continue
            }
            let node = inverse.machine
            let item = Item(
                entry: entry, inverse: inverse, machine: node.flatMap { nodes[entry.cluster]?[$0]?.machine })
            if let node {
                power[entry.cluster, default: [:]][node, default: []].append(item)
                sites[entry.cluster, default: Site()].awaited.append(item)
            }
            if case .restoreNode = inverse { continue }
            sites[entry.cluster, default: Site()].changes.append(item)
        }
        for (cluster, named) in power {
            for (node, items) in named.sorted(by: { $0.key < $1.key }) {
                if nodes[cluster]?[node]?.isControlPlane ?? false {
                    sites[cluster]?.controlPlanes.append(items)
                } else {
                    sites[cluster]?.nodes.append(items)
                }
            }
        }
    }

    /// What undoes an entry; `nil` where this version cannot read it.
    package static func inverse(of entry: JournalEntry) -> Inverse? {
        try? JSONDecoder().decode(Inverse.self, from: Data(entry.inverse.utf8))
    }
}
