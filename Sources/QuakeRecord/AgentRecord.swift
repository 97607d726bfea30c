import QuakeBase

/// Something that an agent tells about its dials and targets. Times are Unix nanoseconds.
package struct AgentRecord: Sendable, Codable, Equatable {
    /// What an agent saw; cases are coded by their names.
    package enum What: Sendable, Codable, Equatable {
        case dial(Dial<Int64>)
        /// The set that a balancer may dial: `node=address:port`, sorted.
        case targets(peer: String, addresses: [String])
        /// A load balancer took a node in or out.
        case health(node: String, healthy: Bool)
        /// A mesh's own proxy ended a client's connection with an error, at the record's time.
        case proxyFailure(ProxyFailure)
        /// A control plane told its proxies what changed, at the record's time.
        case push(ConfigPush)
        /// A gateway on a node took in so many streams since it was last asked; at least one.
        case carried(node: String, streams: Int)
        /// Something that may spoil what a run shows, in words for people.
        case warning(String)
    }

    package var at: Int64
    package var what: What

    package init(at: Int64 = SystemClock.unix, _ what: What) {
        self.at = at
        self.what = what
    }
}

/// A page of records.
package struct RecordPage: Sendable, Codable, Equatable {
    /// Cursor to go on with.
    package var next: UInt64
    /// Changes with each start of the agent: a cursor of another incarnation means nothing.
    package var incarnation: String
    /// How many records before the first of these were dropped unread.
    package var lost: UInt64
    package var records: [AgentRecord]

    package init(next: UInt64, incarnation: String, lost: UInt64, records: [AgentRecord]) {
        self.next = next
        self.incarnation = incarnation
        self.lost = lost
        self.records = records
    }
}
