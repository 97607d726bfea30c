import NIOCore
import NIOPosix
import QuakeRecord

#if canImport(Glibc)
    import Glibc
#endif

/// One connection of a client, and the tunnel that is made for it. Lives on the client channel's event loop.
final class BalancerDial: @unchecked Sendable {
    // Unchecked: everything is touched on client.eventLoop alone, where NIO calls back.
    private let client: any Channel
    private var record: Dial<Int64>
    private let ring: RecordRing
    private let began = NIODeadline.now()
    private var gone: NIODeadline?
    private var isDone = false
    private var server: (any Channel)?
    private var limit: Scheduled<Void>?
    private var clientEnd: TunnelEnd?

    init(client: any Channel, record: Dial<Int64>, ring: RecordRing) {
        self.client = client
        self.record = record
        self.ring = ring
    }

    func start(to target: MeshTarget?, authority: String, on network: any MeshNetwork) -> EventLoopFuture<Void> {
        client.eventLoop.makeCompletedFuture {
            let end = TunnelEnd()
            try self.client.pipeline.syncOperations.addHandler(end)
            self.clientEnd = end
            self.client.closeFuture.whenComplete { _ in
                if self.gone == nil { self.gone = .now() }
            }
            guard let target, let address = try? SocketAddress(ipAddress: target.address, port: target.port) else {
                return self.fail(.noTarget, errno: 0)
            }
            self.limit = self.client.eventLoop.scheduleTask(in: Balancer.dialLimit) { self.fail(.timeout, errno: 0) }
            self.connect(to: address, authority, network)
        }
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
                guard !self.isDone else { return server.close(promise: nil) }
                self.server = server
                self.record.phase = .connect
                let request = "CONNECT \(authority) HTTP/1.1\r\nhost: \(authority)\r\n\r\n"
                server.writeAndFlush(ByteBuffer(string: request), promise: nil)
            }
        }
    }

    private func answered(_ result: Result<MessageHead, HeadReader.Failure>, _ serverEnd: TunnelEnd) {
        guard !isDone else { return }
        switch result {
        case .success(let head) where head.status == 200:
            record.gatewayNode = head.fields["x-peerquake-node"] ?? ""
            record.gatewayPod = head.fields["x-peerquake-pod"] ?? ""
            finish(.ok, errno: 0)
            guard let clientEnd else { return }
            // The reader hands on what followed the head after this returns: joined now, nothing is lost.
            TunnelEnd.join(clientEnd, serverEnd)
        case .success(let head):
            record.gatewayNode = head.fields["x-peerquake-node"] ?? ""
            record.gatewayPod = head.fields["x-peerquake-pod"] ?? ""
            fail(.rejected, errno: 0)
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
        guard !isDone else { return }
        finish(outcome, errno: errno)
        client.reset()
        // One that is silent is told once and no more: a FIN would be sent again and again, for longer than ports rest.
        if outcome == .timeout { server?.reset() } else { server?.close(promise: nil) }
    }

    private func finish(_ outcome: DialOutcome, errno: Int32) {
        guard !isDone else { return }
        isDone = true
        limit?.cancel()
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
