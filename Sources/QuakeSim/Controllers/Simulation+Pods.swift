/// Kubelets: a pod's way from its binding to its removal.
extension Simulation {
    /// Adds a pod that nobody's controller made.
    package mutating func createPod(_ key: ObjectKey, template: PodTemplate, node: String? = nil) {
        var pod = Pod(key: key, template: template, created: now)
        pod.pinnedTo = node
        pod.isAssigned = node != nil
        add(pod)
    }

    /// What may change of a pod that is there: its labels, its tolerations, its scheduling gates.
    package mutating func updatePod(_ key: ObjectKey, template: PodTemplate) {
        guard let before = pods[key] else { return }
        pods[key]?.template.labels = template.labels
        pods[key]?.template.tolerations = Self.withDefaultSeconds(template.tolerations)
        pods[key]?.template.placement = template.placement
        guard let pod = pods[key], pod != before else { return }
        podTouched(before)
        podTouched(pod)
        if pod.node == nil { after(timings.scheduling, .schedule(key)) }
    }

    mutating func add(_ new: Pod) {
        var pod = new
        pod.template.tolerations = Self.withDefaultSeconds(pod.template.tolerations)
        pods[pod.key] = pod
        emit(.pod(pod))
        after(timings.scheduling, .schedule(pod.key))
    }

    /// The DefaultTolerationSeconds admission: five minutes on a node that is not ready or unreachable.
    private static func withDefaultSeconds(_ tolerations: [Toleration]) -> [Toleration] {
        let missing = [Taint.notReadyKey, Taint.unreachableKey].filter { key in
            !tolerations.contains { ($0.key.isEmpty || $0.key == key) && ($0.effect ?? .noExecute) == .noExecute }
        }
        return tolerations + missing.map { Toleration($0, effect: .noExecute, seconds: 300) }
    }

    mutating func podChanged(_ key: ObjectKey) {
        guard let pod = pods[key] else { return }
        emit(.pod(pod))
        podTouched(pod)
    }

    /// Whoever looks at this pod has work to do.
    mutating func podTouched(_ pod: Pod) {
        for (key, service) in services
        where key.namespace == pod.key.namespace && !service.selector.isEmpty
            && LabelSelector(matchLabels: service.selector).matches(pod.template.labels)
        {
            later(.service(key), timings.endpointSync)
        }
        for (key, budget) in budgets
        where key.namespace == pod.key.namespace && budget.selector.matches(pod.template.labels) {
            later(.budget(key), timings.budgetSync)
        }
        switch pod.owner?.kind {
        case .replicaSet: later(.replicaSet(ObjectKey(pod.key.namespace, pod.owner?.name ?? "")))
        case .daemonSet: later(.daemonSet(ObjectKey(pod.key.namespace, pod.owner?.name ?? "")))
        case nil: break
        }
    }

    /// Binds a pod; its kubelet starts it as soon as it can.
    mutating func bind(_ key: ObjectKey, to node: String) {
        pods[key]?.node = node
        pods[key]?.scheduled = now
        pods[key]?.unschedulableReason = nil
        waiting.remove(key)
        podsByNode[node, default: []].insert(key)
        podChanged(key)
        emit(
            .notice(
                Notice(
                    .pod, key, "Scheduled", "Successfully assigned \(key) to \(node)", source: "default-scheduler")))
        if nodes[node]?.machine.kubeletReports == true { startContainers(key) }
        reschedule { $0.template.placement.looksAtPods }
    }

    private mutating func startContainers(_ key: ObjectKey) {
        guard let pod = pods[key] else { return }
        after(timings.podStart, .podStarted(key, epoch: pod.epoch))
    }

    mutating func podStarted(_ key: ObjectKey) {
        guard var pod = pods[key], !pod.isTerminating, !pod.isFinished, let node = pod.node,
            nodes[node]?.machine.kubeletReports == true
        else { return }
        if pod.started != nil { pod.restarts += 1 }
        pod.phase = .running
        pod.started = now
        pod.containersRun = true
        pods[key] = pod
        emit(.started(pod))
        podChanged(key)
        emit(.notice(Notice(.pod, key, "Started", "Started containers", source: "kubelet")))
        after(timings.firstReadiness, .podReady(key, epoch: pod.epoch))
    }

    mutating func setReady(_ key: ObjectKey, _ ready: Bool) {
        guard let pod = pods[key], pod.ready != ready else { return }
        if ready, !pod.containersRun || pod.isFinished { return }
        pods[key]?.ready = ready
        pods[key]?.readyTransition = now
        podChanged(key)
        if ready, let wait = minReady(of: pod), wait > .zero { after(wait, .podAvailable(key, epoch: pod.epoch)) }
    }

    /// A writer of the pod's status says whether it is ready.
    package mutating func reportReadiness(_ key: ObjectKey, _ ready: Bool) { setReady(key, ready) }

    /// How long its controller wants it ready before it counts as available.
    func minReady(of pod: Pod) -> Duration? {
        let owner = ObjectKey(pod.key.namespace, pod.owner?.name ?? "")
        switch pod.owner?.kind {
        case .replicaSet: return replicaSets[owner]?.minReady
        case .daemonSet: return daemonSets[owner]?.minReady
        case nil: return nil
        }
    }

    /// Ready for as long as its controller asks for.
    func isAvailable(_ pod: Pod) -> Bool {
        pod.isActive && pod.ready && now - pod.readyTransition >= minReady(of: pod) ?? .zero
    }

    // MARK: - Deletion

    /// Deletes a pod as a client asks for it; `nil` leaves it its own grace period, zero removes it at once.
    package mutating func deletePod(_ key: ObjectKey, grace: Duration? = nil) {
        beginDeletion(key, grace: grace)
    }

    mutating func beginDeletion(_ key: ObjectKey, grace: Duration? = nil) {
        guard var pod = pods[key] else { return }
        let grace = grace ?? pod.template.terminationGrace
        if pod.node == nil || pod.isFinished || grace == .zero {
            remove(key)
            return
        }
        if let running = pod.deletion, running.deadline <= now + grace { return }
        let isNew = pod.deletion == nil
        pod.deletion = Pod.Deletion(requested: now, grace: grace)
        pods[key] = pod
        podChanged(key)
        // Terminating pods no longer count for a spread.
        reschedule { !$0.template.placement.spread.isEmpty }
        if let node = pod.node, nodes[node]?.machine.kubeletReports == true {
            if isNew { beginTermination(key) }
            after(grace, .podKill(key, epoch: pods[key]?.epoch ?? 0))
        }
    }

    /// The kubelet has seen the deletion.
    private mutating func beginTermination(_ key: ObjectKey) {
        guard let pod = pods[key] else { return }
        emit(.notice(Notice(.pod, key, "Killing", "Stopping containers", source: "kubelet")))
        guard pod.containersRun else {
            containersEnded(key, failed: false)
            return
        }
        after(pod.template.preStop, .podSignal(key, epoch: pod.epoch))
    }

    mutating func signal(_ key: ObjectKey) {
        guard let pod = pods[key], pod.isTerminating, let node = pod.node,
            nodes[node]?.machine.kubeletReports == true
        else { return }
        emit(.signalled(pod))
        if pod.template.exit == .modelled {
            after(timings.inertExit, .podEnded(key, epoch: pod.epoch, failed: false))
        }
    }

    /// The containers of a pod that was signalled have ended by themselves.
    package mutating func containersEnded(_ key: ObjectKey) { containersEnded(key, failed: false) }

    mutating func containersEnded(_ key: ObjectKey, failed: Bool) {
        guard var pod = pods[key], !pod.isFinished, pod.isTerminating else { return }
        if let node = pod.node, nodes[node]?.machine.kubeletReports == false { return }
        let ran = pod.containersRun
        pod.containersRun = false
        pod.epoch += 1
        pods[key] = pod
        if ran { emit(.ended(pod)) }
        after(timings.containerDeath, .podDead(key, epoch: pod.epoch, removal: timings.podRemoval))
    }

    mutating func reportDeath(_ key: ObjectKey, removal: Duration) {
        guard let pod = pods[key], let node = pod.node, nodes[node]?.machine.kubeletReports == true else { return }
        pods[key]?.phase = .succeeded
        if pod.ready {
            pods[key]?.ready = false
            pods[key]?.readyTransition = now
        }
        podChanged(key)
        after(removal, .podRemoved(key, epoch: pod.epoch))
    }

    /// The object goes; so does whatever still runs of it on a living machine.
    mutating func remove(_ key: ObjectKey) {
        guard let pod = pods.removeValue(forKey: key) else { return }
        waiting.remove(key)
        if let node = pod.node { podsByNode[node]?.remove(key) }
        if pod.containersRun { emit(.ended(pod)) }
        emit(.podRemoved(pod))
        podTouched(pod)
        rescheduleWaiting()
    }

    // MARK: - A kubelet that came back

    /// What a kubelet that reports again does with one of its pods.
    mutating func resume(_ key: ObjectKey) {
        guard let pod = pods[key] else { return }
        if pod.isTerminating {
            if pod.containersRun {
                beginTermination(key)
                after(.seconds(2), .podKill(key, epoch: pod.epoch))
            } else {
                let removal = timings.bootedPodRemoval
                after(timings.afterBootRemoval - removal, .podDead(key, epoch: pod.epoch, removal: removal))
            }
        } else if pod.containersRun {
            after(timings.firstReadiness, .podReady(key, epoch: pod.epoch))
        } else if !pod.isFinished {
            if pod.ready { setReady(key, false) }
            startContainers(key)
        }
    }
}
