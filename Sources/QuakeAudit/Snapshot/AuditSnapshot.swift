package import FoundationEssentials
package import QuakeKube

/// What clusters looked like at one moment, as far as an audit is about it.
package struct AuditSnapshot: Sendable, Equatable {
    /// To the second.
    package var taken: Date
    /// In the order of their names.
    package var clusters: [ClusterSnapshot]

    package init(taken: Date, clusters: [ClusterSnapshot]) {
        self.taken = Date(timeIntervalSince1970: taken.timeIntervalSince1970.rounded(.down))
        self.clusters = clusters.sorted { $0.name < $1.name }
    }
}

/// One cluster's part of a snapshot.
package struct ClusterSnapshot: Sendable, Equatable {
    /// What a list call gave.
    package enum Reading: Sendable, Equatable {
        case items([JSONValue])
        /// The server does not have the kind, so there are none.
        case notServed
        /// Why, in words that can follow a colon.
        case notReadable(String)
    }

    /// The name that the command line gives it.
    package var name: String
    /// As the API server says it, `v1.32.2`; `nil` where it does not.
    package var version: String?
    package var lists: [AuditResource: Reading]
    /// `IP:port` → `connected`, or why not; `nil` where nothing was dialled.
    package var reach: [String: String]?

    package init(
        name: String, version: String?, lists: [AuditResource: Reading], reach: [String: String]? = nil
    ) {
        self.name = name
        self.version = version
        self.lists = lists
        self.reach = reach
    }

    /// The objects of a kind; none where the server does not have it.
    ///
    /// - Throws: ``Unchecked`` where they could not be read.
    package func items(_ resource: AuditResource) throws(Unchecked) -> [JSONValue] {
        switch lists[resource] {
        case .items(let items)?: return items
        case .notServed?: return []
        case .notReadable(let why)?: throw Unchecked("\(resource.rawValue) are not readable: \(why)")
        case nil: throw Unchecked("\(resource.rawValue) are not in the snapshot")
        }
    }
}
