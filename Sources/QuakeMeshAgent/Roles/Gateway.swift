import NIOCore
import QuakeBase
package import QuakeKube
import QuakeMesh
import Synchronization

/// The east-west gateway: answers CONNECT, says where it runs, and forwards to a ready endpoint of the backend.
///
/// At SIGTERM it stops accepting, closes idle tunnels with FIN as they fall idle, and cuts the rest at its limit.
package final class Gateway: MeshRole {
    package static let port = MeshPort.gateway

    /// How a gateway is set up.
    package struct Settings: Sendable {
        package var backendNamespace: String
        package var backendService: String
        package var backendPort: Int
        /// From SIGTERM until what is left is cut: the pod's grace period − 5 s, its preStop taken off.
        package var drain: Duration

        package init(backendNamespace: String, backendService: String, backendPort: Int, drain: Duration) {
            self.backendNamespace = backendNamespace
            self.backendService = backendService
            self.backendPort = backendPort
            self.drain = drain
        }
    }

    private let pod: PodIdentity
    private let settings: Settings
    private let network: any MeshNetwork
    private let backends: Reflector
    private let tunnels = Mutex<[ObjectIdentifier: GatewayTunnel]>([:])
    private let listener = Mutex<(any MeshListener)?>(nil)
    private let admin: AdminServer

    package init(
        _ pod: PodIdentity, _ settings: Settings, kube: KubeClient, on network: any MeshNetwork
    ) async throws {
        self.pod = pod
        self.settings = settings
        self.network = network
        backends = Reflector(
            kube, .endpointSlices(settings.backendNamespace),
            labels: "\(WellKnown.serviceName)=\(settings.backendService)"
        ) {}
        admin = try await AdminServer(host: pod.address, on: network)
        let open = try await network.listen(host: pod.address, port: Gateway.port) { [weak self] channel in
            self?.accept(channel) ?? channel.refusal
        }
        listener.withLock { $0 = open }
    }

    private func accept(_ channel: any Channel) -> EventLoopFuture<Void> {
        let tunnel = GatewayTunnel(channel)
        tunnels.withLock { $0[ObjectIdentifier(tunnel)] = tunnel }
        channel.closeFuture.whenComplete { [weak self] _ in
            self?.tunnels.withLock { $0[ObjectIdentifier(tunnel)] = nil }
        }
        return channel.eventLoop.makeCompletedFuture {
            let reader = HeadReader { [weak self] result in
                guard case .success(let head) = result, let self else { return channel.close(promise: nil) }
                self.open(tunnel, head)
            }
            try channel.pipeline.syncOperations.addHandler(reader)
            try channel.pipeline.syncOperations.addHandler(tunnel.makeFrontEnd())
        }
    }

    /// Dials a ready endpoint of the backend and joins the two.
    private func open(_ tunnel: GatewayTunnel, _ head: MessageHead) {
        let channel = tunnel.front
        guard head.firstLine.hasPrefix("CONNECT ") else { return refuse(channel, "405 Method Not Allowed") }
        let endpoints = ObjectFacts.readyEndpoints(backends.objects)
        guard let chosen = endpoints.randomElement(),
            let address = try? SocketAddress(ipAddress: chosen.address, port: settings.backendPort)
        else { return refuse(channel, "503 Service Unavailable") }
        let frontEnd = NIOLoopBound(tunnel.frontEnd, eventLoop: channel.eventLoop)
        let dial = network.connect(to: address, timeout: .seconds(10), on: channel.eventLoop) { backend in
            backend.eventLoop.makeCompletedFuture {
                try backend.pipeline.syncOperations.addHandler(tunnel.makeBackEnd())
            }
        }
        dial.whenComplete { result in
            switch result {
            case .failure: self.refuse(channel, "503 Service Unavailable")
            case .success(let backend):
                guard let front = frontEnd.value, let back = tunnel.backEnd else {
                    return backend.close(promise: nil)
                }
                self.write(channel, "200 OK")
                TunnelEnd.join(front, back)
            }
        }
    }

    private func write(_ channel: any Channel, _ status: String) {
        let head =
            "HTTP/1.1 \(status)\r\nx-peerquake-cluster: \(pod.cluster)\r\nx-peerquake-node: \(pod.node)\r\n"
            + "x-peerquake-pod: \(pod.pod)\r\n\r\n"
        channel.writeAndFlush(ByteBuffer(string: head), promise: nil)
    }

    private func refuse(_ channel: any Channel, _ status: String) {
        write(channel, status)
        channel.close(promise: nil)
    }

    package func terminate() async {
        await stopListening()
        let deadline = ContinuousClock.now + settings.drain
        while ContinuousClock.now < deadline {
            let left = tunnels.withLock { Array($0.values) }
            if left.isEmpty { break }
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
    }

    private func stopListening() async {
        let open = listener.withLock { listener in
            defer { listener = nil }
            return listener
        }
        await open?.close()
    }
}

/// One tunnel through a gateway. Everything but ``closeIfIdle()`` happens on its event loop, where its ends live.
private final class GatewayTunnel: @unchecked Sendable {
    // Unchecked: `front` is immutable; all else is touched on front.eventLoop alone, or, `lastIn` and `lastOut`,
    // through the mutex.
    let front: any Channel
    private(set) var frontEnd: TunnelEnd?
    private(set) var backEnd: TunnelEnd?
    private let activity = Mutex<(asked: ContinuousClock.Instant?, answered: ContinuousClock.Instant?)>((nil, nil))

    init(_ front: any Channel) { self.front = front }

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
