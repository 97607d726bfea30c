import QuakeBase

@testable import QuakeMeshAgent

/// What a client saw of one request.
struct TunnelOutcome: Sendable {
    /// Whether it went over a kept connection; else over one of its own.
    var isKept: Bool
    var began: Duration
    var ended: Duration
    /// Nil for an answer.
    var failure: TunnelPool.Failure?
}

/// Drives a ``TunnelPool`` in virtual time: one source pod, one destination, a network with one fault.
///
/// The clients are those of the recorded runs: new connections of one line and one echo at a steady rate, and two kept
/// ones that send a line 0.25 s after each echo and connect anew 0.5 s after they were cut. The fault begins at 0; the
/// first connection was opened ``Setting/sincePong`` before.
struct TunnelSimulation {
    struct Setting: Sendable {
        var network: SimulatedNetwork
        /// How long before the fault the last pong came; 0 to the ping interval.
        var sincePong: Duration
        /// The first new request after the fault.
        var phase: Duration
        /// New requests, a second.
        var rate: Double
        var kept = 2
        var times = TunnelTimes()
        var streamLimit = 100
        /// Whether what is dialled after the fault's beginning reaches another, healthy peer, as through a load
        /// balancer.
        var hasSpare = false
    }

    private enum Message {
        /// A CONNECT, and its answer.
        case open(TunnelPool.RequestID)
        /// A line, and its echo.
        case line(TunnelPool.RequestID)
        case ping, pong
        case close
    }

    private enum Event {
        case newRequest(Int)
        case keptRequest(Int)
        case keptLine(TunnelPool.RequestID)
        case arrives(Message, TunnelPool.ConnectionID, toServer: Bool)
        case input(TunnelPool.Input)
        case connected(TunnelPool.ConnectionID)
        case ready(TunnelPool.ConnectionID)
        case lost(TunnelPool.ConnectionID, TunnelPool.Failure)
        case serverKeepalive(TunnelPool.ConnectionID)
        case fault
        case drained
    }

    /// A connection, both ends of it.
    private struct Link {
        /// Whether the fault leaves it alone.
        var isSpared: Bool
        /// Until when what is sent waits for a retransmission.
        var upStall: Duration?
        var downStall: Duration?
        /// The far end's pings; nil once that end has closed.
        var server: TunnelKeepalive?
    }

    private struct Client {
        var kept: Int?
        var began: Duration
        var connection: TunnelPool.ConnectionID?
    }

    private let setting: Setting
    private var pool: TunnelPool
    private var clock: VirtualClock<Event>
    private var links: [TunnelPool.ConnectionID: Link] = [:]
    private var dials: Set<TunnelPool.ConnectionID> = []
    private var clients: [TunnelPool.RequestID: Client] = [:]
    private var lastRequest = 0
    private var outcomes: [TunnelOutcome] = []

    private var network: SimulatedNetwork { setting.network }
    /// Whether a connection that is dialled now meets no fault.
    private var isSparing: Bool { setting.hasSpare && clock.now >= .zero }
    /// No client asks later: by then a connection that fell silent before the fault's end is given up.
    private var end: Duration { network.length + .seconds(20) }

    /// Runs until a while after the fault. What hangs then has no outcome.
    static func run(_ setting: Setting) -> [TunnelOutcome] {
        var simulation = TunnelSimulation(setting)
        simulation.run()
        return simulation.outcomes
    }

    private init(_ setting: Setting) {
        self.setting = setting
        pool = TunnelPool(times: setting.times, streamLimit: setting.streamLimit)
        clock = VirtualClock(at: Duration.zero - setting.sincePong)
    }

    private mutating func run() {
        for kept in 0..<setting.kept { clock.schedule(.keptRequest(kept), at: clock.now) }
        let first = ((clock.now - setting.phase).inSeconds * setting.rate).rounded(.up)
        clock.schedule(.newRequest(Int(first)), at: due(Int(first)))
        clock.schedule(.fault, at: .zero)
        while let event = clock.next(until: end + .seconds(20)) { handle(event) }
    }

    /// When a new request begins, which are counted from the first one after the fault.
    private func due(_ number: Int) -> Duration { setting.phase + .seconds(Double(number) / setting.rate) }

    private mutating func handle(_ event: Event) {
        switch event {
        case .newRequest(let number):
            clock.schedule(.newRequest(number + 1), at: due(number + 1))
            begin(kept: nil)
        case .keptRequest(let kept): begin(kept: kept)
        case .keptLine(let id):
            guard let connection = clients[id]?.connection else { return }
            clients[id]?.began = clock.now
            send(.line(id), on: connection, toServer: true)
        case .arrives(let message, let connection, toServer: true): reachesServer(message, connection)
        case .arrives(let message, let connection, toServer: false): reachesClient(message, connection)
        case .input(let input): feed(input)
        case .connected(let id):
            guard dials.contains(id) else { return }
            feed(.connected(id))
            clock.schedule(.ready(id), at: isSparing ? clock.now : network.handshake(at: clock.now))
        case .ready(let id): ready(id)
        case .lost(let id, let failure):
            if links.removeValue(forKey: id) != nil { feed(.lost(id, failure)) }
        case .serverKeepalive(let id): serverKeepalive(id)
        case .fault: faultBegins()
        case .drained: loseAll(.eof)
        }
    }
}

// MARK: Clients

extension TunnelSimulation {
    private mutating func begin(kept: Int?) {
        guard clock.now < end else { return }
        lastRequest += 1
        let id = TunnelPool.RequestID(lastRequest)
        clients[id] = Client(kept: kept, began: clock.now)
        feed(.request(id, TunnelRoute(from: "10.244.1.7", to: "10.244.2.9:15008")))
    }

    private mutating func echoed(_ id: TunnelPool.RequestID) {
        guard let client = clients[id] else { return }
        record(client, nil)
        if client.kept != nil {
            if clock.now < end { clock.schedule(.keptLine(id), at: clock.now + .milliseconds(250)) }
        } else {
            clients[id] = nil
            feed(.streamEnded(id))
        }
    }

    private mutating func fail(_ id: TunnelPool.RequestID, _ failure: TunnelPool.Failure) {
        guard let client = clients.removeValue(forKey: id) else { return }
        record(client, failure)
        if let kept = client.kept { clock.schedule(.keptRequest(kept), at: clock.now + .milliseconds(500)) }
    }

    private mutating func record(_ client: Client, _ failure: TunnelPool.Failure?) {
        outcomes.append(
            TunnelOutcome(isKept: client.kept != nil, began: client.began, ended: clock.now, failure: failure))
    }
}

// MARK: The near end

extension TunnelSimulation {
    private mutating func feed(_ input: TunnelPool.Input) {
        for output in pool.handle(input, at: clock.now) { perform(output) }
    }

    private mutating func perform(_ output: TunnelPool.Output) {
        switch output {
        case .dial(let id, _): dial(id)
        case .assign(let request, to: let id):
            clients[request]?.connection = id
            send(.open(request), on: id, toServer: true)
        case .ping(let id): send(.ping, on: id, toServer: true)
        case .resetStreams(let requests, of: _, let failure): for request in requests { fail(request, failure) }
        case .fail(let request, let failure): fail(request, failure)
        case .endStream(let request): feed(.streamEnded(request))
        case .close(let id):
            links[id] = nil
            dials.remove(id)
        case .setTimer(let timer, at: let at): clock.schedule(.input(.fired(timer)), at: at)
        }
    }

    private mutating func dial(_ id: TunnelPool.ConnectionID) {
        dials.insert(id)
        if isSparing { return clock.schedule(.connected(id), at: clock.now + SimulatedNetwork.latency * 2) }
        switch network.connect(at: clock.now) {
        case .connected(let at): clock.schedule(.connected(id), at: at)
        case .failed(let at, let failure): clock.schedule(.input(.dialFailed(id, failure)), at: at)
        case .never: break
        }
    }

    private mutating func ready(_ id: TunnelPool.ConnectionID) {
        guard dials.remove(id) != nil else { return }
        let server = TunnelKeepalive(openedAt: clock.now, times: setting.times)
        links[id] = Link(isSpared: isSparing, server: server)
        clock.schedule(.serverKeepalive(id), at: server.due)
        feed(.ready(id))
    }

    private mutating func reachesClient(_ message: Message, _ id: TunnelPool.ConnectionID) {
        guard links[id] != nil else { return }
        switch message {
        case .open(let request):
            feed(.answered(request))
            send(.line(request), on: id, toServer: true)
        case .line(let request): echoed(request)
        case .ping: send(.pong, on: id, toServer: true)
        case .pong: feed(.pong(id))
        case .close:
            links[id] = nil
            feed(.lost(id, .eof))
        }
    }
}

// MARK: The network and the far end

extension TunnelSimulation {
    private mutating func send(_ message: Message, on id: TunnelPool.ConnectionID, toServer: Bool) {
        guard var link = links[id] else { return }
        let now = clock.now
        if !link.isSpared, network.resets(at: now) {
            return clock.schedule(.lost(id, .reset), at: now + SimulatedNetwork.latency)
        }
        var leaves = max(now, (toServer ? link.upStall : link.downStall) ?? now)
        if leaves == now, !link.isSpared, network.drops(at: now) {
            leaves = network.retransmission(of: now)
            if toServer { link.upStall = leaves } else { link.downStall = leaves }
            links[id] = link
            if toServer, let limit = network.userTimedOut(now), limit < leaves {
                clock.schedule(.lost(id, .connectTimeout), at: limit)
            }
        }
        clock.schedule(.arrives(message, id, toServer: toServer), at: leaves + SimulatedNetwork.latency)
    }

    /// What comes while the far process stands still waits for it.
    private mutating func reachesServer(_ message: Message, _ id: TunnelPool.ConnectionID) {
        guard let link = links[id], link.server != nil else { return }
        let served = network.serves(at: clock.now)
        guard link.isSpared || served == clock.now else {
            return clock.schedule(.arrives(message, id, toServer: true), at: served)
        }
        switch message {
        case .open, .line: send(message, on: id, toServer: false)
        case .ping: send(.pong, on: id, toServer: false)
        case .pong:
            if links[id]?.server?.answered(at: clock.now) == true, let due = links[id]?.server?.due {
                clock.schedule(.serverKeepalive(id), at: due)
            }
        case .close: links[id] = nil
        }
    }

    private mutating func serverKeepalive(_ id: TunnelPool.ConnectionID) {
        guard let link = links[id], var server = link.server else { return }
        let served = network.serves(at: clock.now)
        guard link.isSpared || served == clock.now else { return clock.schedule(.serverKeepalive(id), at: served) }
        switch server.fire(at: clock.now) {
        case .wait: break
        case .ping:
            links[id]?.server = server
            clock.schedule(.serverKeepalive(id), at: server.due)
            send(.ping, on: id, toServer: false)
        case .giveUp:
            links[id]?.server = nil
            send(.close, on: id, toServer: false)
        }
    }

    private mutating func faultBegins() {
        switch network.fault {
        case .silent, .linkDown, .stopped, .resetting: break
        case .killed: loseAll(.reset)
        case .terminated:
            for id in links.keys.sorted() { feed(.goAway(id)) }
            clock.schedule(.drained, at: clock.now + setting.times.drain)
        }
    }

    /// The far process is gone, and with it all that was open or being opened.
    private mutating func loseAll(_ failure: TunnelPool.Failure) {
        for (id, link) in links.sorted(by: { $0.key < $1.key }) where !link.isSpared {
            links[id] = nil
            feed(.lost(id, failure))
        }
        let unfinished = dials.sorted()
        dials = []
        for id in unfinished { feed(.dialFailed(id, failure)) }
    }
}
