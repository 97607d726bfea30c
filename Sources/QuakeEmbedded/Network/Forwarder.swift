import NIOCore
import NIOPosix
import QuakeKube
import QuakeMeshAgent
import QuakeSim
import Synchronization

/// kube-proxies: one listener for each node and nodePort, one for each Service address and port, and the health checks
/// that load balancers ask.
final class Forwarder: Sendable {
    private struct Port: Hashable, Sendable {
        /// `nil` for the Service's own address.
        var node: String?
        var number: Int
        var service: ObjectKey
    }

    private struct Entry: Sendable {
        var listener: GatedListener
        var local: Bool
        var isHealthCheck: Bool
    }

    private struct State {
        var nodes: [String: (address: String, gate: NodeGate)] = [:]
        var services: [ObjectKey: JSONValue] = [:]
        var entries: [Port: Entry] = [:]
    }

    private static let proxyHealth = ObjectKey("", "kube-proxy")

    private let table: ForwardingTable
    private let dialLimit: TimeAmount
    private let group: any EventLoopGroup
    private let acceptor: Acceptor
    private let state = Mutex(State())

    /// - Parameter dialLimit: from a connection to its reset where its target does not answer. A forwarder accepts before it
    ///   dials, so this stands for the connect time-out of its clients.
    init(_ table: ForwardingTable, dialLimit: Duration, group: any EventLoopGroup, acceptor: Acceptor) {
        self.table = table
        self.dialLimit = TimeAmount(dialLimit)
        self.group = group
        self.acceptor = acceptor
    }

    func addNode(_ name: String, address: String, gate: NodeGate) {
        state.withLock { $0.nodes[name] = (address, gate) }
        refresh()
    }

    func removeNode(_ name: String) {
        state.withLock { $0.nodes[name] = nil }
        refresh()
    }

    func setService(_ service: JSONValue) {
        state.withLock { $0.services[ObjectKey(service.namespace, service.name)] = service }
        refresh()
    }

    func removeService(_ key: ObjectKey) {
        state.withLock { $0.services[key] = nil }
        refresh()
    }

    /// Opens, silences and closes listeners as nodes, Services and endpoints now want it.
    func refresh() {
        state.withLock { state in
            let wanted = wanted(state)
            for port in state.entries.keys where wanted[port] == nil {
                if let entry = state.entries.removeValue(forKey: port) { try? entry.listener.set(.closed) }
            }
            for (port, plan) in wanted {
                if state.entries[port]?.local != plan.local {
                    if let entry = state.entries.removeValue(forKey: port) { try? entry.listener.set(.closed) }
                    state.entries[port] = makeEntry(port, plan)
                }
                try? state.entries[port]?.listener.set(mode(port, plan))
            }
        }
    }

    private struct Planned {
        var host: String
        var target: Int
        var local: Bool
        var isHealthCheck = false
        var gate: NodeGate?
    }

    private func wanted(_ state: State) -> [Port: Planned] {
        var wanted: [Port: Planned] = [:]
        for (name, node) in state.nodes {
            wanted[Port(node: name, number: LoadBalancer.proxyHealthPort, service: Self.proxyHealth)] = Planned(
                host: node.address, target: 0, local: false, isHealthCheck: true, gate: node.gate)
        }
        for (key, service) in state.services {
            let service = ServiceView(service)
            let local = service.externalTrafficPolicy == "Local"
            let ownAddress = service.clusterIP ?? "None"
            for port in service.ports {
                guard let number = port["port"]?.intValue,
                    let target = port["targetPort"]?.intValue ?? port["port"]?.intValue
                else { continue }
                if ownAddress != "None" {
                    wanted[Port(node: nil, number: number, service: key)] = Planned(
                        host: ownAddress, target: target, local: false)
                }
                guard let nodePort = port["nodePort"]?.intValue else { continue }
                for (name, node) in state.nodes {
                    wanted[Port(node: name, number: nodePort, service: key)] = Planned(
                        host: node.address, target: target, local: local, gate: node.gate)
                }
            }
            guard let check = service.healthCheckNodePort else { continue }
            for (name, node) in state.nodes {
                wanted[Port(node: name, number: check, service: key)] = Planned(
                    host: node.address, target: 0, local: true, isHealthCheck: true, gate: node.gate)
            }
        }
        return wanted
    }

    private func mode(_ port: Port, _ plan: Planned) -> GatedListener.Mode {
        if let node = port.node {
            let machine = table.machine(node)
            if !machine.isOn || !machine.isConnected { return .silent }
            if !machine.proxyForwards { return .closed }
            // The kernel of a paused machine still forwards; whoever answers health checks is frozen.
            if machine.isPaused, plan.isHealthCheck { return .stalled }
        }
        if plan.isHealthCheck || !table.targets(port.service, at: port.node, local: plan.local).isEmpty { return .open }
        return plan.local ? .silent : .closed
    }

    private func makeEntry(_ port: Port, _ plan: Planned) -> Entry {
        let listener = GatedListener(host: plan.host, port: port.number, acceptor: acceptor) { [self] descriptor in
            let loop = group.next()
            // What a paused kernel forwards, it forwards on.
            let gate = port.node.map { table.machine($0).isPaused } == true ? nil : plan.gate
            GatedNetwork.adopt(descriptor, on: loop, gate) { channel in
                if plan.isHealthCheck { return self.answerHealth(channel, port) }
                return self.forward(channel, port, plan, gate)
            }
        }
        return Entry(listener: listener, local: plan.local, isHealthCheck: plan.isHealthCheck)
    }

    /// 200 while the node may get load-balanced traffic.
    private func answerHealth(_ channel: any Channel, _ port: Port) -> EventLoopFuture<Void> {
        let isHealthy =
            port.service == Self.proxyHealth || port.node.map { table.hasLocalEndpoint(port.service, at: $0) } == true
        return HealthAnswer.setUp(channel, healthy: isHealthy)
    }

    private func forward(
        _ channel: any Channel, _ port: Port, _ plan: Planned, _ gate: NodeGate?
    ) -> EventLoopFuture<Void> {
        let targets = table.targets(port.service, at: port.node, local: plan.local)
        return channel.eventLoop.makeCompletedFuture {
            let front = TunnelEnd()
            try channel.pipeline.syncOperations.addHandler(front)
            guard let chosen = targets.randomElement(),
                let address = try? SocketAddress(ipAddress: chosen.address, port: plan.target)
            else { return channel.reset() }
            let frontEnd = NIOLoopBound(front, eventLoop: channel.eventLoop)
            let backEnd = NIOLoopBoundBox<TunnelEnd?>(nil, eventLoop: channel.eventLoop)
            ClientBootstrap(group: channel.eventLoop).connectTimeout(self.dialLimit)
                .channelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
                .channelInitializer { backend in
                    backend.eventLoop.makeCompletedFuture {
                        try gate?.add(backend)
                        let back = TunnelEnd()
                        try backend.pipeline.syncOperations.addHandler(back)
                        backEnd.value = back
                    }
                }
                .connect(to: address).whenComplete { result in
                    guard case .success(let backend) = result, let back = backEnd.value else { return channel.reset() }
                    guard channel.isActive else { return backend.close(promise: nil) }
                    TunnelEnd.join(frontEnd.value, back)
                }
        }
    }
}

/// kube-proxy's answer to a health check: any request, one answer.
private final class HealthAnswer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let healthy: Bool

    private init(healthy: Bool) { self.healthy = healthy }

    static func setUp(_ channel: any Channel, healthy: Bool) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(HealthAnswer(healthy: healthy))
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let status = healthy ? "200 OK" : "503 Service Unavailable"
        let text = "HTTP/1.1 \(status)\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        let channel = context.channel
        channel.writeAndFlush(ByteBuffer(string: text)).whenComplete { _ in channel.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
