import Logging
import NIOCore
import QuakeBase
import QuakeDecoding
import QuakeKube
import QuakeMesh
import QuakeMeshAgent
import QuakeSim
import Synchronization

/// Runs the pods of one cluster in process, and carries what happens to machines to their sockets.
actor PodHost {
    private let core: ClusterCore
    private let kube: KubeClient
    private let group: any EventLoopGroup
    private let acceptor: Acceptor
    private let forwarder: Forwarder
    private let logger: Logger
    private var gates: [String: NodeGate] = [:]
    /// Nodes whose machines are off.
    private var isOff: Set<String> = []
    private var programs: [ObjectKey: Program] = [:]
    private var balancers: [ObjectKey: any MeshRole] = [:]

    /// One container: a role that runs, or is being started.
    private final class Program: Sendable {
        let role = Mutex<(any MeshRole)?>(nil)
        let isOver = Mutex(false)
    }

    init(
        _ core: ClusterCore, kube: KubeClient, group: any EventLoopGroup, acceptor: Acceptor, logger: Logger
    ) {
        self.core = core
        self.kube = kube
        self.group = group
        self.acceptor = acceptor
        self.logger = logger
        forwarder = Forwarder(
            core.forwarding, dialLimit: Self.dialLimit(core.tunings), group: group, acceptor: acceptor)
    }

    /// A tunnel that shares a connection has no limit after TCP: a forwarder gives up just after the dialler would.
    private static func dialLimit(_ tunings: MeshTunings) -> Duration {
        // Beyond what any client of a forwarder waits for: the kernel itself would go on.
        let longest = Duration.seconds(60)
        guard tunings.tunnels == TunnelMode.shared.rawValue else { return longest }
        let limit = (try? GoDuration.parts(tunings.tunnelConnectTimeout)).flatMap(GoDuration.sum)
        return limit.map { $0 * 1.05 } ?? longest
    }

    /// Follows the cluster until it stops.
    func run() async {
        for await event in core.events { await handle(event) }
        for program in programs.values { await end(program) }
        for balancer in balancers.values { await balancer.kill() }
    }

    private func handle(_ event: HostEvent) async {
        switch event {
        case .nodeAdded(let name, let address):
            guard gates[name] == nil else { return }
            let gate = NodeGate()
            gates[name] = gate
            forwarder.addNode(name, address: address, gate: gate)
        case .nodeRemoved(let name):
            // The address of a machine that is off stays silent when its Node goes, as on a real network.
            guard !isOff.contains(name) else { return }
            gates[name] = nil
            forwarder.removeNode(name)
        case .machine(let node, let ending):
            if node.machine.isOn { isOff.remove(node.name) } else { isOff.insert(node.name) }
            gates[node.name]?.set(node.machine, ending: ending)
            forwarder.refresh()
        case .started(let key, let pod, let node, let address):
            await start(key, pod, on: node, address: address)
        case .signalled(let key): terminate(key)
        case .ended(let key, _):
            if let program = programs.removeValue(forKey: key) { await end(program) }
        case .service(let service):
            forwarder.setService(service)
            await balance(service)
        case .serviceRemoved(let key):
            forwarder.removeService(key)
            await balancers.removeValue(forKey: key)?.kill()
        case .endpoints: forwarder.refresh()
        }
    }

    // MARK: - Pods

    private func start(_ key: ObjectKey, _ pod: JSONValue, on node: String, address: String) async {
        let container = pod.at("spec", "containers", 0) ?? .null
        guard Decode.isAgentImage(container["image"]?.stringValue ?? ""), let gate = gates[node] else { return }
        let name = container["args"]?[0]?.stringValue ?? container["command"]?[1]?.stringValue ?? ""
        guard let role = MeshProgram.Role(rawValue: name) else {
            logger.error("a pod asks for no role of the agent", metadata: ["pod": "\(key)", "role": "\(name)"])
            return
        }
        if let old = programs.removeValue(forKey: key) { await end(old) }
        let program = Program()
        programs[key] = program
        var environment = await core.environment(of: pod)
        environment["PEERQUAKE_POD_IP"] = address
        environment["PEERQUAKE_NODE"] = node
        let network = GatedNetwork(group: group, gate: gate, acceptor: acceptor)
        do {
            let running = try await MeshProgram.start(role, environment: environment, kube: kube, on: network)
            program.role.withLock { $0 = running }
            if program.isOver.withLock({ $0 }) { await running.kill() }
        } catch {
            logger.error("a pod's program did not start", metadata: ["pod": "\(key)", "error": "\(error)"])
        }
    }

    private func terminate(_ key: ObjectKey) {
        guard let program = programs[key] else {
            Task { await core.containersEnded(key) }
            return
        }
        Task {
            await program.role.withLock { $0 }?.terminate()
            await core.containersEnded(key)
        }
    }

    private func end(_ program: Program) async {
        program.isOver.withLock { $0 = true }
        let role = program.role.withLock { role in
            defer { role = nil }
            return role
        }
        await role?.kill()
    }

    // MARK: - Load balancers

    private func balance(_ service: JSONValue) async {
        let key = ObjectKey(service.namespace, service.name)
        guard balancers[key] == nil, ServiceView(service).type == "LoadBalancer",
            let address = ServiceView(service).ingressIP
        else { return }
        let front = LoadBalancerFront(
            cluster: core.shape.name, namespace: key.namespace, service: key.name, kube: kube, tunings: core.tunings)
        let environment = Dictionary(front.environment(address: address).map { ($0.name, $0.value) }) { $1 }
        do {
            balancers[key] = try await MeshProgram.start(
                .loadbalancer, environment: environment, kube: kube,
                on: GatedNetwork(group: group, gate: NodeGate(), acceptor: acceptor))
        } catch {
            logger.error("a load balancer did not start", metadata: ["service": "\(key)", "error": "\(error)"])
        }
    }
}

extension ClusterCore {
    /// The mesh's, by the labels of the control plane.
    fileprivate nonisolated var tunings: MeshTunings { MeshTunings(labels: shape.nodes.first?.labels ?? [:]) }

    func containersEnded(_ key: ObjectKey) { withModel { $0.containersEnded(key) } }
}
