/// Decides which HTTP/2 connection carries which tunnel, as ztunnel 1.27.9 does (`src/proxy/pool.rs`); pure.
///
///     request ──► queue of its route ──► the route's connection has a stream left? ──► assigned
///                  ▲ one after another    └─ no ──► dial: the others wait ──► ready ──► assigned, next of the queue
///                  └──────────────────────────────────────────────────────┴─► failed: this request fails, next one
///
/// A route's queue is ztunnel's lock of a source and destination. Even requests that an open connection could take wait
/// while another dials, and each of them that finds no connection then dials itself: one failure each connect time-out.
///
/// A connection that has reached the limit of streams never takes another one, though its streams end: it closes with
/// the last of them. So does one that said GOAWAY, and one that nobody asked for during the idle time. A connection
/// that is silent is used until its keepalive gives it up.
///
/// Time is the caller's: anything that never goes back, from any origin.
package struct TunnelPool: Sendable {
    private struct Route {
        /// The connection that takes the next stream.
        var current: ConnectionID?
        /// The one that is dialled: the lock is taken.
        var dial: ConnectionID?
        var waiting: [RequestID] = []

        var isUnused: Bool { current == nil && dial == nil && waiting.isEmpty }
    }

    private struct Connection {
        /// connecting → handshaking → open.
        enum Phase {
            case connecting(for: RequestID)
            case handshaking(for: RequestID)
            case open(TunnelKeepalive)
        }

        let route: TunnelRoute
        var phase: Phase
        var streams: Set<RequestID> = []
        var lastAsked: Duration
    }

    private struct Request {
        /// waiting → (dialling →) opening → open.
        enum Phase {
            case waiting
            case opening(ConnectionID)
            case open(ConnectionID)
        }

        var phase = Phase.waiting
        var clientIsGone = false

        var connection: ConnectionID? {
            switch phase {
            case .waiting: nil
            case .opening(let id), .open(let id): id
            }
        }
    }

    package let times: TunnelTimes
    /// How many streams a connection carries at most (ztunnel's `pool_max_streams_per_conn`).
    package let streamLimit: Int
    private var routes: [TunnelRoute: Route] = [:]
    private var connections: [ConnectionID: Connection] = [:]
    private var requests: [RequestID: Request] = [:]
    private var lastConnection = 0
    private var outputs: [Output] = []

    package init(times: TunnelTimes = TunnelTimes(), streamLimit: Int = 100) {
        self.times = times
        self.streamLimit = max(1, streamLimit)
    }

    /// How many streams a connection carries now; 0 for one that is not open.
    package func streamCount(of connection: ConnectionID) -> Int { connections[connection]?.streams.count ?? 0 }

    /// How many requests of a route wait for another one's dial, that one not counted.
    package func waitingCount(on route: TunnelRoute) -> Int { routes[route]?.waiting.count ?? 0 }

    /// Takes what happened at `now`. What refers to a request or a connection that is over is ignored.
    package mutating func handle(_ input: Input, at now: Duration) -> [Output] {
        defer { outputs = [] }
        switch input {
        case .request(let id, let route): ask(id, route, at: now)
        case .clientLeft(let id): clientLeft(id)
        case .connected(let id): connected(id)
        case .ready(let id): ready(id, at: now)
        case .dialFailed(let id, let failure): dialFailed(id, failure, at: now)
        case .pong(let id): pong(id, at: now)
        case .lost(let id, let failure): lost(id, failure, at: now)
        case .goAway(let id): goAway(id, at: now)
        case .answered(let id): answered(id)
        case .streamEnded(let id): streamEnded(id)
        case .fired(.connect(let id)): connectTimedOut(id, at: now)
        case .fired(.keepalive(let id)): keepalive(id, at: now)
        case .fired(.idle(let id)): idle(id, at: now)
        }
        return outputs
    }
}

// MARK: Requests

extension TunnelPool {
    private mutating func ask(_ id: RequestID, _ route: TunnelRoute, at now: Duration) {
        guard requests[id] == nil else { return }
        requests[id] = Request()
        routes[route, default: Route()].waiting.append(id)
        serve(route, at: now)
    }

    /// Hands the lock on, one request after another, until one dials.
    private mutating func serve(_ route: TunnelRoute, at now: Duration) {
        // Taken out, so that a long queue is not copied.
        guard var state = routes.removeValue(forKey: route) else { return }
        var served = 0
        while state.dial == nil, served < state.waiting.count {
            let request = state.waiting[served]
            served += 1
            if let connection = state.current {
                if !assign(request, to: connection, at: now) { state.current = nil }
            } else {
                state.dial = dial(route, for: request, at: now)
            }
        }
        state.waiting.removeFirst(served)
        if !state.isUnused { routes[route] = state }
    }

    /// - Returns: whether the connection takes another stream after this one.
    private mutating func assign(_ request: RequestID, to id: ConnectionID, at now: Duration) -> Bool {
        requests[request]?.phase = .opening(id)
        connections[id]?.streams.insert(request)
        connections[id]?.lastAsked = now
        outputs.append(.assign(request, to: id))
        return streamCount(of: id) < streamLimit
    }

    private mutating func clientLeft(_ id: RequestID) {
        requests[id]?.clientIsGone = true
        if case .open? = requests[id]?.phase { outputs.append(.endStream(id)) }
    }

    private mutating func answered(_ id: RequestID) {
        guard let request = requests[id], case .opening(let connection) = request.phase else { return }
        requests[id]?.phase = .open(connection)
        if request.clientIsGone { outputs.append(.endStream(id)) }
    }

    private mutating func streamEnded(_ id: RequestID) {
        guard let connection = requests[id]?.connection else { return }
        requests[id] = nil
        connections[connection]?.streams.remove(id)
        closeIfDone(connection)
    }
}

// MARK: Dials

extension TunnelPool {
    private mutating func dial(_ route: TunnelRoute, for request: RequestID, at now: Duration) -> ConnectionID {
        lastConnection += 1
        let id = ConnectionID(lastConnection)
        connections[id] = Connection(route: route, phase: .connecting(for: request), lastAsked: now)
        outputs.append(.dial(id, route))
        outputs.append(.setTimer(.connect(id), at: now + times.connectTimeout))
        return id
    }

    /// The request that holds the lock for a connection that is not open yet.
    private func dialler(of id: ConnectionID) -> RequestID? {
        switch connections[id]?.phase {
        case .connecting(let request)?, .handshaking(let request)?: request
        case .open?, nil: nil
        }
    }

    private mutating func connected(_ id: ConnectionID) {
        guard case .connecting(let request)? = connections[id]?.phase else { return }
        connections[id]?.phase = .handshaking(for: request)
    }

    private mutating func ready(_ id: ConnectionID, at now: Duration) {
        guard let request = dialler(of: id), let route = connections[id]?.route else { return }
        let keepalive = TunnelKeepalive(openedAt: now, times: times)
        connections[id]?.phase = .open(keepalive)
        outputs.append(.setTimer(.keepalive(id), at: keepalive.due))
        outputs.append(.setTimer(.idle(id), at: now + times.idleRelease))
        let takesMore = assign(request, to: id, at: now)
        routes[route]?.dial = nil
        routes[route]?.current = takesMore ? id : nil
        serve(route, at: now)
    }

    private mutating func dialFailed(_ id: ConnectionID, _ failure: Failure, at now: Duration) {
        guard let request = dialler(of: id), let route = connections[id]?.route else { return }
        connections[id] = nil
        requests[request] = nil
        outputs.append(.fail(request, failure))
        routes[route]?.dial = nil
        serve(route, at: now)
    }

    private mutating func connectTimedOut(_ id: ConnectionID, at now: Duration) {
        guard case .connecting? = connections[id]?.phase else { return }
        outputs.append(.close(id))
        dialFailed(id, .connectTimeout, at: now)
    }
}

// MARK: Open connections

extension TunnelPool {
    private mutating func keepalive(_ id: ConnectionID, at now: Duration) {
        guard case .open(var keepalive)? = connections[id]?.phase else { return }
        switch keepalive.fire(at: now) {
        // Whatever moved the time set a timer of its own.
        case .wait: break
        case .ping:
            connections[id]?.phase = .open(keepalive)
            outputs.append(.ping(id))
            outputs.append(.setTimer(.keepalive(id), at: keepalive.due))
        case .giveUp:
            drop(id, .pingTimeout)
            outputs.append(.close(id))
        }
    }

    private mutating func pong(_ id: ConnectionID, at now: Duration) {
        guard case .open(var keepalive)? = connections[id]?.phase, keepalive.answered(at: now) else { return }
        connections[id]?.phase = .open(keepalive)
        outputs.append(.setTimer(.keepalive(id), at: keepalive.due))
    }

    private mutating func lost(_ id: ConnectionID, _ failure: Failure, at now: Duration) {
        if dialler(of: id) != nil { dialFailed(id, failure, at: now) } else { drop(id, failure) }
    }

    /// Ends a connection with all its streams.
    private mutating func drop(_ id: ConnectionID, _ failure: Failure) {
        guard let connection = connections.removeValue(forKey: id) else { return }
        release(id, from: connection.route)
        let streams = connection.streams.sorted()
        for stream in streams { requests[stream] = nil }
        if !streams.isEmpty { outputs.append(.resetStreams(streams, of: id, failure)) }
    }

    private mutating func goAway(_ id: ConnectionID, at now: Duration) {
        if dialler(of: id) != nil {
            outputs.append(.close(id))
            return dialFailed(id, .goAway, at: now)
        }
        guard let route = connections[id]?.route else { return }
        release(id, from: route)
        closeIfDone(id)
    }

    private mutating func idle(_ id: ConnectionID, at now: Duration) {
        guard let connection = connections[id], routes[connection.route]?.current == id else { return }
        let due = connection.lastAsked + times.idleRelease
        guard now >= due else { return outputs.append(.setTimer(.idle(id), at: due)) }
        release(id, from: connection.route)
        closeIfDone(id)
    }

    /// A connection gets no more streams.
    private mutating func release(_ id: ConnectionID, from route: TunnelRoute) {
        guard routes[route]?.current == id else { return }
        routes[route]?.current = nil
        if routes[route]?.isUnused == true { routes[route] = nil }
    }

    /// Closes a connection that gets no more streams after its last one.
    private mutating func closeIfDone(_ id: ConnectionID) {
        guard let connection = connections[id], connection.streams.isEmpty, routes[connection.route]?.current != id
        else { return }
        connections[id] = nil
        outputs.append(.close(id))
    }
}
