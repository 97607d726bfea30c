import NIOCore
import QuakeBase
package import QuakeKube
import QuakeMesh
import QuakeRecord
import Synchronization

/// A load balancer as cloud-provider-kind's is since 0.11: random choice among the nodes that pass the health check, no
/// retry, no panic mode. Nodes that are labelled to be left out are left out at once.
package final class LoadBalancer: MeshRole {
    /// Where kube-proxy answers health checks.
    package static let proxyHealthPort = 10_256

    /// Parameters of the health check and of dials.
    package struct Settings: Sendable, Equatable {
        package var namespace: String
        package var service: String
        package var cluster: String
        package var address: String
        package var connectTimeout: Duration
        /// From the end of one check to the next.
        package var interval: Duration
        package var timeout: Duration
        package var unhealthyAfter: Int
        package var healthyAfter: Int
        /// From a connection's end until its source port is used again; zero leaves ports to the kernel.
        package var sourcePortRest: Duration
        package var adminPort: Int

        package init(
            namespace: String, service: String, cluster: String, address: String,
            connectTimeout: Duration = .seconds(3), interval: Duration = .seconds(2), timeout: Duration = .seconds(3),
            unhealthyAfter: Int = 2, healthyAfter: Int = 1, sourcePortRest: Duration = .seconds(130),
            adminPort: Int = AdminServer.port
        ) {
            self.namespace = namespace
            self.service = service
            self.cluster = cluster
            self.address = address
            self.connectTimeout = connectTimeout
            self.interval = interval
            self.timeout = timeout
            self.unhealthyAfter = unhealthyAfter
            self.healthyAfter = healthyAfter
            self.sourcePortRest = sourcePortRest
            self.adminPort = adminPort
        }
    }

    private struct State {
        var healthy: [String: String] = [:]
        var checks: [String: HealthCheck] = [:]
        var listeners: [Int: any MeshListener] = [:]
        var nodePorts: [Int: Int] = [:]
        var checkPort = LoadBalancer.proxyHealthPort
        var reflectors: [Reflector] = []
        var admin: AdminServer?
    }

    private let settings: Settings
    private let network: any MeshNetwork
    private let state = Mutex(State())
    private let records = RecordRing()

    package init(_ settings: Settings, kube: KubeClient, on network: any MeshNetwork) async throws {
        self.settings = settings
        self.network = network.resting(settings.sourcePortRest, warning: records)
        let admin = try await AdminServer(
            host: settings.address, port: settings.adminPort, on: network, dials: records)
        state.withLock { $0.admin = admin }
        let update: @Sendable () async -> Void = { [weak self] in await self?.update() }
        let reflectors = [
            Reflector(
                kube, .services(settings.namespace), fields: "metadata.name=\(settings.service)", onChange: update),
            Reflector(kube, .nodes, onChange: update),
        ]
        state.withLock { $0.reflectors = reflectors }
        await update()
    }

    // MARK: - What there is to balance

    private func update() async {
        let reflectors = state.withLock { $0.reflectors }
        guard reflectors.count == 2, let service = reflectors[0].objects.first else { return }
        let local = ServiceView(service).healthCheckNodePort
        var wanted: [Int: Int] = [:]
        for port in ServiceView(service).ports {
            if let front = port["port"]?.intValue, let back = port["nodePort"]?.intValue { wanted[front] = back }
        }
        var nodes: [String: String] = [:]
        for node in reflectors[1].objects where node.labels[WellKnown.excludeFromLoadBalancers] == nil {
            nodes[node.name] = NodeView(node).internalIP
        }
        let isNewCheck = state.withLock { state in
            state.nodePorts = wanted
            let port = local ?? LoadBalancer.proxyHealthPort
            defer { state.checkPort = port }
            return state.checkPort != port
        }
        follow(nodes, restart: isNewCheck)
        await listen(on: wanted.keys.sorted())
    }

    private func follow(_ nodes: [String: String], restart: Bool) {
        let gone = state.withLock { state in
            let gone = state.checks.keys.filter { nodes[$0] == nil || restart }
            for name in gone { state.checks.removeValue(forKey: name)?.stop() }
            return gone.filter { nodes[$0] == nil }
        }
        for name in gone { set(name, healthy: nil) }
        for (name, address) in nodes {
            state.withLock { state in
                guard state.checks[name] == nil else { return }
                state.checks[name] = check(name, address)
            }
        }
    }

    private func listen(on ports: [Int]) async {
        for port in ports where state.withLock({ $0.listeners[port] == nil }) {
            let open = try? await network.listen(host: settings.address, port: port) { [weak self] channel in
                self?.accept(channel, port) ?? channel.refusal
            }
            let duplicate = state.withLock { state -> (any MeshListener)? in
                guard let open, state.listeners[port] == nil else { return open }
                state.listeners[port] = open
                return nil
            }
            await duplicate?.close()
        }
    }

    // MARK: - Health checks

    private func check(_ name: String, _ address: String) -> HealthCheck {
        HealthCheck(
            of: address, on: network,
            every: settings.interval, within: settings.timeout, unhealthyAfter: settings.unhealthyAfter,
            healthyAfter: settings.healthyAfter,
            port: { [weak self] in self?.state.withLock { $0.checkPort } ?? LoadBalancer.proxyHealthPort },
            judge: { [weak self] isHealthy in self?.set(name, healthy: isHealthy ? address : nil) })
    }

    private func set(_ name: String, healthy address: String?) {
        let changed = state.withLock { state in
            defer { state.healthy[name] = address }
            return state.healthy[name] != address
        }
        if changed { records.append(AgentRecord(.health(node: name, healthy: address != nil))) }
    }

    // MARK: - Connections

    private func accept(_ channel: any Channel, _ port: Int) -> EventLoopFuture<Void> {
        let (healthy, nodePort) = state.withLock { ($0.healthy, $0.nodePorts[port]) }
        let chosen = healthy.randomElement()
        let record = Dial(
            dialer: .loadBalancer, cluster: settings.cluster, peer: settings.cluster, peering: .loadBalancer,
            began: SystemClock.unix, millis: 0, targetNode: chosen?.key ?? "",
            targetAddress: chosen.map { "\($0.value):\(nodePort ?? 0)" } ?? "", outcome: .noTarget,
            clientAddress: channel.remoteAddress?.host ?? "",
            clientPort: UInt16(clamping: channel.remoteAddress?.port ?? 0))
        let began = NIODeadline.now()
        return channel.eventLoop.makeCompletedFuture {
            let front = TunnelEnd()
            try channel.pipeline.syncOperations.addHandler(front)
            guard let chosen, let nodePort, let address = try? SocketAddress(ipAddress: chosen.value, port: nodePort)
            else {
                self.records.append(AgentRecord(.dial(record)))
                return channel.reset()
            }
            let ends = NIOLoopBoundBox<TunnelEnd?>(nil, eventLoop: channel.eventLoop)
            let frontBound = NIOLoopBound(front, eventLoop: channel.eventLoop)

            self.network.connect(
                to: address, timeout: TimeAmount(self.settings.connectTimeout), on: channel.eventLoop
            ) { backend in
                backend.eventLoop.makeCompletedFuture {
                    let back = TunnelEnd()
                    try backend.pipeline.syncOperations.addHandler(back)
                    ends.value = back
                }
            }.whenComplete { result in
                var record = record
                record.millis = DialFailure.millis(from: began, to: .now())
                switch result {
                case .success:
                    record.outcome = .ok
                    if let back = ends.value { TunnelEnd.join(frontBound.value, back) }
                case .failure(let error):
                    (record.outcome, record.errno) = DialFailure.classify(error)
                    channel.reset()
                }
                self.records.append(AgentRecord(.dial(record)))
            }
        }
    }

    package func terminate() async { await kill() }

    package func kill() async {
        let last = state.withLock { state in
            defer { state = State() }
            return state
        }
        for reflector in last.reflectors { reflector.stop() }
        for check in last.checks.values { check.stop() }
        for listener in last.listeners.values { await listener.close() }
        await last.admin?.close()
    }
}
