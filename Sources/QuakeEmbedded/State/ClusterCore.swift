import QuakeBase
import QuakeKube
import QuakeSim

/// One cluster's state: the model in real time, and its objects as the API shows them.
///
/// Every call first lets the model catch up with the clock, so that what is read is never older than now.
package actor ClusterCore {
    let shape: ClusterShape
    let addresses: AddressPlan
    /// What pods are told at a start, and how machines stand: read by the data plane without waiting for this actor.
    let forwarding: ForwardingTable
    var sim: Simulation
    var store = ObjectStore()
    let render: Render
    var generator: SeededGenerator
    /// Pod → its address.
    var podAddresses: [ObjectKey: String] = [:]
    var nodeAddresses: [String: String] = [:]
    /// How a machine's end looks to its peers.
    var endings: [String: MachineEnding] = [:]
    var nextPod = 0
    var nextService = 0
    var nextLoadBalancer = 0
    /// Flags of the controller manager as the static pod manifest has them.
    var managerFlags: [String: String] = [:]
    /// Which objects have fields whose effect is left out.
    var notModelled = NotModelledLedger()
    private var hostEvents: AsyncStream<HostEvent>.Continuation
    /// What the data plane has to do, in order.
    nonisolated let events: AsyncStream<HostEvent>
    private let began: ContinuousClock.Instant
    private var timer: Task<Void, Never>?

    /// How long the cluster has run before anyone looks: everything that its bootstrap makes is Ready by then.
    private static let head = Duration.seconds(120)

    package init(_ shape: ClusterShape, addresses: AddressPlan, seed: UInt64) {
        self.shape = shape
        self.addresses = addresses
        sim = Simulation(timings: shape.timings, seed: seed)
        generator = SeededGenerator(seed: seed ^ 0x5EED)
        render = Render(epoch: SystemClock.unix - Self.head.inNanoseconds, addresses: addresses)
        forwarding = ForwardingTable()
        began = ContinuousClock.now
        (events, hostEvents) = AsyncStream<HostEvent>.makeStream()
    }

    deinit { timer?.cancel() }

    // MARK: - Time

    var simNow: SimInstant { SimInstant.start + Self.head + (ContinuousClock.now - began) }

    /// Unix seconds, for ages.
    var wallSeconds: Int64 { (render.epoch + simNow.nanoseconds) / 1_000_000_000 }

    /// Makes the cluster's first objects and begins to run.
    package func start() {
        bootstrap()
        sim.advance(to: .start + (Self.head - .seconds(30)))
        publishChanges()
        settle()
    }

    /// Lets the model catch up, publishes what happened, and sleeps until the next thing is due.
    func settle() {
        sim.advance(to: simNow)
        publishChanges()
        timer?.cancel()
        guard let next = sim.nextEvent else { return }
        let delay = next - simNow
        timer = Task { [weak self] in
            if delay > .zero { try? await Task.sleep(for: delay, tolerance: .zero) }
            guard !Task.isCancelled else { return }
            await self?.settle()
        }
    }

    /// Changes the model at the present moment.
    @discardableResult
    func withModel<Result>(_ body: (inout Simulation) throws -> Result) rethrows -> Result {
        sim.advance(to: simNow)
        publishChanges()
        let result = try body(&sim)
        settle()
        return result
    }

    /// Stops virtual time, ends every watch and the stream of events for the host.
    package func stop() {
        timer?.cancel()
        store.endAllWatches()
        hostEvents.finish()
    }

    func tell(_ event: HostEvent) { hostEvents.yield(event) }

    // MARK: - From the model to objects

    private func publishChanges() {
        for change in sim.takeChanges() { publish(change) }
    }

    private func publish(_ change: Change) {
        switch change {
        case .node(let node): publish(node)
        case .nodeRemoved(let name):
            store.remove(.nodes, ObjectKey("", name))
            tell(.nodeRemoved(name))
        case .machine(let node):
            forwarding.setMachine(node, ending: endings[node.name] ?? .silent)
            tell(.machine(node, endings[node.name] ?? .silent))
        case .pod(let pod): publish(pod)
        case .podRemoved(let pod):
            store.remove(.pods, pod.key)
            podAddresses[pod.key] = nil
            finishNamespaces()
        case .deployment(let deployment):
            update(.deployments, deployment.key) { render.deployment(deployment, into: $0) }
        case .replicaSet(let set): publish(set)
        case .replicaSetRemoved(let set): store.remove(.replicaSets, set.key)
        case .daemonSet(let set): update(.daemonSets, set.key) { render.daemonSet(set, into: $0) }
        case .service(let service): publish(service)
        case .budget(let budget): update(.budgets, budget.key) { render.budget(budget, into: $0) }
        case .started(let pod): startPod(pod)
        case .signalled(let pod): tell(.signalled(pod.key))
        case .ended(let pod): tell(.ended(pod.key, node: pod.node ?? ""))
        case .notice(let notice): record(notice)
        }
    }

    private func update(_ kind: ResourceKind, _ key: ObjectKey, _ body: (JSONValue) -> JSONValue) {
        guard let present = store[kind, key] else { return }
        store.commit(kind, key, body(present))
    }

    private func publish(_ node: Node) {
        forwarding.setNodeAddress(node.name, nodeAddresses[node.name] ?? "")
        update(.nodes, ObjectKey("", node.name)) { render.node(node, into: $0) }
    }

    private func publish(_ pod: Pod) {
        let base = store[.pods, pod.key] ?? podObject(pod)
        if pod.started != nil, podAddresses[pod.key] == nil {
            podAddresses[pod.key] = addresses.pod(nextPod)
            nextPod += 1
        }
        store.commit(
            .pods, pod.key,
            render.pod(
                pod, into: base, hostAddress: pod.node.flatMap { nodeAddresses[$0] }, address: podAddresses[pod.key]))
    }

    private func startPod(_ pod: Pod) {
        if podAddresses[pod.key] == nil {
            podAddresses[pod.key] = addresses.pod(nextPod)
            nextPod += 1
        }
        guard let object = store[.pods, pod.key], let address = podAddresses[pod.key], let node = pod.node else {
            return
        }
        tell(.started(pod.key, object, node: node, address: address))
    }

    private func publish(_ service: Service) {
        guard let object = store[.services, service.key] else { return }
        let endpoints = service.endpoints.map { endpoint in
            ForwardingTable.Target(
                pod: endpoint.pod.name, node: endpoint.node, address: podAddresses[endpoint.pod] ?? "",
                serving: endpoint.serving, terminating: endpoint.terminating)
        }
        forwarding.setEndpoints(service.key, endpoints)
        tell(.endpoints(service.key))
        publishSlice(service, of: object, endpoints)
    }

    private func record(_ notice: Notice) {
        let kind: ResourceKind =
            switch notice.kind {
            case .node: .nodes
            case .pod: .pods
            case .deployment: .deployments
            case .replicaSet: .replicaSets
            case .daemonSet: .daemonSets
            }
        let object = store[kind, notice.key]
        let namespace = notice.key.namespace.isEmpty ? "default" : notice.key.namespace
        let name = "\(notice.key.name).\(hex(16))"
        let stamp = render.stamp(sim.now)
        store.commit(
            .events, ObjectKey(namespace, name),
            [
                "metadata": metadata(name: name, namespace: namespace),
                "involvedObject": [
                    "kind": .string(notice.kind.rawValue), "name": .string(notice.key.name),
                    "namespace": .string(notice.key.namespace), "uid": .string(object?.uid ?? notice.key.name),
                    "apiVersion": .string(kind.apiVersion),
                ],
                "reason": .string(notice.reason), "message": .string(notice.message),
                "type": notice.isWarning ? "Warning" : "Normal",
                "source": ["component": .string(notice.source)], "firstTimestamp": stamp, "lastTimestamp": stamp,
                "count": 1, "reportingComponent": .string(notice.source),
            ])
        trimEvents()
    }

    private func trimEvents() {
        let keys = store.keys(of: .events)
        // A real API server drops them after an hour; here a cluster may see a node die each half minute.
        guard keys.count > 400 else { return }
        let oldest = keys.sorted { version(of: $0) < version(of: $1) }.prefix(100)
        for key in oldest { store.remove(.events, key) }
    }

    private func version(of event: ObjectKey) -> Int { Int(store[.events, event]?.resourceVersion ?? "") ?? 0 }
}

/// What the data plane has to do.
enum HostEvent: Sendable {
    case started(ObjectKey, JSONValue, node: String, address: String)
    case signalled(ObjectKey)
    case ended(ObjectKey, node: String)
    case machine(Node, MachineEnding)
    case nodeAdded(String, address: String)
    case nodeRemoved(String)
    case service(JSONValue)
    case serviceRemoved(ObjectKey)
    case endpoints(ObjectKey)
}

/// How a dead machine's open connections look to their peers.
package enum MachineEnding: String, Sendable {
    /// As a power cut: nothing at all.
    case silent
    /// Processes die before their network does: a FIN.
    case fin
}
