import NIOCore
import NIOHPACK
import NIOHTTP2
import QuakeBase
import QuakeRecord

/// What asked for a tunnel. Called on the dialler's event loop: `assigned`, `answered`, and `opened` or `rejected`; at any
/// moment before these, `failed` instead of what is left.
protocol TunnelClient: AnyObject {
    /// The request has a stream, and its CONNECT is sent.
    func assigned()
    /// The gateway's answer to it.
    func answered(_ head: HPACKHeaders)
    /// - Parameter end: the tunnel's, to be joined at once.
    func opened(_ end: TunnelEnd)
    /// A CONNECT, the outer or the inner one, was answered with another status than 200.
    func rejected()
    func failed(_ failure: TunnelPool.Failure, errno: Int32)
}

/// Opens tunnels on shared HTTP/2 connections: carries out what a ``TunnelPool`` decides.
///
/// Everything happens on one event loop, clients' connections included.
final class TunnelDialler: @unchecked Sendable {
    // Unchecked: everything but `loop` is touched on that loop alone.
    private struct Request {
        let client: any TunnelClient
        let authority: String
        /// Until both CONNECTs are answered.
        var isOpening = true
        var stream: (any Channel)?
        /// Of a stream without an inner connection.
        var end: TunnelEnd?
        var inner: InnerTunnel?
    }

    private struct Link {
        var frames: TunnelFrames?
        var streams: NIOHTTP2Handler.StreamMultiplexer?
    }

    let loop: any EventLoop
    private let network: any MeshNetwork
    private let hasInner: Bool
    private var pool: TunnelPool
    private var lastRequest = 0
    private var requests: [TunnelPool.RequestID: Request] = [:]
    private var addresses: [TunnelRoute: SocketAddress] = [:]
    private var links: [TunnelPool.ConnectionID: Link] = [:]
    private var timers: [TunnelPool.Timer: Scheduled<Void>] = [:]
    private var outputs: [TunnelPool.Output] = []
    private var isPerforming = false
    private var isStopped = false
    /// Of what is being reported to the pool; 0 where no socket said anything.
    private var errno: Int32 = 0

    /// - Parameter hasInner: whether each stream carries an inner connection, or the client's bytes themselves.
    init(_ pool: TunnelPool, hasInner: Bool, on loop: any EventLoop, network: any MeshNetwork) {
        self.pool = pool
        self.hasInner = hasInner
        self.loop = loop
        self.network = network
    }

    /// Asks for a tunnel.
    ///
    /// - Parameters:
    ///   - source: the client's address: those of one source share connections.
    ///   - authority: of the CONNECT.
    ///   - closed: when the client hung up.
    func open(
        for client: any TunnelClient, from source: String, to address: SocketAddress, authority: String,
        closed: EventLoopFuture<Void>
    ) {
        guard !isStopped else { return client.failed(.error, errno: 0) }
        let route = TunnelRoute(from: source, to: "\(address.host):\(address.port ?? 0)")
        addresses[route] = address
        lastRequest += 1
        let id = TunnelPool.RequestID(lastRequest)
        requests[id] = Request(client: client, authority: authority)
        handle(.request(id, route))
        closed.hop(to: loop).whenComplete { _ in self.handle(.clientLeft(id)) }
    }

    /// Closes all connections; no tunnel can be opened any more.
    func stop() {
        isStopped = true
        for timer in timers.values { timer.cancel() }
        timers = [:]
        let open = links
        links = [:]
        for link in open.values { link.frames?.close() }
        let left = requests
        requests = [:]
        for request in left.values { end(request, .error) }
    }

    /// Outputs are carried out in their order, also those of what happens meanwhile.
    private func handle(_ input: TunnelPool.Input) {
        guard !isStopped else { return }
        outputs += pool.handle(input, at: Self.now)
        guard !isPerforming else { return }
        isPerforming = true
        defer { isPerforming = false }
        while !outputs.isEmpty {
            let batch = outputs
            outputs = []
            for output in batch { perform(output) }
        }
    }

    private static var now: Duration { .nanoseconds(Int64(NIODeadline.now().uptimeNanoseconds)) }

    private func perform(_ output: TunnelPool.Output) {
        switch output {
        case .dial(let id, let route): dial(id, route)
        case .assign(let request, to: let id): assign(request, to: id)
        case .ping(let id): links[id]?.frames?.ping()
        case .resetStreams(let streams, of: _, let failure):
            for stream in streams { fail(stream, failure) }
        case .fail(let request, let failure): fail(request, failure)
        case .endStream(let request): requests[request]?.stream?.close(promise: nil)
        case .close(let id): close(id)
        case .setTimer(let timer, at: let time): set(timer, time)
        }
    }

    private func fail(_ id: TunnelPool.RequestID, _ failure: TunnelPool.Failure) {
        if let request = requests.removeValue(forKey: id) { end(request, failure) }
    }

    private func end(_ request: Request, _ failure: TunnelPool.Failure) {
        if request.isOpening { request.client.failed(failure, errno: errno) }
        request.inner?.abort()
        request.end?.abort()
        request.stream?.close(promise: nil)
    }

    private func set(_ timer: TunnelPool.Timer, _ time: Duration) {
        timers[timer]?.cancel()
        let deadline = NIODeadline.uptimeNanoseconds(UInt64(max(0, time.inNanoseconds)))
        timers[timer] = loop.scheduleTask(deadline: deadline) {
            self.timers[timer] = nil
            self.handle(.fired(timer))
        }
    }

    private func close(_ id: TunnelPool.ConnectionID) {
        for timer in [TunnelPool.Timer.connect(id), .keepalive(id), .idle(id)] {
            timers.removeValue(forKey: timer)?.cancel()
        }
        links.removeValue(forKey: id)?.frames?.close()
    }
}

// MARK: Connections

extension TunnelDialler {
    private func dial(_ id: TunnelPool.ConnectionID, _ route: TunnelRoute) {
        guard let address = addresses[route] else { return handle(.dialFailed(id, .error)) }
        links[id] = Link()
        // The pool's limit ends the dial; this one only frees the socket.
        let limit = TimeAmount(pool.times.connectTimeout) + .seconds(1)
        network.connect(to: address, timeout: limit, on: loop) { channel in
            channel.eventLoop.makeCompletedFuture { try self.setUp(channel, id) }
        }.whenComplete { result in
            switch result {
            case .success(let channel):
                if self.links[id] == nil { channel.close(promise: nil) } else { self.handle(.connected(id)) }
            case .failure(let error): self.ended(id, error)
            }
        }
    }

    private func setUp(_ channel: any Channel, _ id: TunnelPool.ConnectionID) throws {
        let pipeline = channel.pipeline.syncOperations
        let streams = try pipeline.configureHTTP2Pipeline(
            mode: .client, connectionConfiguration: TunnelHTTP2.connection, streamConfiguration: TunnelHTTP2.stream
        ) { $0.close() }
        let frames = TunnelFrames { [weak self] event in
            switch event {
            case .settings: self?.handle(.ready(id))
            case .pong: self?.handle(.pong(id))
            case .goAway: self?.handle(.goAway(id))
            case .ended(let error): self?.ended(id, error)
            }
        }
        try pipeline.addHandler(frames)
        links[id]?.frames = frames
        links[id]?.streams = streams
    }

    private func ended(_ id: TunnelPool.ConnectionID, _ error: (any Error)?) {
        guard links.removeValue(forKey: id) != nil else { return }
        let (outcome, code) = error.map(DialFailure.classify) ?? (.eof, 0)
        let failure: TunnelPool.Failure =
            switch outcome {
            case .timeout: .connectTimeout
            case .refused: .refused
            case .noRoute: .noRoute
            case .reset: .reset
            case .eof: .eof
            default: .error
            }
        errno = code
        defer { errno = 0 }
        handle(.lost(id, failure))
    }
}

// MARK: Streams

extension TunnelDialler {
    private func assign(_ id: TunnelPool.RequestID, to connection: TunnelPool.ConnectionID) {
        guard let request = requests[id], let streams = links[connection]?.streams else { return }
        var head: HPACKHeaders = [":method": "CONNECT", ":authority": request.authority]
        if hasInner { head.add(name: InnerTunnel.header, value: "h2") }
        let opening = head
        request.client.assigned()
        streams.createStreamChannel { stream in
            stream.eventLoop.makeCompletedFuture { try self.setUp(stream, id, opening) }
        }.whenFailure { _ in self.streamEnded(id) }
    }

    private func setUp(_ stream: any Channel, _ id: TunnelPool.RequestID, _ opening: HPACKHeaders) throws {
        let pipeline = stream.pipeline.syncOperations
        try pipeline.addHandler(TunnelStream(opening: opening) { self.answered(id, $0) })
        requests[id]?.stream = stream
        stream.closeFuture.whenComplete { _ in self.streamEnded(id) }
        guard !hasInner else { return }
        let end = TunnelEnd()
        try pipeline.addHandler(end)
        requests[id]?.end = end
    }

    private func answered(_ id: TunnelPool.RequestID, _ head: HPACKHeaders) {
        guard let request = requests[id] else { return }
        request.client.answered(head)
        if head.first(name: ":status") != "200" {
            reject(id)
            return handle(.answered(id))
        }
        // Ends the stream of a client that left: after an outage thousands of them would have inner connections made, and
        // those who still wait would wait for that.
        handle(.answered(id))
        guard let request = requests[id], let stream = request.stream, stream.isActive else { return }
        if let end = request.end {
            requests[id]?.isOpening = false
            request.client.opened(end)
        } else {
            openInner(id, request, on: stream)
        }
    }

    private func openInner(_ id: TunnelPool.RequestID, _ request: Request, on stream: any Channel) {
        let inner = InnerTunnel(on: stream, authority: request.authority, times: pool.times)
        requests[id]?.inner = inner
        do {
            try inner.start { [weak self] status, end in
                guard status == "200" else {
                    self?.reject(id)
                    return
                }
                self?.requests[id]?.isOpening = false
                request.client.opened(end)
            }
        } catch {
            stream.close(promise: nil)
        }
    }

    private func reject(_ id: TunnelPool.RequestID) {
        guard let request = requests[id], request.isOpening else { return }
        requests[id]?.isOpening = false
        request.client.rejected()
        request.stream?.close(promise: nil)
    }

    /// Ended by both sides or by the peer; what ends here is known to the pool before.
    private func streamEnded(_ id: TunnelPool.RequestID) {
        guard let request = requests.removeValue(forKey: id) else { return }
        if request.isOpening { request.client.failed(.reset, errno: 0) }
        handle(.streamEnded(id))
    }
}
