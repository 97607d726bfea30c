import QuakeBase

/// A cluster in virtual time: nodes, workloads and the controllers that act on them.
///
/// Deterministic: the same seed and the same inputs at the same moments give the same changes. Nothing happens by
/// itself: the owner advances the time and takes the ``changes``. Work that recurs without changing anything, such as a
/// healthy node's lease renewals, costs no events: it is computed when something asks.
package struct Simulation: Sendable {
    package internal(set) var now: SimInstant = .start
    package internal(set) var timings: Timings
    package internal(set) var nodes: [String: Node] = [:]
    package internal(set) var pods: [ObjectKey: Pod] = [:]
    package internal(set) var deployments: [ObjectKey: Deployment] = [:]
    package internal(set) var replicaSets: [ObjectKey: ReplicaSet] = [:]
    package internal(set) var daemonSets: [ObjectKey: DaemonSet] = [:]
    package internal(set) var services: [ObjectKey: Service] = [:]
    package internal(set) var budgets: [ObjectKey: Budget] = [:]
    /// Whether a controller manager leads; without one no controller acts.
    package internal(set) var managerLeads = true

    /// When the leading controller manager began: the node monitor's passes are at `managerBegan` + k × period.
    var managerBegan: SimInstant = .start
    var managerEpoch = 0
    var generator: SeededGenerator
    var queue = EventQueue<Event>()
    var emitted: [Change] = []
    /// Controllers' work that is queued already.
    var pendingSyncs: Set<Sync> = []
    /// Zone → when the eviction limiter lets the next node through.
    var evictionAllowed: [String: SimInstant] = [:]
    /// Deployment → when its progress is looked at next.
    var progressWatch: [ObjectKey: SimInstant] = [:]
    /// Pods that found no node.
    var waiting: Set<ObjectKey> = []
    /// Namespace → its labels.
    package var namespaceLabels: [String: [String: String]] = [:]
    /// Node → its pods.
    var podsByNode: [String: Set<ObjectKey>] = [:]

    package init(timings: Timings, seed: UInt64) {
        self.timings = timings
        generator = SeededGenerator(seed: seed)
    }

    /// What one step of virtual time does.
    enum Event: Sendable {
        case sync(Sync)
        case schedule(ObjectKey)
        case podStarted(ObjectKey, epoch: Int)
        case podReady(ObjectKey, epoch: Int)
        case podAvailable(ObjectKey, epoch: Int)
        case podSignal(ObjectKey, epoch: Int)
        case podKill(ObjectKey, epoch: Int)
        case podEnded(ObjectKey, epoch: Int, failed: Bool)
        case podDead(ObjectKey, epoch: Int, removal: Duration)
        case podRemoved(ObjectKey, epoch: Int)
        case tolerationOver(ObjectKey, node: String, epoch: Int)
        case node(String, epoch: Int, NodeEvent)
        case managerLeads(epoch: Int)
    }

    enum NodeEvent: Sendable {
        case detect, podsNotReady, noScheduleTaint, noExecuteTaint
        case recover, proxyForwards, clearNoSchedule, clearNoExecute
    }

    /// Work of a controller: at most one of a kind is queued.
    enum Sync: Hashable, Sendable {
        case deployment(ObjectKey)
        case replicaSet(ObjectKey)
        case daemonSet(ObjectKey)
        case service(ObjectKey)
        case budget(ObjectKey)
        case cordonTaint(String)
    }

    // MARK: - Time

    /// When something will happen by itself; `nil` if nothing is due.
    package var nextEvent: SimInstant? { queue.nextTime }

    /// Lets everything happen that is due until `moment`, then stands there. Never goes back.
    package mutating func advance(to moment: SimInstant) {
        while let (at, event) = queue.pop(by: moment) {
            now = max(now, at)
            handle(event)
        }
        now = max(now, moment)
    }

    /// What happened since it was last taken.
    package mutating func takeChanges() -> [Change] {
        defer { emitted.removeAll(keepingCapacity: true) }
        return emitted
    }

    mutating func emit(_ change: Change) { emitted.append(change) }

    mutating func after(_ delay: Duration, _ event: Event) { queue.add(event, at: now + delay) }

    mutating func later(_ sync: Sync, _ delay: Duration? = nil) {
        guard pendingSyncs.insert(sync).inserted else { return }
        after(delay ?? timings.controllerSync, .sync(sync))
    }

    private mutating func handle(_ event: Event) {
        switch event {
        case .sync(let sync): handle(sync)
        case .schedule(let key): schedule(key)
        case .podStarted(let key, let epoch): ifCurrent(key, epoch) { $0.podStarted(key) }
        case .podReady(let key, let epoch): ifCurrent(key, epoch) { $0.setReady(key, true) }
        case .podAvailable(let key, let epoch):
            ifCurrent(key, epoch) { model in model.pods[key].map { model.podTouched($0) } }
        case .podSignal(let key, let epoch): ifCurrent(key, epoch) { $0.signal(key) }
        case .podKill(let key, let epoch): ifCurrent(key, epoch) { $0.containersEnded(key, failed: true) }
        case .podEnded(let key, let epoch, let failed):
            ifCurrent(key, epoch) { $0.containersEnded(key, failed: failed) }
        case .podDead(let key, let epoch, let removal):
            ifCurrent(key, epoch) { $0.reportDeath(key, removal: removal) }
        case .podRemoved(let key, let epoch): ifCurrent(key, epoch) { $0.remove(key) }
        case .tolerationOver(let key, let node, let epoch): tolerationOver(key, node: node, epoch: epoch)
        case .node(let name, let epoch, let event):
            guard nodes[name]?.epoch == epoch else { return }
            handle(event, of: name)
        case .managerLeads(let epoch):
            guard managerEpoch == epoch else { return }
            beginLeading()
        }
    }

    private mutating func ifCurrent(_ key: ObjectKey, _ epoch: Int, _ body: (inout Simulation) -> Void) {
        guard pods[key]?.epoch == epoch else { return }
        body(&self)
    }

    private mutating func handle(_ sync: Sync) {
        pendingSyncs.remove(sync)
        // A new leader looks at everything.
        guard managerLeads else { return }
        switch sync {
        case .deployment(let key): syncDeployment(key)
        case .replicaSet(let key): syncReplicaSet(key)
        case .daemonSet(let key): syncDaemonSet(key)
        case .service(let key): syncService(key)
        case .budget(let key): syncBudget(key)
        case .cordonTaint(let name): syncCordonTaint(name)
        }
    }

    // MARK: - The controller manager

    /// Its process ends and another, perhaps with other flags, leads after ``Timings/controllerManagerRestart``.
    package mutating func restartControllerManager(gracePeriod: Duration? = nil, monitorPeriod: Duration? = nil) {
        if let gracePeriod { timings.gracePeriod = gracePeriod }
        if let monitorPeriod { timings.monitorPeriod = monitorPeriod }
        managerLeads = false
        managerEpoch += 1
        after(timings.controllerManagerRestart, .managerLeads(epoch: managerEpoch))
    }

    private mutating func beginLeading() {
        managerLeads = true
        managerBegan = now
        evictionAllowed = [:]
        for name in nodes.keys.sorted() {
            later(.cordonTaint(name))
            resumeWatch(over: name)
        }
        for key in deployments.keys.sorted() { later(.deployment(key)) }
        for key in replicaSets.keys.sorted() { later(.replicaSet(key)) }
        for key in daemonSets.keys.sorted() { later(.daemonSet(key)) }
        for key in services.keys.sorted() { later(.service(key), timings.endpointSync) }
        for key in budgets.keys.sorted() { later(.budget(key)) }
    }
}
