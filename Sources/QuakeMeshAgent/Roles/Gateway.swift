import NIOCore
import NIOHPACK
import QuakeBase
package import QuakeKube
import QuakeMesh
import Synchronization

/// The east-west gateway: answers CONNECT, says where it runs, and forwards to a ready endpoint of the backend.
///
/// A connection carries one tunnel (HTTP/1.1) or many that share it (HTTP/2), as the other end chooses. At SIGTERM the
/// gateway stops accepting, closes idle tunnels of the first kind with FIN as they fall idle, says GOAWAY on shared
/// connections, and cuts the rest at its limit.
package final class Gateway: MeshRole {
    package static let port = MeshPort.gateway

    /// How a gateway is set up.
    package struct Settings: Sendable {
        package var backendNamespace: String
        package var backendService: String
        package var backendPort: Int
        /// From SIGTERM until what is left is cut: the pod's grace period − 5 s, its preStop taken off.
        package var drain: Duration
        package var tunnelTimes: TunnelTimes

        package init(
            backendNamespace: String, backendService: String, backendPort: Int, drain: Duration,
            tunnelTimes: TunnelTimes
        ) {
            self.backendNamespace = backendNamespace
            self.backendService = backendService
            self.backendPort = backendPort
            self.drain = drain
            self.tunnelTimes = tunnelTimes
        }
    }

    private let pod: PodIdentity
    private let settings: Settings
    private let network: any MeshNetwork
    private let backends: Reflector
    private let tunnels = Mutex<[ObjectIdentifier: GatewayTunnel]>([:])
    private let connections = Mutex<[ObjectIdentifier: GatewayConnection]>([:])
    private let listener = Mutex<(any MeshListener)?>(nil)
    private let admin: AdminServer

    package init(
        _ pod: PodIdentity, _ settings: Settings, kube: KubeClient, on network: any MeshNetwork
    ) async throws {
        self.pod = pod
        self.settings = settings
        self.network = network
        let backends = Reflector(
            kube, .endpointSlices(settings.backendNamespace),
            labels: "\(WellKnown.serviceName)=\(settings.backendService)"
        ) {}
        self.backends = backends
        // Before it knows its backends it would refuse every tunnel with 503.
        admin = try await AdminServer(host: pod.address, on: network, isReady: { backends.isSynced })
        let open = try await network.listen(host: pod.address, port: Gateway.port) { [weak self] channel in
            self?.accept(channel) ?? channel.refusal
        }
        listener.withLock { $0 = open }
    }

    private func accept(_ channel: any Channel) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            let reader = PrefaceReader { [weak self] isHTTP2 in
                guard let self else { return channel.close(promise: nil) }
                do {
                    if isHTTP2 { try self.share(channel) } else { try self.tunnel(channel) }
                } catch {
                    channel.close(promise: nil)
                }
            }
            try channel.pipeline.syncOperations.addHandler(reader)
        }
    }

    /// One tunnel alone.
    private func tunnel(_ channel: any Channel) throws {
        let tunnel = GatewayTunnel(channel) { [pod] status, reason in
            let head =
                "HTTP/1.1 \(status) \(reason)\r\n" + pod.fields.map { "\($0): \($1)\r\n" }.joined() + "\r\n"
            channel.writeAndFlush(ByteBuffer(string: head), promise: nil)
        }
        add(tunnel)
        let reader = HeadReader { [weak self] result in
            guard case .success(let head) = result, let self else { return channel.close(promise: nil) }
            self.open(tunnel, isConnect: head.firstLine.hasPrefix("CONNECT "))
        }
        try channel.pipeline.syncOperations.addHandler(reader)
        try channel.pipeline.syncOperations.addHandler(tunnel.makeFrontEnd())
    }

    /// Tunnels that share a connection.
    private func share(_ channel: any Channel) throws {
        let connection = GatewayConnection(channel, times: settings.tunnelTimes)
        connections.withLock { $0[ObjectIdentifier(connection)] = connection }
        channel.closeFuture.whenComplete { [weak self] _ in
            self?.connections.withLock { $0[ObjectIdentifier(connection)] = nil }
        }
        try connection.start { [weak self] stream in
            guard let self else { return stream.close(promise: nil) }
            try self.stream(stream)
        }
    }

    /// A stream of a shared connection: a tunnel to a backend, or one that carries an inner connection.
    private func stream(_ stream: any Channel) throws {
        let codec = NIOLoopBoundBox<TunnelStream?>(nil, eventLoop: stream.eventLoop)
        let handler = TunnelStream { [weak self] head in
            guard let self, let codec = codec.value else { return stream.close(promise: nil) }
            do {
                if head.contains(name: InnerTunnel.header) {
                    try self.outer(stream, codec, head)
                } else {
                    try self.backend(stream, codec, head)
                }
            } catch {
                stream.close(promise: nil)
            }
        }
        codec.value = handler
        stream.closeFuture.whenComplete { _ in codec.value = nil }
        try stream.pipeline.syncOperations.addHandler(handler)
    }

    /// The CONNECT is answered where there is a backend; what follows is an inner connection.
    private func outer(_ stream: any Channel, _ codec: TunnelStream, _ head: HPACKHeaders) throws {
        let isServed = !ObjectFacts.readyEndpoints(backends.objects).isEmpty
        let status = !head.isConnect ? 405 : isServed ? 200 : 503
        codec.send(pod.head(status), endStream: status != 200)
        guard status == 200 else { return }
        try GatewayConnection(stream, times: settings.tunnelTimes).start { [weak self] inner in
            guard let self else { return inner.close(promise: nil) }
            try self.stream(inner)
        }
    }

    private func backend(_ stream: any Channel, _ codec: TunnelStream, _ head: HPACKHeaders) throws {
        let tunnel = GatewayTunnel(stream) { [pod, weak codec] status, _ in
            codec?.send(pod.head(status), endStream: status != 200)
        }
        try stream.pipeline.syncOperations.addHandler(tunnel.makeFrontEnd())
        open(tunnel, isConnect: head.isConnect)
    }

    private func add(_ tunnel: GatewayTunnel) {
        tunnels.withLock { $0[ObjectIdentifier(tunnel)] = tunnel }
        tunnel.front.closeFuture.whenComplete { [weak self] _ in
            self?.tunnels.withLock { $0[ObjectIdentifier(tunnel)] = nil }
        }
    }

    /// Dials a ready endpoint of the backend and joins the two.
    private func open(_ tunnel: GatewayTunnel, isConnect: Bool) {
        let channel = tunnel.front
        guard isConnect else { return tunnel.refuse(405, "Method Not Allowed") }
        let endpoints = ObjectFacts.readyEndpoints(backends.objects)
        guard let chosen = endpoints.randomElement(),
            let address = try? SocketAddress(ipAddress: chosen.address, port: settings.backendPort)
        else { return tunnel.refuse(503, "Service Unavailable") }
        let frontEnd = NIOLoopBound(tunnel.frontEnd, eventLoop: channel.eventLoop)
        let dial = network.connect(to: address, timeout: .seconds(10), on: channel.eventLoop) { backend in
            backend.eventLoop.makeCompletedFuture {
                try backend.pipeline.syncOperations.addHandler(tunnel.makeBackEnd())
            }
        }
        dial.whenComplete { result in
            switch result {
            case .failure: tunnel.refuse(503, "Service Unavailable")
            case .success(let backend):
                guard let front = frontEnd.value, let back = tunnel.backEnd else {
                    return backend.close(promise: nil)
                }
                tunnel.answer(200, "OK")
                TunnelEnd.join(front, back)
            }
        }
    }

    package func terminate() async {
        await stopListening()
        let deadline = ContinuousClock.now + settings.drain
        for connection in connections.withLock({ Array($0.values) }) { connection.goAway() }
        while ContinuousClock.now < deadline {
            let left = tunnels.withLock { Array($0.values) }
            if left.isEmpty, connections.withLock({ $0.isEmpty }) { break }
            for tunnel in left { tunnel.closeIfIdle() }
            try? await Task.sleep(for: .milliseconds(50))
        }
        await kill()
    }

    package func kill() async {
        await stopListening()
        backends.stop()
        await admin.close()
        for tunnel in tunnels.withLock({ Array($0.values) }) { tunnel.front.close(promise: nil) }
        for connection in connections.withLock({ Array($0.values) }) { connection.channel.close(promise: nil) }
    }

    private func stopListening() async {
        let open = listener.withLock { listener in
            defer { listener = nil }
            return listener
        }
        await open?.close()
    }
}

extension PodIdentity {
    /// What a gateway's answer says of its pod.
    fileprivate var fields: [(String, String)] {
        [("x-peerquake-cluster", cluster), ("x-peerquake-node", node), ("x-peerquake-pod", pod)]
    }

    /// An answer in HTTP/2.
    fileprivate func head(_ status: Int) -> HPACKHeaders {
        var head: HPACKHeaders = [":status": "\(status)"]
        for (name, value) in fields { head.add(name: name, value: value) }
        return head
    }
}

extension HPACKHeaders {
    fileprivate var isConnect: Bool { first(name: ":method") == "CONNECT" }
}

/// One tunnel through a gateway. Everything but ``closeIfIdle()`` happens on its event loop, where its ends live.
private final class GatewayTunnel: @unchecked Sendable {
    // Unchecked: `front` is immutable; all else is touched on front.eventLoop alone, or, `activity`, through the
    // mutex.
    let front: any Channel
    /// Sends the head of the answer to the CONNECT.
    let answer: (_ status: Int, _ reason: String) -> Void
    private(set) var frontEnd: TunnelEnd?
    private(set) var backEnd: TunnelEnd?
    private let activity = Mutex<(asked: ContinuousClock.Instant?, answered: ContinuousClock.Instant?)>((nil, nil))

    init(_ front: any Channel, answer: @escaping (_ status: Int, _ reason: String) -> Void) {
        self.front = front
        self.answer = answer
    }

    func refuse(_ status: Int, _ reason: String) {
        answer(status, reason)
        front.close(promise: nil)
    }

    func makeFrontEnd() -> TunnelEnd {
        let end = TunnelEnd { [weak self] in self?.activity.withLock { $0.asked = ContinuousClock.now } }
        frontEnd = end
        return end
    }

    func makeBackEnd() -> TunnelEnd {
        let end = TunnelEnd { [weak self] in self?.activity.withLock { $0.answered = ContinuousClock.now } }
        backEnd = end
        return end
    }

    /// Idle: the last thing that passed was an answer, a while ago.
    func closeIfIdle() {
        let isIdle = activity.withLock { activity in
            guard let asked = activity.asked, let answered = activity.answered else { return false }
            return answered >= asked && ContinuousClock.now - answered > .milliseconds(20)
        }
        if isIdle { front.close(promise: nil) }
    }
}
