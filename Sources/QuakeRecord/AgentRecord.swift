import QuakeBase

/// Something that an agent tells about its dials and targets. Times are Unix nanoseconds.
package struct AgentRecord: Sendable, Codable, Equatable {
    /// What an agent saw; cases are coded by their names.
    package enum What: Sendable, Codable, Equatable {
        case dial(DialRecord)
        /// The set that a balancer may dial: `node=address:port`, sorted.
        case targets(peer: String, addresses: [String])
        /// A load balancer took a node in or out.
        case health(node: String, healthy: Bool)
    }

    package var at: Int64
    package var what: What

    package init(at: Int64 = SystemClock.unix, _ what: What) {
        self.at = at
        self.what = what
    }
}

/// One tunnel, or one load-balanced connection, that was opened or could not be.
package struct DialRecord: Sendable, Codable, Equatable {
    /// `balancer` or `loadbalancer`.
    package var dialer: String
    package var cluster: String
    package var peer: String
    /// `loadbalancer`, `nodeport` or empty.
    package var method: String
    package var began: Int64
    package var millis: Double
    package var targetNode: String
    package var targetAddress: String
    package var gatewayPod: String
    package var gatewayNode: String
    /// `ok`, `refused`, `no-route`, `timeout`, `reset`, `eof`, `rejected`, `no-target` or `error`.
    package var outcome: String
    /// `tcp` or `connect`.
    package var phase: String
    package var errno: Int32
    package var clientAddress: String
    package var clientPort: Int
    /// When the client hung up, in ms from the beginning, if before the end.
    package var clientGoneMillis: Double?

    package init(
        dialer: String, cluster: String, peer: String, method: String, began: Int64, targetNode: String,
        targetAddress: String, clientAddress: String, clientPort: Int
    ) {
        self.dialer = dialer
        self.cluster = cluster
        self.peer = peer
        self.method = method
        self.began = began
        self.targetNode = targetNode
        self.targetAddress = targetAddress
        self.clientAddress = clientAddress
        self.clientPort = clientPort
        millis = 0
        gatewayPod = ""
        gatewayNode = ""
        outcome = "no-target"
        phase = "tcp"
        errno = 0
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
