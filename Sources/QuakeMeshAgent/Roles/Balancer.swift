import NIOCore
import QuakeBase
package import QuakeKube
package import QuakeMesh
import QuakeRecord
import Synchronization

/// The client cluster's side of a peering: a TCP listener, each of whose connections becomes one tunnel to the peer.
///
/// A target is chosen uniformly at random for each connection; there is no retry and no memory of failures. A dial that
/// fails resets the connection that asked for it; a dial runs to its own end though its client has hung up. Tunnels share
/// HTTP/2 connections as a ``TunnelPool`` decides, or each has a connection, whose TCP and CONNECT have one limit.
package final class Balancer: MeshRole {
    package static let port = MeshPort.balancer
    /// Of a tunnel with a connection of its own: ztunnel's connect time-out.
    static let dialLimit = TimeAmount.seconds(10)

    /// How a balancer is set up.
    package struct Settings: Sendable {
        package var peer: String
        /// Its own Service, which carries the method.
        package var serviceNamespace: String
        package var serviceName: String
        /// The gateway Service's stable address.
        package var gatewayAddress: String
        package var gatewayPort: Int
        package var stream: TargetStream.Settings
        package var tunnels: TunnelMode
        package var tunnelTimes: TunnelTimes
        /// Whether a shared connection's streams carry inner connections, as through Istio's gateways.
        package var hasInnerTunnels: Bool
        /// How many tunnels share a connection at most.
        package var streamLimit: Int
        /// From a connection's end until its source port is used again; zero leaves ports to the kernel.
        package var sourcePortRest: Duration

        package init(
            peer: String, serviceNamespace: String, serviceName: String, gatewayAddress: String, gatewayPort: Int,
            stream: TargetStream.Settings, tunnels: TunnelMode, tunnelTimes: TunnelTimes, hasInnerTunnels: Bool,
            streamLimit: Int, sourcePortRest: Duration = .seconds(130)
        ) {
            self.peer = peer
            self.serviceNamespace = serviceNamespace
            self.serviceName = serviceName
            self.gatewayAddress = gatewayAddress
            self.gatewayPort = gatewayPort
            self.stream = stream
            self.tunnels = tunnels
            self.tunnelTimes = tunnelTimes
            self.hasInnerTunnels = hasInnerTunnels
            self.streamLimit = streamLimit
            self.sourcePortRest = sourcePortRest
        }
    }

    private struct State {
        var method = "loadbalancer"
        var streamed: [MeshTarget] = []
    }

    private let pod: PodIdentity
    private let settings: Settings
    private let network: any MeshNetwork
    private let state = Mutex(State())
    private let dials = RecordRing()
    private let targets = RecordRing(capacity: 4096)
    private let parts = Mutex<Parts>(Parts())

    private struct Parts {
        var listener: (any MeshListener)?
        var admin: AdminServer?
        var service: Reflector?
        var stream: TargetStream?
    }

    /// `nil` where each tunnel has a connection of its own.
    private let dialler: TunnelDialler?

    package init(
        _ pod: PodIdentity, _ settings: Settings, kube: KubeClient, on network: any MeshNetwork
    ) async throws {
        self.pod = pod
        self.settings = settings
        let network = network.resting(settings.sourcePortRest, warning: dials)
        // Tunnels that share a connection share its event loop, and so do their clients' connections.
        let loop = network.group.next()
        self.network = settings.tunnels == .shared ? network.on(loop) : network
        dialler =
            settings.tunnels == .shared
            ? TunnelDialler(
                TunnelPool(times: settings.tunnelTimes, streamLimit: settings.streamLimit),
                hasInner: settings.hasInnerTunnels, on: loop, network: network)
            : nil
        let admin = try await AdminServer(host: pod.address, on: network, dials: dials, targets: targets)
        let stream = TargetStream(settings.stream, on: network) { [weak self] in self?.streamed($0) }
        let listener = try await self.network.listen(host: pod.address, port: Balancer.port) { [weak self] channel in
            self?.accept(channel) ?? channel.refusal
        }
        parts.withLock {
            $0.admin = admin
            $0.stream = stream
            $0.listener = listener
        }
        let service = Reflector(
            kube, .services(settings.serviceNamespace), fields: "metadata.name=\(settings.serviceName)"
        ) { [weak self] in self?.serviceChanged() }
        parts.withLock { $0.service = service }
        recordTargets()
    }

    private func serviceChanged() {
        guard let service = parts.withLock({ $0.service })?.objects.first else { return }
        let method = service.annotations[MeshNames.methodAnnotation] ?? "loadbalancer"
        let changed = state.withLock { state in
            defer { state.method = method }
            return state.method != method
        }
        if changed { recordTargets() }
    }

    private func streamed(_ new: [MeshTarget]) {
        let changed = state.withLock { state in
            defer { state.streamed = new }
            return state.streamed != new && state.method == "nodeport"
        }
        if changed { recordTargets() }
    }

    private func recordTargets() {
        let (set, _) = candidates()
        targets.append(AgentRecord(.targets(peer: settings.peer, addresses: set.map(\.text).sorted())))
    }

    private func candidates() -> ([MeshTarget], method: String) {
        let (method, streamed) = state.withLock { ($0.method, $0.streamed) }
        if method == "nodeport" { return (streamed, method) }
        return ([MeshTarget(node: "", address: settings.gatewayAddress, port: settings.gatewayPort)], method)
    }

    private func accept(_ channel: any Channel) -> EventLoopFuture<Void> {
        let (set, method) = candidates()
        let target = set.randomElement()
        let recorder = DialRecorder(
            Dial(
                dialer: .balancer, cluster: pod.cluster, peer: settings.peer,
                peering: method == "nodeport" ? .nodePort : .loadBalancer, began: SystemClock.unix, millis: 0,
                targetNode: target?.node ?? "", targetAddress: target.map { "\($0.address):\($0.port)" } ?? "",
                outcome: .noTarget, clientAddress: channel.remoteAddress?.host ?? "",
                clientPort: UInt16(clamping: channel.remoteAddress?.port ?? 0)),
            ring: dials)
        let address = target.flatMap { try? SocketAddress(ipAddress: $0.address, port: $0.port) }
        let authority = "\(settings.peer).mesh.internal:8080"
        return channel.eventLoop.makeCompletedFuture {
            if let dialler, let address {
                let dial = SharedDial(client: channel, recorder: recorder)
                try dial.start(to: address, authority: authority, by: dialler)
            } else {
                let dial = BalancerDial(client: channel, recorder: recorder)
                try dial.start(to: address, authority: authority, on: network)
            }
        }
    }

    package func terminate() async { await kill() }

    package func kill() async {
        let parts = parts.withLock { parts in
            defer { parts = Parts() }
            return parts
        }
        await parts.listener?.close()
        await parts.admin?.close()
        parts.service?.stop()
        parts.stream?.stop()
        guard let dialler else { return }
        try? await dialler.loop.submit { dialler.stop() }.get()
    }
}
