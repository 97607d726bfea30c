/// A connection that a proxy of a mesh carried for a client and that ended with an error, as the proxy's access log tells it.
///
/// Not a dial: many connections share what the proxy dials, and the log tells of the connection alone. It has no phase of TCP and
/// no errno. A line comes when its connection ends, so that a connection that hangs is not told of until then.
package struct ProxyFailure: Sendable, Codable, Hashable {
    /// How far the connection had come.
    package var hop: ProxyHop
    /// The proxy's own words.
    package var error: String
    /// The client's side of the connection; joins it to samples.
    package var clientAddress: String
    package var clientPort: UInt16
    /// What the proxy dialled for it: `address:port`.
    package var target: String
    /// From the connection's beginning to its end.
    package var millis: Double
    /// The lane that used the client's port last; `nil` where none is known to have.
    package var lane: LaneID?

    package init(
        hop: ProxyHop, error: String, clientAddress: String, clientPort: UInt16, target: String, millis: Double,
        lane: LaneID? = nil
    ) {
        self.hop = hop
        self.error = error
        self.clientAddress = clientAddress
        self.clientPort = clientPort
        self.target = target
        self.millis = millis
        self.lane = lane
    }
}

/// Where on its way a connection through a proxy failed. Raw values are written to archives: add cases, never rename one.
package enum ProxyHop: String, Sendable, Codable, CaseIterable, Comparable {
    /// The proxy had nowhere to dial.
    case route = "no way"
    /// TCP to the gateway's address, or the reset of a connection on which nothing was agreed yet.
    case outerConnect = "outer connect"
    /// TLS or HTTP/2, with the gateway or, through it, with the end behind it: the text does not tell.
    case handshake
    /// The connection to the gateway, which many share, was lost.
    case outerLost = "outer connection lost"
    /// The gateway, or the end behind it, answered CONNECT with a no, or reset the stream.
    case answer = "gateway's answer"
    /// The connection through the gateway stood, and broke.
    case inner
    /// The proxy ended it itself: it drained, or a policy changed.
    case proxy = "proxy's own"
    /// A text that is not in the table.
    case unknown

    /// In the order of a connection's way.
    package static func < (left: ProxyHop, right: ProxyHop) -> Bool { left.rank < right.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
