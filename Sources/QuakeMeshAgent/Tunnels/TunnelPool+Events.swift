/// Whose tunnels may share a connection: those of one source pod to one destination.
package struct TunnelRoute: Sendable, Hashable {
    /// The source pod's address.
    package var source: String
    /// `address:port` of the other end.
    package var destination: String

    package init(from source: String, to destination: String) {
        self.source = source
        self.destination = destination
    }
}

extension TunnelPool {
    /// A request for a stream, and then that stream. The caller numbers them, each number once.
    package struct RequestID: Sendable, Hashable, Comparable {
        package var number: Int

        package init(_ number: Int) { self.number = number }

        /// In the order of the numbers.
        package static func < (a: RequestID, b: RequestID) -> Bool { a.number < b.number }
    }

    /// A connection from its dial on. The pool numbers them from 1, each number once.
    package struct ConnectionID: Sendable, Hashable, Comparable {
        package var number: Int

        package init(_ number: Int) { self.number = number }

        /// In the order of the numbers.
        package static func < (a: ConnectionID, b: ConnectionID) -> Bool { a.number < b.number }
    }

    /// Why a request failed or its stream was reset.
    package enum Failure: Sendable, Hashable {
        /// TCP was not there within ``TunnelTimes/connectTimeout``.
        case connectTimeout
        case refused
        case noRoute
        case reset
        case eof
        /// The peer said GOAWAY before its first stream.
        case goAway
        /// A ping stayed unanswered.
        case pingTimeout
        /// Anything else that a socket said.
        case error
    }

    /// What the pool asks to be woken for. One that is set again replaces the earlier one of the same name.
    package enum Timer: Sendable, Hashable {
        /// TCP's limit.
        case connect(ConnectionID)
        /// The next ping, or the end of one's time-out.
        case keepalive(ConnectionID)
        /// Nobody has asked for the connection for a while.
        case idle(ConnectionID)
    }

    /// What happened.
    package enum Input: Sendable, Equatable {
        case request(RequestID, TunnelRoute)
        /// The client that asked hung up. Its turn and its stream are kept until the CONNECT is answered.
        case clientLeft(RequestID)
        /// TCP is there; the handshake follows.
        case connected(ConnectionID)
        /// The handshake is done.
        case ready(ConnectionID)
        case dialFailed(ConnectionID, Failure)
        case pong(ConnectionID)
        /// An open connection was reset or closed by its peer.
        case lost(ConnectionID, Failure)
        case goAway(ConnectionID)
        /// The CONNECT of a stream was answered with 200.
        case answered(RequestID)
        /// A stream ended in both directions, or its CONNECT was refused.
        case streamEnded(RequestID)
        case fired(Timer)
    }

    /// What is to be done, in this order.
    package enum Output: Sendable, Equatable {
        /// Dial; answer with `connected` and `ready`, or `dialFailed`. TCP's limit is the pool's, not the dialler's.
        case dial(ConnectionID, TunnelRoute)
        /// Send a CONNECT on the connection.
        case assign(RequestID, to: ConnectionID)
        case ping(ConnectionID)
        /// Reset the clients of all these streams, which are over: in the requests' order.
        case resetStreams([RequestID], of: ConnectionID, Failure)
        /// Reset the client of a request that got no stream.
        case fail(RequestID, Failure)
        /// End a stream whose client is gone; answer with `streamEnded` when it is over.
        case endStream(RequestID)
        /// Close a connection, or end its dial; nothing more of it is to be reported.
        case close(ConnectionID)
        case setTimer(Timer, at: Duration)
    }
}
