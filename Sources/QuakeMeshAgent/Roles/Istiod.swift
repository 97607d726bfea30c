import NIOCore
import QuakeBase
package import QuakeKube
import QuakeMesh
import Synchronization

/// The control plane of one cluster: watches its own Nodes and the gateway's EndpointSlices, and streams the target set
/// (InternalIP × nodePort of each Ready node that runs a ready gateway pod) to the balancers of its peers. Every replica does. The
/// one that is elected makes the objects of the gateways too; see ``GatewayController``.
package final class Istiod: MeshRole {
    /// How an istiod is set up.
    package struct Settings: Sendable {
        package var gatewayNamespace: String
        package var gatewayService: String
        package var token: String

        package init(gatewayNamespace: String, gatewayService: String, token: String) {
            self.gatewayNamespace = gatewayNamespace
            self.gatewayService = gatewayService
            self.token = token
        }
    }

    private struct State {
        var latest: String?
        var subscribers: [ObjectIdentifier: any Channel] = [:]
    }

    private struct Parts {
        var nodes: Reflector?
        var slices: Reflector?
        var services: Reflector?
        var listener: (any MeshListener)?
        var admin: AdminServer?
        var gateways: GatewayController?
    }

    private let settings: Settings
    private let parts = Mutex(Parts())
    /// The set that is in force and who is told of it: under one lock, so that no set that is older by then is sent after
    /// a newer one, be it to those who are there or to one who comes.
    private let state = Mutex(State())

    package init(
        _ pod: PodIdentity, _ settings: Settings, kube: KubeClient, on network: any MeshNetwork
    ) async throws {
        self.settings = settings
        let admin = try await AdminServer(host: pod.address, on: network)
        let listener = try await network.listen(host: pod.address, port: TargetStream.port) { [weak self] channel in
            self?.accept(channel) ?? channel.refusal
        }
        parts.withLock {
            $0.admin = admin
            $0.listener = listener
        }
        let update: @Sendable () async -> Void = { [weak self] in self?.update() }
        let nodes = Reflector(kube, .nodes, onChange: update)
        let slices = Reflector(
            kube, .endpointSlices(settings.gatewayNamespace),
            labels: "\(WellKnown.serviceName)=\(settings.gatewayService)", onChange: update)
        let services = Reflector(
            kube, .services(settings.gatewayNamespace), fields: "metadata.name=\(settings.gatewayService)",
            onChange: update)
        parts.withLock {
            $0.nodes = nodes
            $0.slices = slices
            $0.services = services
        }
        let gateways = GatewayController(
            kube, pod: pod.pod, namespace: settings.gatewayNamespace, isConnected: { network.isConnected })
        parts.withLock { $0.gateways = gateways }
        // What they knew before they were at hand.
        self.update()
    }

    private func update() {
        let parts = parts.withLock { $0 }
        guard let nodes = parts.nodes, let slices = parts.slices, let services = parts.services,
            let service = services.objects.first
        else { return }
        guard nodes.isSynced, slices.isSynced else { return }
        // Each of the three tells of its changes in a task of its own.
        state.withLock { state in
            let targets = Istiod.targets(nodes: nodes.objects, slices: slices.objects, service: service)
            guard let line = try? JSONValue(encoding: targets).text(), line != state.latest else { return }
            state.latest = line
            for channel in state.subscribers.values { send(line, to: channel) }
        }
    }

    /// The set that a peer may dial, by node name.
    package static func targets(nodes: [JSONValue], slices: [JSONValue], service: JSONValue) -> [MeshTarget] {
        let ports = ServiceView(service).ports
        let port = ports.first { $0["port"]?.intValue == Gateway.port } ?? ports.first
        guard let nodePort = port?["nodePort"]?.intValue else { return [] }
        let hosts = Set(ObjectFacts.readyEndpoints(slices).map(\.node))
        return nodes.map { NodeView($0) }.filter { hosts.contains($0.name) && $0.isReady }
            .sorted { $0.name < $1.name }
            .compactMap { node in
                node.internalIP.map { MeshTarget(node: node.name, address: $0, port: nodePort) }
            }
    }

    private func accept(_ channel: any Channel) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            let expected = "authorization: bearer \(settings.token.lowercased())"
            let isAllowed = Mutex(false)
            try channel.pipeline.syncOperations.addHandler(
                LineReader(
                    onLine: { [weak self] line in
                        let line = line.hasSuffix("\r") ? String(line.dropLast()) : line
                        if line == "ping" {
                            channel.writeAndFlush(ByteBuffer(string: "pong\n"), promise: nil)
                        } else if line.lowercased() == expected {
                            isAllowed.withLock { $0 = true }
                        } else if line.isEmpty {
                            self?.subscribe(channel, allowed: isAllowed.withLock { $0 })
                        }
                    }, onEnd: {}))
        }
    }

    private func subscribe(_ channel: any Channel, allowed: Bool) {
        guard allowed else {
            channel.writeAndFlush(ByteBuffer(string: "HTTP/1.1 401 Unauthorized\r\n\r\n"), promise: nil)
            channel.close(promise: nil)
            return
        }
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/x-ndjson\r\n\r\n"
        channel.writeAndFlush(ByteBuffer(string: head), promise: nil)
        state.withLock { state in
            state.subscribers[ObjectIdentifier(channel)] = channel
            if let line = state.latest { send(line, to: channel) }
        }
        channel.closeFuture.whenComplete { [weak self] _ in
            self?.state.withLock { $0.subscribers[ObjectIdentifier(channel)] = nil }
        }
    }

    private func send(_ line: String, to channel: any Channel) {
        channel.writeAndFlush(ByteBuffer(string: line + "\n"), promise: nil)
    }

    package func terminate() async { await stop(gracefully: true) }

    package func kill() async { await stop(gracefully: false) }

    private func stop(gracefully: Bool) async {
        let parts = parts.withLock { parts in
            defer { parts = Parts() }
            return parts
        }
        await parts.listener?.close()
        await parts.admin?.close()
        await parts.gateways?.stop(gracefully: gracefully)
        for reflector in [parts.nodes, parts.slices, parts.services] { reflector?.stop() }
        for channel in state.withLock({ Array($0.subscribers.values) }) { channel.close(promise: nil) }
    }
}
