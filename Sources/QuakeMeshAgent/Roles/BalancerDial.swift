import NIOCore
import NIOPosix
import QuakeRecord

#if canImport(Glibc)
    import Glibc
#endif

/// One connection of a client, and the tunnel that is made for it alone. Lives on the client channel's event loop.
final class BalancerDial: @unchecked Sendable {
    // Unchecked: everything is touched on client.eventLoop alone, where NIO calls back.
    private let client: any Channel
    private let recorder: DialRecorder
    private var server: (any Channel)?
    private var limit: Scheduled<Void>?
    private var clientEnd: TunnelEnd?

    init(client: any Channel, recorder: DialRecorder) {
        self.client = client
        self.recorder = recorder
    }

    func start(to address: SocketAddress?, authority: String, on network: any MeshNetwork) throws {
        let end = TunnelEnd()
        try client.pipeline.syncOperations.addHandler(end)
        clientEnd = end
        recorder.watch(client)
        guard let address else { return fail(.noTarget, errno: 0) }
        limit = client.eventLoop.scheduleTask(in: Balancer.dialLimit) { self.fail(.timeout, errno: 0) }
        connect(to: address, authority, network)
    }

    private func connect(to address: SocketAddress, _ authority: String, _ network: any MeshNetwork) {
        // The limit above cuts TCP too; this one only frees the socket.
        let limit = Balancer.dialLimit + .seconds(1)
        network.connect(to: address, timeout: limit, on: client.eventLoop) { server in
            server.eventLoop.makeCompletedFuture {
                let serverEnd = TunnelEnd()
                let reader = HeadReader { result in self.answered(result, serverEnd) }
                try server.pipeline.syncOperations.addHandler(reader)
                try server.pipeline.syncOperations.addHandler(serverEnd)
            }
        }.whenComplete { result in
            switch result {
            case .failure(let error): self.connectFailed(error)
            case .success(let server):
                guard !self.recorder.isDone else { return server.close(promise: nil) }
                self.server = server
                self.recorder.record.phase = .connect
                let request = "CONNECT \(authority) HTTP/1.1\r\nhost: \(authority)\r\n\r\n"
                server.writeAndFlush(ByteBuffer(string: request), promise: nil)
            }
        }
    }

    private func answered(_ result: Result<MessageHead, HeadReader.Failure>, _ serverEnd: TunnelEnd) {
        guard !recorder.isDone else { return }
        switch result {
        case .success(let head):
            recorder.answered(node: head.fields["x-peerquake-node"], pod: head.fields["x-peerquake-pod"])
            guard head.status == 200 else { return fail(.rejected, errno: 0) }
            finish(.ok, errno: 0)
            guard let clientEnd else { return }
            // The reader hands on what followed the head after this returns: joined now, nothing is lost.
            TunnelEnd.join(clientEnd, serverEnd)
        case .failure(.eof): fail(.eof, errno: 0)
        case .failure(.tooLong): fail(.error, errno: 0)
        case .failure(.channel(let error)):
            let (outcome, code) = DialFailure.classify(error)
            fail(outcome == .error ? .reset : outcome, errno: code)
        }
    }

    private func connectFailed(_ error: any Error) {
        let (outcome, code) = DialFailure.classify(error)
        fail(outcome, errno: code)
    }

    private func fail(_ outcome: DialOutcome, errno: Int32) {
        guard !recorder.isDone else { return }
        finish(outcome, errno: errno)
        client.reset()
        // One that is silent is told once and no more: a FIN would be sent again and again, for longer than ports rest.
        if outcome == .timeout { server?.reset() } else { server?.close(promise: nil) }
    }

    private func finish(_ outcome: DialOutcome, errno: Int32) {
        limit?.cancel()
        recorder.finish(outcome, errno: errno)
    }
}

/// A dial's record until the dial is over. Lives on the client channel's event loop.
final class DialRecorder: @unchecked Sendable {
    // Unchecked: everything is touched on the client channel's event loop alone, where NIO calls back.
    var record: Dial<Int64>
    private(set) var isDone = false
    private let ring: RecordRing
    private let began = NIODeadline.now()
    private var gone: NIODeadline?

    init(_ record: Dial<Int64>, ring: RecordRing) {
        self.record = record
        self.ring = ring
    }

    /// Notes when the client hangs up.
    func watch(_ client: any Channel) {
        client.closeFuture.whenComplete { _ in
            if self.gone == nil { self.gone = .now() }
        }
    }

    /// Takes what the gateway said of itself.
    func answered(node: String?, pod: String?) {
        record.gatewayNode = node ?? ""
        record.gatewayPod = pod ?? ""
    }

    /// Hands the record on; the first end of a dial counts.
    func finish(_ outcome: DialOutcome, errno: Int32) {
        guard !isDone else { return }
        isDone = true
        record.outcome = outcome
        record.errno = errno
        record.millis = DialFailure.millis(from: began, to: .now())
        record.clientGoneMillis = gone.map { DialFailure.millis(from: began, to: $0) }
        ring.append(AgentRecord(.dial(record)))
    }
}

/// Names for what a socket said.
enum DialFailure {
    static func classify(_ error: any Error) -> (outcome: DialOutcome, errno: Int32) {
        if let error = error as? ChannelError {
            if case .connectTimeout = error { return (.timeout, ETIMEDOUT) }
            return (.error, 0)
        }
        if let error = error as? NIOConnectionError, let first = error.connectionErrors.first {
            return classify(first.error)
        }
        guard let code = (error as? IOError)?.errnoCode else { return (.error, 0) }
        switch code {
        case ECONNREFUSED: return (.refused, code)
        case EHOSTUNREACH, ENETUNREACH: return (.noRoute, code)
        case ETIMEDOUT: return (.timeout, code)
        case ECONNRESET, EPIPE: return (.reset, code)
        default: return (.error, code)
        }
    }

    static func millis(from: NIODeadline, to: NIODeadline) -> Double {
        Double((to - from).nanoseconds) / 1e6
    }
}
