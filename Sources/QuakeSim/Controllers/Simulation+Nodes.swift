import QuakeBase

extension Simulation {
    /// Something done to a machine.
    package enum MachineAction: Sendable, Hashable {
        /// Everything on it ends at once.
        case turnOff
        case turnOn
        case pause
        case unpause
        case disconnect
        case connect
        case stopKubelet
        case startKubelet
    }

    /// Registers a Ready node. Its lease's rhythm has a seeded phase.
    package mutating func addNode(
        _ name: String, labels: [String: String], taints: [Taint] = [], unschedulable: Bool = false
    ) {
        let interval = timings.renewInterval.inNanoseconds
        let phase = Int64.random(in: 0..<max(1, interval), using: &generator)
        nodes[name] = Node(
            name: name, labels: labels, unschedulable: unschedulable, taints: taints, at: now,
            rhythm: SimInstant(nanoseconds: now.nanoseconds - phase))
        nodeChanged(name)
        nodesChanged()
        scheduleDetection(of: name)
    }

    /// Deletes the Node object; its pods are collected at once.
    package mutating func removeNode(_ name: String) {
        guard nodes.removeValue(forKey: name) != nil else { return }
        for key in (podsByNode[name] ?? []).sorted() { remove(key) }
        emit(.nodeRemoved(name))
        nodesChanged()
    }

    /// What a writer of the Node object may change.
    package mutating func updateNode(
        _ name: String, labels: [String: String]? = nil, taints: [Taint]? = nil, unschedulable: Bool? = nil
    ) {
        guard let before = nodes[name] else { return }
        if let labels { nodes[name]?.labels = labels }
        if let taints { nodes[name]?.taints = taints }
        if let unschedulable { nodes[name]?.unschedulable = unschedulable }
        guard nodes[name] != before else { return }
        nodeChanged(name)
        if before.unschedulable != nodes[name]?.unschedulable { later(.cordonTaint(name), timings.cordonTaint) }
        if before.taints != nodes[name]?.taints { reconcileEvictions(of: name) }
        nodesChanged()
    }

    mutating func nodeChanged(_ name: String) {
        if let node = nodes[name] { emit(.node(node)) }
    }

    /// Somewhere a pod may fit now, or a DaemonSet may want one.
    mutating func nodesChanged() {
        for key in daemonSets.keys.sorted() { later(.daemonSet(key)) }
        rescheduleWaiting()
    }

    mutating func syncCordonTaint(_ name: String) {
        guard var node = nodes[name] else { return }
        let taint = Taint(Taint.unschedulableKey, .noSchedule, added: now)
        let has = node.taints.contains { $0.isSame(as: taint) }
        guard has != node.unschedulable else { return }
        if has { node.taints.removeAll { $0.isSame(as: taint) } } else { node.taints.append(taint) }
        nodes[name] = node
        nodeChanged(name)
        nodesChanged()
    }

    // MARK: - Machines

    /// Does something to a machine, now. Doing what is done already changes nothing.
    package mutating func act(on name: String, _ action: MachineAction) {
        guard var node = nodes[name] else { return }
        let before = node.machine
        let wasDown = !before.isOn
        apply(action, to: &node.machine)
        guard node.machine != before else { return }
        if before.kubeletReports, !node.machine.kubeletReports {
            node.lastRenewal = node.renewal(at: now, every: timings.renewInterval)
        }
        node.epoch += 1
        nodes[name] = node
        emit(.machine(node))
        if action == .turnOff { endContainers(on: name) }
        guard node.machine.kubeletReports else {
            if node.lastRenewal != nil { scheduleDetection(of: name) }
            return
        }
        after(recoveryDelay(node, after: action), .node(name, epoch: node.epoch, .recover))
        if wasDown { after(timings.proxyBoot, .node(name, epoch: node.epoch, .proxyForwards)) }
    }

    private func apply(_ action: MachineAction, to machine: inout Node.Machine) {
        switch action {
        case .turnOff:
            machine.isOn = false
            machine.isPaused = false
            machine.proxyForwards = false
        case .turnOn:
            // A start brings back everything that its boot brings up.
            machine.isOn = true
            machine.isPaused = false
            machine.isConnected = true
            machine.kubeletRuns = true
        case .pause: machine.isPaused = machine.isOn
        case .unpause: machine.isPaused = false
        case .disconnect: machine.isConnected = false
        case .connect: machine.isConnected = true
        case .stopKubelet: machine.kubeletRuns = false
        case .startKubelet: machine.kubeletRuns = true
        }
    }

    private func recoveryDelay(_ node: Node, after action: MachineAction) -> Duration {
        switch action {
        case .turnOn, .startKubelet: return timings.nodeBoot
        case .unpause: return .milliseconds(100)
        default:
            // Connected again, the kubelet renews at its next beat.
            let interval = timings.renewInterval.inNanoseconds
            let since = (now - node.rhythm).inNanoseconds % max(1, interval)
            return .nanoseconds(interval - since)
        }
    }

    private mutating func endContainers(on name: String) {
        for key in (podsByNode[name] ?? []).sorted() {
            guard pods[key]?.containersRun == true else { continue }
            pods[key]?.containersRun = false
            // Whatever was to happen in its containers will not.
            pods[key]?.epoch += 1
            if let pod = pods[key] { emit(.ended(pod)) }
        }
    }

    // MARK: - The node monitor

    /// When the monitor gives a node up, as things are now; `nil`: never.
    ///
    /// It sees a renewal at its first pass after it; ⌈grace / period⌉ passes later it gives the node up, unless that pass
    /// sees another renewal. So a grace period below the renewal of leases makes healthy nodes flap.
    func detection(of node: Node) -> SimInstant? {
        let grace = timings.gracePeriod.roundedUp(to: timings.monitorPeriod)
        if let lastRenewal = node.lastRenewal { return pass(after: lastRenewal) + grace }
        let interval = timings.renewInterval
        guard grace < interval.roundedUp(to: timings.monitorPeriod) else { return nil }
        var renewal = node.renewal(at: now, every: interval)
        // Where the interval is no multiple of the period, not every gap between two passes that see one is as long.
        for _ in 0..<1_000 {
            let givingUp = pass(after: renewal) + grace
            renewal = renewal + interval
            if givingUp < pass(after: renewal) { return givingUp }
        }
        return nil
    }

    /// The monitor's first pass after a renewal.
    private func pass(after renewal: SimInstant) -> SimInstant {
        guard renewal > managerBegan else { return managerBegan }
        return managerBegan + (renewal - managerBegan).roundedUp(to: timings.monitorPeriod)
    }

    mutating func scheduleDetection(of name: String) {
        guard managerLeads, let node = nodes[name], node.readiness == .ready, let at = detection(of: node) else {
            return
        }
        queue.add(.node(name, epoch: node.epoch, .detect), at: max(at, now))
    }

    /// A new leader has no memory of renewals, but finishes what the last one began.
    mutating func resumeWatch(over name: String) {
        guard let node = nodes[name] else { return }
        if node.readiness == .ready {
            scheduleDetection(of: name)
        } else if node.lastRenewal != nil {
            // It stamps the taint anew.
            nodes[name]?.taints.removeAll { $0.key == Taint.unreachableKey && $0.effect == .noExecute }
            nodes[name]?.epoch += 1
            let epoch = nodes[name]?.epoch ?? 0
            after(timings.noScheduleTaint, .node(name, epoch: epoch, .noScheduleTaint))
            after(timings.podsNotReady, .node(name, epoch: epoch, .podsNotReady))
            after(timings.noExecuteTaint, .node(name, epoch: epoch, .noExecuteTaint))
        }
    }

    mutating func handle(_ event: NodeEvent, of name: String) {
        switch event {
        case .detect: detect(name)
        case .podsNotReady: markPodsNotReady(on: name)
        case .noScheduleTaint: addUnreachableTaint(name, .noSchedule)
        case .noExecuteTaint: limitedNoExecuteTaint(name)
        case .recover: recover(name)
        case .proxyForwards:
            nodes[name]?.machine.proxyForwards = true
            if let node = nodes[name] { emit(.machine(node)) }
        case .clearNoSchedule: clearLifecycleTaint(name, .noSchedule)
        case .clearNoExecute: clearLifecycleTaint(name, .noExecute)
        }
    }

    private mutating func detect(_ name: String) {
        guard managerLeads, var node = nodes[name], node.readiness == .ready else { return }
        // A leader that has gone may have been less patient.
        guard let due = detection(of: node), due <= now else { return }
        node.readiness = .unknown
        node.transition = now
        nodes[name] = node
        nodeChanged(name)
        emit(
            .notice(
                Notice(
                    .node, ObjectKey("", name), "NodeNotReady", "Node \(name) status is now: NodeNotReady",
                    source: "node-controller")))
        after(timings.noScheduleTaint, .node(name, epoch: node.epoch, .noScheduleTaint))
        after(timings.podsNotReady, .node(name, epoch: node.epoch, .podsNotReady))
        after(timings.noExecuteTaint, .node(name, epoch: node.epoch, .noExecuteTaint))
        guard node.lastRenewal == nil else { return }
        // A kubelet that runs says that it is Ready at its next beat.
        let beat = node.renewal(at: now, every: timings.renewInterval) + timings.renewInterval
        queue.add(.node(name, epoch: node.epoch, .recover), at: beat)
    }

    private mutating func markPodsNotReady(on name: String) {
        guard managerLeads, nodes[name]?.readiness != .ready else { return }
        for key in (podsByNode[name] ?? []).sorted() { setReady(key, false) }
    }

    private mutating func addUnreachableTaint(_ name: String, _ effect: Taint.Effect) {
        guard managerLeads, var node = nodes[name], node.readiness != .ready else { return }
        let taint = Taint(Taint.unreachableKey, effect, added: now)
        guard !node.taints.contains(where: { $0.isSame(as: taint) }) else { return }
        node.taints.append(taint)
        nodes[name] = node
        nodeChanged(name)
        reconcileEvictions(of: name)
    }

    /// Taints with NoExecute at the rate that the zone's state allows: 0.1/s; where at least 55 % and more than two
    /// nodes of it are away 0.01/s, or none at all in a zone of up to 50; none while all zones are away.
    private mutating func limitedNoExecuteTaint(_ name: String) {
        guard managerLeads, let node = nodes[name], node.readiness != .ready else { return }
        guard let interval = evictionInterval(zone: node.zone) else {
            after(timings.monitorPeriod, .node(name, epoch: node.epoch, .noExecuteTaint))
            return
        }
        let allowed = evictionAllowed[node.zone] ?? now
        guard allowed <= now else {
            queue.add(.node(name, epoch: node.epoch, .noExecuteTaint), at: allowed)
            return
        }
        evictionAllowed[node.zone] = now + interval
        addUnreachableTaint(name, .noExecute)
    }

    /// Time between two nodes' evictions in a zone; `nil` where none may be.
    func evictionInterval(zone: String) -> Duration? {
        let zones = Dictionary(grouping: nodes.values, by: \.zone)
        let allAway = zones.values.allSatisfy { $0.allSatisfy { $0.readiness != .ready } }
        if allAway { return nil }
        let members = zones[zone] ?? []
        let away = members.count { $0.readiness != .ready }
        guard away < members.count, away > 2, away * 100 >= members.count * 55 else { return .seconds(10) }
        return members.count > 50 ? .seconds(100) : nil
    }

    /// Evicts what does not tolerate the node's NoExecute taints, at once or when its toleration is over.
    mutating func reconcileEvictions(of name: String) {
        guard managerLeads, let node = nodes[name] else { return }
        let outOfService = node.taints.contains { $0.key == Taint.outOfServiceKey }
        let taints = node.taints.filter { $0.effect == .noExecute }
        guard !taints.isEmpty else { return }
        for key in (podsByNode[name] ?? []).sorted() {
            guard let pod = pods[key] else { continue }
            if outOfService, node.readiness != .ready, pod.isTerminating {
                remove(key)
                continue
            }
            guard let delay = Self.tolerated(pod.template, taints) else { continue }
            after(delay, .tolerationOver(key, node: name, epoch: node.epoch))
        }
    }

    /// How long a pod may stay under these taints; `nil` for ever.
    private static func tolerated(_ template: PodTemplate, _ taints: [Taint]) -> Duration? {
        var least: Duration?
        for taint in taints {
            let tolerations = template.tolerations.filter { $0.tolerates(taint) }
            if tolerations.isEmpty { return .zero }
            let limits = tolerations.compactMap { $0.seconds.map { Duration.seconds(max(0, $0)) } }
            if let limit = limits.min() { least = min(least ?? limit, limit) }
        }
        return least
    }

    mutating func tolerationOver(_ key: ObjectKey, node name: String, epoch: Int) {
        guard managerLeads, let node = nodes[name], node.epoch == epoch, let pod = pods[key], pod.node == name,
            !pod.isTerminating, node.taints.contains(where: { isOver($0, pod) })
        else { return }
        emit(
            .notice(
                Notice(
                    .pod, key, "TaintManagerEviction", "Marking for deletion Pod \(key)",
                    source: "taint-eviction-controller")))
        pods[key]?.disruption = "DeletionByTaintManager"
        if let marked = pods[key] { emit(.pod(marked)) }
        beginDeletion(key)
    }

    /// Whether a pod has tolerated a taint for as long as it does; the taint may have come off and on again since.
    private func isOver(_ taint: Taint, _ pod: Pod) -> Bool {
        guard taint.effect == .noExecute, let delay = Self.tolerated(pod.template, [taint]) else { return false }
        return (taint.added ?? .start) + delay <= now
    }

    // MARK: - Coming back

    private mutating func recover(_ name: String) {
        guard var node = nodes[name], node.machine.kubeletReports else { return }
        node.lastRenewal = nil
        node.rhythm = now
        let wasReady = node.readiness == .ready
        node.readiness = .ready
        if !wasReady { node.transition = now }
        nodes[name] = node
        if !wasReady {
            nodeChanged(name)
            emit(
                .notice(
                    Notice(
                        .node, ObjectKey("", name), "NodeReady", "Node \(name) status is now: NodeReady",
                        source: "kubelet")))
        }
        after(timings.noScheduleRemoval, .node(name, epoch: node.epoch, .clearNoSchedule))
        after(timings.noExecuteRemoval, .node(name, epoch: node.epoch, .clearNoExecute))
        for key in (podsByNode[name] ?? []).sorted() { resume(key) }
        rescheduleWaiting()
        scheduleDetection(of: name)
    }

    private mutating func clearLifecycleTaint(_ name: String, _ effect: Taint.Effect) {
        guard var node = nodes[name], node.readiness == .ready else { return }
        guard managerLeads else {
            // Whoever leads next does it.
            after(
                .seconds(1), .node(name, epoch: node.epoch, effect == .noSchedule ? .clearNoSchedule : .clearNoExecute))
            return
        }
        let keys = [Taint.unreachableKey, Taint.notReadyKey]
        let kept = node.taints.filter { !(keys.contains($0.key) && $0.effect == effect) }
        guard kept != node.taints else { return }
        node.taints = kept
        nodes[name] = node
        nodeChanged(name)
        nodesChanged()
    }
}
